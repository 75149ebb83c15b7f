"""Pages on paper: on A4, without what only a screen needs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.browser.people import SCREENS

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.browser.people import Person
    from tests.support import Office

A4_WIDTH = 794
"""In CSS pixels, 210 mm."""


def test_pages_are_printed_without_navigation(person: Callable[..., Person], office: Office) -> None:
    case = office.case("type_approval")
    number = case.until("submit")["number"]
    maker = person().sign_in(case.people["applicant"])
    page = maker.page
    page.emulate_media(media="print")
    page.set_viewport_size({"width": A4_WIDTH, "height": 1123})
    for path in ("/", "/permits", "/due?start=2013-09-17&days=5", "/my", f"/my/type-approval/{number}"):
        page.goto(path)
        shown = [one for one in page.locator(".header, .nav, .footer ul, button").all() if one.is_visible()]
        assert shown == [], path
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, f"{path} is {wide} px wider than the paper"
        assert page.locator("h1").is_visible()
    SCREENS.mkdir(parents=True, exist_ok=True)
    assert page.pdf(format="A4").startswith(b"%PDF-")
    page.screenshot(path=SCREENS / "printed-case.png", full_page=True)
