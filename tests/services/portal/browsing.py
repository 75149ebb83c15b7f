"""Somebody with a browser: cookies, links, forms; nothing that a browser without scripts cannot do."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urljoin, urlsplit

import httpx2

from tests.services.portal.pages import Element, flaws, parse

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from types import TracebackType

    from deploy.local.portal import Portal
    from shared.identity import Actor


MOST_BYTES = 60_000
"""Of a page; files may be longer."""
_TRUSTED = httpx2.create_ssl_context()
"""Read once: it takes longer than a page."""
FILES = (".pdf", ".jws", ".zip", ".xlsx", ".xml", ".csv", ".jsonl")


@dataclass
class Seen:
    """An answer of the portal; `page` is looked at as it comes, and must have no flaws."""

    status: int
    url: str
    headers: httpx2.Headers
    text: str
    page: Element = field(repr=False)

    @property
    def main(self) -> Element:
        return self.page.one("main")


def _says(button: Element) -> set[str | None]:
    return {button.get("value"), button.get("name")}


class Browser:
    """One browser. Redirects are followed within the portal."""

    def __init__(self, portal: Portal, language: str = "zh", http: httpx2.Client | None = None) -> None:
        """`http` reaches another process of the portal than the one that runs."""
        self.portal, self.language = portal, language
        self.cookies: dict[str, str] = {}
        self._http = http or httpx2.Client(timeout=30, verify=_TRUSTED)
        self.last: Seen | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.close()

    def at(self, now: str) -> Self:
        """With all that follows happening at `now`."""
        self.cookies["given-time"] = now
        return self

    def sign_in(self, actor: Actor) -> Self:
        """By the real flow: to the issuer, choosing who to be, and back."""
        away = self.raw("GET", "/login")
        assert away.status_code == 303, away.text
        self.answer_issuer(away.headers["Location"], actor)
        return self

    def answer_issuer(self, address: str, actor: Actor) -> Seen:
        """On the issuer's page, sign in as `actor`; where the browser is then."""
        form = parse(self._http.get(address).text).all("form")[0]
        told = {
            "asked": form.typed()["asked"][0],
            "subject": actor.subject,
            "name": actor.name,
            "role": str(actor.role),
            "organisation": actor.organisation,
            "posts": " ".join(sorted(actor.posts)),
        }
        back = self._http.post(urljoin(address, form["action"]), data=told)
        assert back.status_code == 303, back.text
        return self.get(back.headers["Location"])

    def get(self, path: str, **headers: str) -> Seen:
        return self._seen(self.raw("GET", path, headers=headers))

    def pages(self, path: str) -> Iterator[Seen]:
        """A list page by page: other tests' cases are in it too."""
        while path:
            yield (seen := self.get(path))
            path = next((one["href"] for one in seen.main.all("a") if "cursor=" in one["href"]), "")

    def post(self, path: str, typed: Mapping[str, Any], **headers: str) -> Seen:
        """As a browser sends a form of the portal's own."""
        return self._seen(self.raw("POST", path, data=typed, headers={"Origin": self.portal.url, **headers}))

    def send(self, seen: Seen, button: str = "", /, **changes: Any) -> Seen:
        """Send the form in the main part of a page, with some fields typed again (`__` for the dots of a name), by the
        button whose `name` or `value` is given."""
        forms = [one for one in seen.main.all("form") if one.get("method") == "post"]
        with_it = (one for one in forms if any(button in _says(pressed) for pressed in one.all("button")))
        form = next(with_it) if button else forms[0]
        action = form.get("action")
        typed: dict[str, Any] = {**form.typed()}
        for name, value in changes.items():
            typed[name.replace("__", ".")] = value
        if button:
            pressed = next(one for one in form.all("button") if button in _says(one))
            typed[pressed["name"]] = pressed.get("value")
            action = pressed.get("formaction") or action
        return self.post(action or urlsplit(seen.url).path, typed)

    def send_file(self, path: str, typed: Mapping[str, str], content: bytes) -> Seen:
        """As a browser sends a form with a chosen file."""
        own = {"Origin": self.portal.url}
        return self._seen(self.raw("POST", path, data=typed, files={"file": ("chosen", content)}, headers=own))

    def raw(self, method: str, path: str, **options: Any) -> httpx2.Response:
        """One answer, not followed."""
        own = {"Accept-Language": self.language, "Cookie": "; ".join(f"{n}={v}" for n, v in self.cookies.items())}
        url = urljoin(self.portal.url, path)
        answer = self._http.request(method, url, **{**options, "headers": {**own, **options.get("headers", {})}})
        for line in answer.headers.get_list("Set-Cookie"):
            name, _, rest = line.partition("=")
            value = rest.partition(";")[0].strip('"')
            self.cookies.pop(name, None) if not value else self.cookies.update({name: value})
        return answer

    def _seen(self, answer: httpx2.Response) -> Seen:
        while answer.status_code == 303 and urljoin(self.portal.url, answer.headers["Location"]).startswith(
            self.portal.url
        ):
            answer = self.raw("GET", answer.headers["Location"])
        assert len(answer.content) <= MOST_BYTES or answer.request.url.path.endswith(FILES), f"{answer.url} is too long"
        page = parse(answer.text) if answer.headers.get("Content-Type", "").startswith("text/html") else Element("", {})
        if page.tag:
            assert flaws(page) == [], (str(answer.url), flaws(page))
        self.last = Seen(answer.status_code, str(answer.url), answer.headers, answer.text, page)
        return self.last
