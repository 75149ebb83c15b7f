"""People in front of a real browser: they sign in, follow links, fill in forms, and what they see is checked."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from playwright.sync_api import Browser, BrowserContext, Page

    from shared.identity import Actor

SCREENS = Path(__file__).parents[2] / "out/screens"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
PATIENCE_MS = 60_000
"""A page on a busy machine may take long; that says nothing of the page."""
_TOO_WIDE = """() => {
  const page = document.documentElement;
  if (page.scrollWidth <= page.clientWidth) return [];
  const over = (one) => one.getBoundingClientRect().right > page.clientWidth && !one.closest(".table");
  const found = [page, ...document.querySelectorAll("body *")].filter(over);
  return found.map((one) => one.outerHTML.slice(0, 200)).slice(-3);
}"""
"""What is wider than the window; the innermost of it last."""
PHONE, DESKTOP, WIDE = (360, 780), (1280, 900), (1600, 900)


expect.set_options(timeout=PATIENCE_MS)


@dataclass(frozen=True, slots=True)
class Way:
    """How somebody looks at the portal."""

    language: str = "zh"
    script: bool = True
    width: tuple[int, int] = DESKTOP
    scheme: str = "light"

    @property
    def name(self) -> str:
        parts = [self.language, str(self.width[0]), *(["dark"] if self.scheme == "dark" else [])]
        return "-".join([*parts, *([] if self.script else ["plain"])])


@dataclass
class Person:
    """Somebody with a window of their own."""

    browser: Browser
    url: str
    way: Way
    now: str
    looked: set[tuple[str, str]]
    """The kinds of pages that were looked at in this run, in each way: axe need not see a hundred of one."""

    def __post_init__(self) -> None:
        width, height = self.way.width
        self.context: BrowserContext = self.browser.new_context(
            locale="zh-CN" if self.way.language == "zh" else "en",
            java_script_enabled=self.way.script,
            viewport={"width": width, "height": height},
            color_scheme=self.way.scheme,  # type: ignore[arg-type]
            base_url=self.url,
        )
        self.context.set_default_timeout(PATIENCE_MS)
        self.at(self.now)
        self.page: Page = self.context.new_page()
        self.wrong: list[str] = []
        self.seen: set[str] = set()
        """The paths of all pages that were looked at."""
        self.page.on("console", lambda message: self.wrong.append(message.text) if message.type == "error" else None)
        self.page.on("pageerror", lambda error: self.wrong.append(str(error)))

    @property
    def path(self) -> str:
        return urlsplit(self.page.url).path

    def at(self, now: str) -> None:
        """With all that follows happening at `now`."""
        self.context.add_cookies([{"name": "given-time", "value": now, "url": self.url}])

    def sign_in(self, actor: Actor) -> Person:
        """At the issuer, by the form for anybody."""
        page = self.page
        page.goto("/login")
        page.locator("summary").last.click()
        told = {"subject": actor.subject, "name": actor.name, "organisation": actor.organisation}
        for name, value in {**told, "posts": " ".join(sorted(actor.posts))}.items():
            page.locator(f"[name={name}]").last.fill(value)
        role = page.locator("[name=role]").last
        if role.evaluate("one => one.tagName") == "SELECT":
            role.select_option(str(actor.role))
        else:
            page.locator(f"[name=role][value={actor.role}]").check()
        page.locator("form").last.get_by_role("button").click()
        page.wait_for_url(f"{self.url}/**")
        return self

    def see(self, name: str = "") -> None:
        """This page is as it should be: no wider than the window, no script failed. Of the first of its kind axe finds
        nothing, and a picture is kept under `name`."""
        page = self.page
        page.wait_for_load_state()
        self.seen.add(self.path)
        expect(page.locator("h1")).to_have_count(1)
        assert page.evaluate(_TOO_WIDE) == [], f"{page.url} is wider than the window"
        # Answers that refuse a form, or for want of a service, are told on the console too.
        wrong = [text for text in self.wrong if not re.search(r"status of (4..|503)", text)]
        assert wrong == [], f"{page.url}: {wrong}"
        kind = (self.way.name, name or _kind(self.path, page.title()))
        if kind in self.looked:
            return
        self.looked.add(kind)
        if not self.way.script:
            return  # axe is a script, and pages look the same without
        self._ask_axe()
        if name:
            SCREENS.mkdir(parents=True, exist_ok=True)
            page.screenshot(path=SCREENS / f"{name}-{self.way.name}.png", full_page=True)

    def _ask_axe(self) -> None:
        options = {"runOnly": {"type": "tag", "values": TAGS}, "resultTypes": ["violations"]}
        found = Axe().run(self.page, options=options)
        told = [
            f"{one['id']}: {node['html'][:200]} {node.get('failureSummary', '')}"
            for one in found.response["violations"]
            for node in one["nodes"]
        ]
        assert told == [], "\n".join([self.page.url, *told])

    def open(self, path: str, name: str = "", status: int = 200) -> None:
        answer = self.page.goto(path)
        assert answer is not None
        assert answer.status == status, path
        self.see(name)

    def press(self, value: str) -> None:
        """The button with that value, of those that are seen; the page that answers is there then."""
        self.follow(f"main button[value='{value}']")

    def follow(self, link: str) -> None:
        """Click that, and wait for the page that it leads to."""
        with self.page.expect_navigation():
            self.page.locator(link).locator("visible=true").first.click()

    def fill(self, told: Mapping[str, Any], *, only_there: bool = False) -> None:
        """Type what `told` has into the fields that are called so; rows that lack are added."""
        for name, value in flat(told):
            here = self.page.locator(f"main [name='{name}']")
            if not here.count() and not only_there:
                row = re.match(r"(.+)\.\d+(\.|$)", name)
                assert row, f"no field {name} on {self.page.url}"
                self.follow(f"button[name=_add][value='{row[1]}']")
            if here.count():
                self._type(name, value)

    def _type(self, name: str, value: str) -> None:
        here = self.page.locator(f"main [name='{name}']")
        first = here.first
        first.evaluate("one => { const folded = one.closest('details'); if (folded) folded.open = true; }")
        tag, kind = first.evaluate("one => [one.tagName, one.type]")
        if kind == "hidden":
            return  # what a row is about stands there already
        if tag == "SELECT":
            first.select_option(value)
        elif kind in {"radio", "checkbox"}:
            self.page.locator(f"main [name='{name}'][value='{value}']").check()
        else:
            first.fill(value)

    def act(self, case: str, action: str, content: Mapping[str, Any], name: str = "") -> None:
        """Do something to a case: from its page to the form, the preview, and back to the case."""
        page = self.page
        page.goto(case)
        self.follow(f"a[href='{case}/actions/{action}']")
        if page.locator("main button[value=preview]").count():
            self.see()
            # What is confirmed is asked for once all is filled in.
            self.fill({name: told for name, told in content.items() if name != "confirmed"})
            if name:
                self.see(f"{name}-form")
            self.press("preview")
        self.settle(name)

    def settle(self, name: str = "") -> None:
        """Confirm what is asked about, see what would happen, and do it."""
        page = self.page
        while page.locator("[name=_confirmed][required]").count():
            self.see()
            for box in page.locator("[name=_confirmed][required]").all():
                box.check()
            self.press("preview")
        assert page.locator("main button[value=do]").count(), page.locator("main").inner_text()
        self.see(f"{name}-preview" if name else "")
        self.press("do")
        expect(page.locator(".notice.good")).to_be_visible()
        self.see(name)

    def end(self) -> None:
        self.context.close()


def _kind(path: str, title: str) -> str:
    """What kind of page is at `path`: the same for all cases, papers and entries."""
    kind = re.sub(r"/[^/]*\d[^/]*", "/*", path)
    # Pages that refuse what was typed are of another kind: their titles begin with a word that says so.
    return f"{kind} {title.partition('：')[0] if '：' in title else title.partition(': ')[0] if ': ' in title else ''}"


def flat(told: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """The fields of a form, by their names."""
    if isinstance(told, dict):
        for name, part in told.items():
            yield from flat(part, f"{path}.{name}" if path else name)
    elif isinstance(told, list) and told and isinstance(told[0], dict):
        for index, part in enumerate(told):
            yield from flat(part, f"{path}.{index}")
    elif isinstance(told, list):
        yield path, "\n".join(map(str, told))
    else:
        yield path, {True: "yes", False: ""}.get(told, str(told)) if isinstance(told, bool) else str(told)
