"""What all pages have in common: who looks, in which language and time; templates; keys of forms."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode, urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.responses import HTMLResponse, RedirectResponse, Response
from uuid_utils import uuid7

from services import PERMITS
from services.portal import formats, texts
from services.portal.client import Api
from services.portal.labels import capital
from shared.identity import Role

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence
    from datetime import date

    from starlette.requests import Request

    from services.portal.client import Services
    from services.portal.guard import Visitors
    from services.portal.sessions import Session, Sessions
    from services.portal.settings import Settings
    from services.portal.signing_in import Issuer
    from services.portal.texts import Language
    from services.portal.trouble import TroubleError
    from shared.identity import Actor

LANGUAGE_COOKIE = "language"
TIME_COOKIE = "given-time"
ACTING_COOKIE = "acting-for"
SESSION_COOKIE = "__Host-session"
ATTEMPT_COOKIE = "__Host-attempt"
HOMES = {Role.APPLICANT: "/my", Role.LAB: "/lab", Role.EXPERT: "/expert", Role.STAFF: "/office"}
HOLDERS_OF: Mapping[Role | None, Collection[str]] = {
    Role.APPLICANT: ("applicant",),
    Role.LAB: ("laboratory", "checker"),
    Role.EXPERT: ("experts",),
    Role.STAFF: ("authority",),
}
"""As limits call the sides."""
TOLD = {side: home for side, home in HOMES.items() if side is not Role.EXPERT}
"""Of these, those that have limits and notices: experts come on the days of the plan."""
PROCEDURES = {"type-approval": "type_approval", "licensing": "licensing", "c-mark": "c_mark"}
"""The services that keep cases, by the part of the portal's paths that names them."""
_KEY_BYTES = 18
_NAV: Mapping[Role | None, tuple[tuple[str, str], ...]] = {
    None: (("/", "nav.home"), ("/check", "nav.check"), ("/register", "nav.register"), ("/permits", "nav.permits")),
    Role.APPLICANT: (
        *(("/my", "nav.applicant_home"), ("/my/apply", "nav.apply"), ("/my/mandates", "nav.mandates")),
        *(("/my/calendar", "nav.calendar"), ("/my/messages", "nav.messages")),
    ),
    Role.LAB: (
        *(
            ("/lab", "nav.lab_home"),
            ("/lab/calendar", "nav.calendar"),
            ("/lab/laboratories", "nav.laboratory"),
            ("/lab/people", "nav.people"),
        ),
        *(("/lab/standards", "nav.standards"), ("/lab/devices", "nav.devices"), ("/lab/messages", "nav.messages")),
    ),
    Role.EXPERT: (
        *(("/expert", "nav.expert_home"), ("/expert/calendar", "nav.calendar"), ("/expert/messages", "nav.messages")),
    ),
    Role.STAFF: (
        ("/office", "nav.staff_home"),
        ("/office/search", "work.search"),
        ("/office/calendar", "nav.calendar"),
        *(("/office/times", "nav.figures"), ("/office/people", "nav.staff")),
        ("/office/laboratories", "nav.laboratories"),
        ("/office/experts", "nav.experts"),
        ("/office/messages", "nav.messages"),
    ),
}


_IN_PERSON = frozenset({"/my/mandates"})
"""What holders do themselves, not agents for them."""


@dataclass(frozen=True, slots=True)
class Page:
    """A page: its path, who may see it, and the function that answers. `sides` empty: anybody, signed in or not."""

    path: str
    answer: Callable[[Visit], Awaitable[Response]]
    sides: frozenset[Role] = frozenset()
    methods: tuple[str, ...] = ("GET",)
    form: str = ""
    """Where the form stands that is sent here; empty for one at this very path."""


@dataclass(frozen=True, slots=True)
class Portal:
    """What lives as long as the process."""

    settings: Settings
    services: Services
    sessions: Sessions
    issuer: Issuer
    visitors: Visitors


