"""Pages of the portal before many cases: what each costs beside the calls to services that it makes."""

from __future__ import annotations

import http.client
import json
import re
import sys
import time
import urllib.request
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote

from sqlalchemy import insert, update

from deploy.local.portal import MODULE, PORTAL, Portal
from deploy.local.process import free_ports
from deploy.local.system import development_key
from services import SERVICES
from services.portal import settings as portal_settings
from services.portal.sessions import Sessions, Tokens
from services.portal.web import SESSION_COOKIE
from shared.casework.journal import GENESIS, JournalEntry
from shared.casework.models import cases, journal
from shared.identity import Actor, Role, issue
from tests.bench import many, part, prepare
from tests.bench.many import Filed
from tests.bench.part import Part, percentile
from tests.bench.reads import FAR, decided, world
from tests.bench.servers import ROOT, Servers
from tests.bench.stack import Member
from tests.bench.systems import ISSUER, SOURCE
from tests.support import create

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from tests.bench.reads import World
    from tests.bench.systems import Contest

SIZE = 1_000_000
"""How many cases there are."""
ROUNDS = 4
QUESTIONS = 20
"""So often each page is asked for in a round, after once to warm up."""
_STAFF = Actor("examiner-7", "李", Role.STAFF, "", frozenset({"examiner"}))
_MAKER = Actor("maker-1", "孙", Role.APPLICANT, many.code_of(0))
_STEPS = (
    *(("create", "", "draft"), ("submit", "draft", "received")),
    *(("accept", "received", "accepted"), ("commission", "accepted", "commissioned")),
)
_TIMING = re.compile(r"calls;desc=(\d+), slowest;dur=([\d.]+), rendering;dur=([\d.]+)")
_TEXT = """\
The portal, one process, before {size:,} cases, with one process for the API of each service. Each page is asked for
{count} times, one at a time, in turn, about other cases each time; the maker is the biggest, with 3.7 % of the cases.
*Page* is the whole answer as a browser waits for it; *slowest call* is the longest of the calls to services that the
page made, as the portal waited for it; *rendering* is the CPU time from the last answer of a service until the page is
written: its forms, lists and template; *CPU* is all that the portal's process used for the page, its calls and the
session included. *Over* is the page without its rendering, in slowest calls. Sizes are those of the HTML, not
compressed.
"""


class Kind(NamedTuple):
    """The path of a page for a case, and who looks; None: anybody."""

    path: Callable[[Filed], str]
    who: Actor | None = None


PAGES: Mapping[str, Kind] = {
    "case, the office's": Kind(lambda case: f"/office/type-approval/{case.number}", _STAFF),
    "case, the maker's": Kind(lambda case: f"/my/type-approval/{_of_maker(case).number}", _MAKER),
    "queue": Kind(lambda _: "/office", _STAFF),
    "queue of an examiner": Kind(lambda _: "/office?assignee=me", _STAFF),
    "search": Kind(lambda case: f"/office/search?q={quote(case.model)}", _STAFF),
    "the maker's cases": Kind(lambda _: "/my", _MAKER),
    "inbox": Kind(lambda _: "/my/messages", _MAKER),
    "topic of a draft": Kind(lambda _: "/my/type-approval/{draft}/draft/models", _MAKER),
    "register": Kind(lambda case: f"/register?q={quote(case.model)}"),
    "public check": Kind(lambda case: f"/certificates/{decided(case).certificate}"),
    "permits": Kind(lambda _: "/permits"),
}


def measure(contest: Contest) -> Part:
    with world(contest, SIZE, "pages", SERVICES) as system:
        _tell(Servers(system.system.backing), {case for turn in range(ROUNDS) for case in _asked(turn)})
        reader = Reader(system)
        for turn in range(ROUNDS):
            for name in PAGES:
                reader.look(name, turn)
        seen = reader.seen
    figures = {
        "pages.over": max(one.over for one in seen.values()),
        "pages.rendering_ms": max(median(one.rendering) for one in seen.values()),
        "pages.cpu_ms": max(one.cpu for one in seen.values()),
        "pages.kb": max(one.kb for one in seen.values()),
        "pages.calls": max(one.calls for one in seen.values()),
    }
    told = _TEXT.format(size=SIZE, count=ROUNDS * QUESTIONS)
    return Part("pages", figures, f"{told}\n{_table(seen)}")


def _asked(turn: int) -> list[Filed]:
    """The cases that a turn asks about, and the one that it warms up with."""
    return [Filed((turn * QUESTIONS + number) * FAR % SIZE) for number in range(QUESTIONS + 1)]


def _of_maker(case: Filed) -> Filed:
    """The first case from this one on that is of the maker's."""
    onwards = (Filed((case.serial + more) % SIZE) for more in range(SIZE))
    return next(one for one in onwards if one.code == _MAKER.organisation)


@dataclass
class Seen:
    """A page so far: for each time that it was asked for ms of the whole, of the slowest call and of the rendering; the
    most bytes and calls; the process's CPU in seconds."""

    took: list[float] = field(default_factory=list)
    slowest: list[float] = field(default_factory=list)
    rendering: list[float] = field(default_factory=list)
    bytes: int = 0
    calls: int = 0
    used: float = 0.0

    @property
    def cpu(self) -> float:
        """In ms for each time."""
        return 1000 * self.used / len(self.took)

    @property
    def kb(self) -> float:
        return self.bytes / 1000

    @property
    def over(self) -> float:
        return (median(self.took) - median(self.rendering)) / median(self.slowest)


