"""By keyboard alone: each thing is reached with Tab, seen to have the focus, and done with Enter."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.sync_api import expect

from shared.testing import wait_for

if TYPE_CHECKING:
    from collections.abc import Callable

    from shared.testing import Office
    from tests.browser.people import Person

MOST_STOPS = 120
_FOCUSED = "selector => document.activeElement.matches(selector)"
_VISIBLE = """() => {
    const one = document.activeElement, style = getComputedStyle(one), box = one.getBoundingClientRect()
    return box.width > 1 && (style.outlineStyle !== "none" || style.boxShadow !== "none")
}"""


def reach(person: Person, selector: str) -> None:
    """Go on with Tab until the focus is there; every stop on the way shows where it is."""
    for _ in range(MOST_STOPS):
        person.page.keyboard.press("Tab")
        assert person.page.evaluate(_VISIBLE), f"no focus is seen before {selector}"
        if person.page.evaluate(_FOCUSED, selector):
            return
    raise AssertionError(f"{selector} is not reached on {person.page.url}")


def press(person: Person, selector: str) -> None:
    """Reach it, and press Enter."""
    reach(person, selector)
    with person.page.expect_navigation():
        person.page.keyboard.press("Enter")


def test_an_officer_takes_a_case_from_the_queue_to_its_acceptance(
    person: Callable[..., Person], office: Office
) -> None:
    case = office.case("type_approval")
    case.until("submit")
    wait_for(office.settled, what="all events to arrive")
    number = case.read()["number"]
    officer = person().sign_in(case.people["intake"])
    officer.page.goto(f"/office/search?q={number}")
    press(officer, f"main a[href$='/{number}']")
    press(officer, "a[href$='/actions/accept']")
    press(officer, "main button[value=do]")
    expect(officer.page.locator(".notice.good")).to_be_visible()
    assert case.read()["state"] == "accepted"


def test_an_applicant_writes_a_topic_and_finds_what_is_wrong(person: Callable[..., Person], office: Office) -> None:
    case = office.case("type_approval")
    writer = person().sign_in(case.people["applicant"])
    writer.page.goto(f"/my/type-approval/{case.id}/draft/models")
    reach(writer, "[name='lines.0.characteristics.e']")
    writer.page.keyboard.press("Control+A")
    writer.page.keyboard.type("5 stone")
    press(writer, "main button[value=next]")
    expect(writer.page.locator("#errors")).to_be_visible()
    press(writer, "#errors a")
    assert writer.page.evaluate(_FOCUSED, "[name='lines.0.characteristics.e']"), "the fault leads to its field"