@dataclass(slots=True)
class Visit:
    """One request, as the functions that answer it see it."""

    portal: Portal
    request: Request
    language: Language
    session: Session | None = None
    actor: Actor | None = None
    request_id: str = field(default_factory=lambda: str(uuid7()))
    cookies: dict[str, str] = field(default_factory=dict)
    """Cookies that the answer sets."""
    trouble: TroubleError | None = None
    """Why what was sent was not done, said on top of the page."""
    way_back: str = ""
    """Where a form waits that could not be shown again."""
    nonce: str = ""
    """What the key of the next form is made of, where one that was sent before goes on; else each has its own."""

    @property
    def side(self) -> Role | None:
        return self.actor.role if self.actor else None

    @property
    def sends_as(self) -> Role | None:
        """The side whose documents the reader sends: experts assess for the office."""
        return Role.STAFF if self.side is Role.EXPERT else self.side

    def acts(self, holder: str) -> str:
        """Whose turn it is, as the reader is told: their own side is addressed. Who is asked about a permit in force
        may be another laboratory than the reader's."""
        own = holder in HOLDERS_OF.get(self.side, ()) and holder != "checker"
        return self.t(f"own.{holder}" if own else f"holder.{holder}")

    @property
    def home(self) -> str:
        return HOMES[self.side] if self.side else "/"

    @property
    def permits(self) -> tuple[str, ...]:
        """The services that have cases of the reader's."""
        if self.side is Role.LAB:
            return ("type_approval",)
        if self.side is Role.EXPERT:
            return ("licensing",)
        return PERMITS

    @property
    def acting(self) -> str:
        """The code of the holder for whom the reader acts as an agent; empty where they act for their own."""
        code, _, signature = self.request.cookies.get(ACTING_COOKIE, "").partition(".")
        # It ends with the session: whoever signs in next begins with what is their own.
        mine = self.side is Role.APPLICANT and hmac.compare_digest(signature, self._signature(code))
        return code if mine else ""

    def act_for(self, code: str) -> None:
        """From the next page on."""
        self.cookies[ACTING_COOKIE] = f"{code}.{self._signature(code)}" if code else ""

    @property
    def operates(self) -> bool:
        """Whether the reader keeps the system running."""
        return self.actor is not None and "operator" in self.actor.posts

    @property
    def nav(self) -> tuple[tuple[str, str], ...]:
        """The ways from here: paths, and the names of their texts."""
        ways = _NAV.get(self.side, _NAV[None]) + ((("/office/system", "nav.system"),) if self.operates else ())
        return tuple(way for way in ways if way[0] not in _IN_PERSON) if self.acting else ways

    def offers(self, side: str) -> bool:
        """Whether that side signs in at this door."""
        return side in self.portal.settings.face.sides

    def speak(self, sent: Mapping[str, Any]) -> None:
        """In the language that the button asks for by which a form was sent, from this page on."""
        if (asked := sent.get("_lang")) in texts.LANGUAGES:
            self.language = asked
            self.cookies[LANGUAGE_COOKIE] = asked

    @property
    def given_now(self) -> str | None:
        """The instant that the pages are shown at, where time is given."""
        if not self.portal.settings.given_time:
            return None
        return _instant(self.request.cookies.get(TIME_COOKIE, ""))

    @property
    def today(self) -> date:
        """The legal date that the pages are shown at."""
        at = datetime.fromisoformat(self.given_now) if self.given_now else now()
        return at.astimezone(formats.ZONE).date()

    @property
    def api(self) -> Api:
        return self.api_for(self.acting)

    def api_for(self, holder: str) -> Api:
        """The services, as an agent of that holder sees them; with an empty code as the reader does."""
        headers = {"Accept-Language": self.language, "X-Request-Id": self.request_id}
        if holder:
            headers["Quanheng-On-Behalf-Of"] = holder
        if self.session:
            headers["Authorization"] = f"Bearer {self.session.tokens.access}"
        if now := self.given_now:
            headers["Quanheng-Now"] = now
        return Api(self.portal.services, self.side, headers)

    def t(self, key: str, **facts: Any) -> str:
        return texts.text(key, self.language, **facts)

    @property
    def faults(self) -> Sequence[Mapping[str, str]]:
        """What is wrong with what was sent."""
        return self.trouble.faults if self.trouble else ()

    @property
    def overtaken(self) -> bool:
        """Whether what was sent was for a version that is not the newest any more."""
        return self.trouble is not None and self.trouble.code == "stale"

    def both(self, told: Mapping[str, str]) -> str:
        """Of a text in both languages the reader's."""
        return told[self.language]

    def new_key(self) -> str:
        """A key for one form: it belongs to this session, and what is sent with it is done once."""
        nonce = self.nonce or secrets.token_urlsafe(_KEY_BYTES)
        return f"{nonce}.{self._signature(nonce)}"

    def idempotency_key(self, form: Mapping[str, Any]) -> str:
        """The key of a form that was sent; empty if it is not of this session."""
        nonce, _, signature = str(form.get("_key", "")).partition(".")
        return nonce if nonce and hmac.compare_digest(signature, self._signature(nonce)) else ""

    def _signature(self, nonce: str) -> str:
        session = self.session.key if self.session else ""
        return hmac.new(self.portal.settings.session_key.raw_value, f"{session} {nonce}".encode(), sha256).hexdigest()[
            :32
        ]

    def render(self, template: str, status: int = 0, **told: Any) -> Response:
        """The page that `template` makes of what it is told."""
        own = {"visit": self, "t": self.t, "both": self.both, "lang": self.language, "key": self.new_key()}
        shown = {**own, **told}
        written = templates.get_template(template).render(**shown)
        return HTMLResponse(written, status or (self.trouble.status if self.trouble else 200))

    def redirect(self, path: str, **query: str) -> Response:
        """Look there next (303). To paths of the portal only."""
        return RedirectResponse(f"{local(path)}?{urlencode(query)}" if query else local(path), 303)

    def switched(self, language: Language) -> str:
        """This page in another language."""
        query = {name: value for name, value in self.request.query_params.items() if name != "lang"}
        return f"{quote(self.request.url.path)}?{urlencode({**query, 'lang': language})}"