class Reader:
    """Looks at the pages of a portal beside that system."""

    def __init__(self, system: World) -> None:
        self._stack = system.stack
        self.seen: dict[str, Seen] = {}
        name = f"{system.system.backing.namespace}_{PORTAL}"
        create(system.system.backing.database_url, name, PORTAL)
        self._port, elsewhere = free_ports(2)
        told = Portal(system.system, (self._port, elsewhere)).environment() | {"QUANHENG_ISSUER": ISSUER}
        system.stack.start([Member(PORTAL, [sys.executable, "-m", MODULE], told, ROOT, self._port)])
        self._cookies = {actor: _signed_in(told, actor) for actor in (_STAFF, _MAKER)}
        self._draft = _draft(system.ports[SOURCE])

    def look(self, name: str, turn: int) -> None:
        """Ask for the page some times, of other cases than in any other turn."""
        warm_up, *asked = _asked(turn)
        seen = self.seen.setdefault(name, Seen())
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=60)
        self._ask(connection, name, warm_up, Seen())
        before = self._stack.cpu()[PORTAL]
        for case in asked:
            self._ask(connection, name, case, seen)
        seen.used += self._stack.cpu()[PORTAL] - before
        connection.close()

    def _ask(self, connection: http.client.HTTPConnection, name: str, case: Filed, seen: Seen) -> None:
        kind = PAGES[name]
        path = kind.path(case).replace("{draft}", self._draft)
        cookie = {"Cookie": f"{SESSION_COOKIE}={self._cookies[kind.who]}"} if kind.who else {}
        began = time.monotonic()
        connection.request("GET", path, headers={"Accept-Language": "zh", **cookie})
        answer = connection.getresponse()
        body = answer.read()
        seen.took.append(1000 * (time.monotonic() - began))
        timing = _TIMING.match(answer.headers.get("Server-Timing", ""))
        if answer.status != 200 or timing is None:
            raise RuntimeError(f"{path} was answered {answer.status}: {body.decode()}")
        seen.slowest.append(float(timing[2]))
        seen.rendering.append(float(timing[3]))
        seen.calls, seen.bytes = max(seen.calls, int(timing[1])), max(seen.bytes, len(body))


def _tell(servers: Servers, asked: Iterable[Filed]) -> None:
    """Give the cases a journal, which pages show and the fill leaves out."""
    engine = servers.engine(servers.producer)
    with engine.begin() as tx:
        for serial in {one.serial for case in asked for one in (case, _of_maker(case))}:
            told = [_entry(prepare.case_id(serial), seq, *step) for seq, step in enumerate(_STEPS, start=1)]
            head, entries = GENESIS, []
            for entry in told:
                head = entry.chained_to(head)
                entries.append(asdict(replace(entry, hash=head)))
            tx.execute(insert(journal), entries)
            tx.execute(update(cases).where(cases.c.id == prepare.case_id(serial)).values(head=head))
    engine.dispose()


def _entry(case: str, seq: int, action: str, before: str, after: str) -> JournalEntry:
    at = datetime(2026, 11, seq, tzinfo=UTC)
    return JournalEntry(case, seq, at, _MAKER.subject, _MAKER.name, "applicant", action, before, after, None, "{}")


def _table(seen: Mapping[str, Seen]) -> str:
    rows = [
        [
            name,
            f"{median(one.took):.1f}",
            f"{percentile(sorted(one.took), 95):.1f}",
            f"{median(one.slowest):.1f}",
            f"{median(one.rendering):.1f}",
            f"{one.cpu:.1f}",
            f"{one.over:.2f}",
            str(one.calls),
            f"{one.kb:.1f}",
        ]
        for name, one in seen.items()
    ]
    return part.table(["ms", "page, p50", "p95", "slowest call", "rendering", "CPU", "over", "calls", "KB"], rows)


def _signed_in(told: Mapping[str, str], actor: Actor) -> str:
    """The cookie of a session such as signing in begins."""
    read = portal_settings.read(told)
    sessions, now = Sessions(read.database_url, read.session_key), datetime.now(UTC)
    tokens = Tokens(issue(development_key(), actor, issuer=ISSUER), "", "", now + timedelta(hours=8))
    key = sessions.begin(actor.account, tokens, now).key
    sessions.engine.dispose()
    return key


def _draft(port: int) -> str:
    """The id of a draft of the maker's, filled in."""
    asked = urllib.request.Request(
        f"http://127.0.0.1:{port}/v1/applications",
        json.dumps({**prepare.FORM, "credit_code": _MAKER.organisation}).encode(),
        {
            "Authorization": f"Bearer {issue(development_key(), _MAKER, issuer=ISSUER)}",
            "Content-Type": "application/json",
        },
    )
    with urllib.request.urlopen(asked) as answer:  # noqa: S310
        return str(json.load(answer)["id"])