def attached(content: bytes, media: str, name: str) -> Response:
    """A file to keep under that name."""
    return Response(content, media_type=media, headers=named(name))


def named(name: str) -> dict[str, str]:
    """The header by which a file is kept under that name."""
    return {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}"}


def local(path: str) -> str:
    """`path`, if it is one of this site; else the front page: nobody is sent elsewhere by a link to us."""
    parts = urlsplit(path)
    fine = path.startswith("/") and not path.startswith(("//", "/\\")) and not (parts.scheme or parts.netloc)
    return path if fine and path.isprintable() and "\\" not in path else "/"


def language_of(request: Request) -> Language:
    """What the address asks for, else what was chosen before, else what the browser prefers, else Chinese."""
    for asked in (request.query_params.get("lang"), request.cookies.get(LANGUAGE_COOKIE)):
        if asked in texts.LANGUAGES:
            return asked
    for tag in request.headers.get("Accept-Language", "").lower().split(","):
        primary = tag.partition(";")[0].strip().partition("-")[0]
        if primary in texts.LANGUAGES:
            return primary
    return "zh"


def _instant(written: str) -> str | None:
    try:
        at = datetime.fromisoformat(written)
    except ValueError:
        return None
    return at.isoformat() if at.tzinfo else None


def now() -> datetime:
    """For sessions and keys alone: the time of cases is the services' business."""
    return datetime.now(UTC)


def _url(*parts: str) -> str:
    """A path of these parts, each written so that it stays one."""
    return "/" + "/".join(quote(part, safe="") for part in parts)


def _whole(told: str, part: str) -> str:
    """`told` with that part of it, such as a number with hyphens, in one piece."""
    before, found, after = told.partition(part)
    return Markup('{}<span class="nowrap">{}</span>{}').format(before, found, after)


class _Absent(StrictUndefined):
    """What a service leaves out may be asked for, as in `if case.number`; any other name that is missing is a slip."""

    def __bool__(self) -> bool:  # type: ignore[override]
        if isinstance(self._undefined_obj, Mapping):
            return False
        return self._fail_with_undefined_error()


templates = Environment(
    loader=FileSystemLoader(Path(__file__).with_name("templates")),
    autoescape=True,
    undefined=_Absent,
    auto_reload=False,  # no template changes under a running portal
    trim_blocks=True,
    lstrip_blocks=True,
)
templates.globals.update(url=_url, formats=formats)
templates.filters.update(capital=capital, whole=_whole)
