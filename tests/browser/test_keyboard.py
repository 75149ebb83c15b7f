"""By keyboard alone: each thing is reached with Tab, seen to have the focus, and done with Enter."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.sync_api import expect

from tests.support import wait_for, weighing_test

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.browser.people import Person
    from tests.support import Office

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


def test_a_tester_records_a_test_and_a_decider_decides(person: Callable[..., Person], office: Office) -> None:
    case = office.case("type_approval")
    case.until("receive_samples")
    bench = f"/lab/type-approval/{case.read()['number']}/tests/r76.weighing?serial=S-1"
    tester = person().sign_in(case.people["tester"])
    tester.page.goto(bench)
    head = {"temperature": "20.1", "humidity": "48"}
    typed = {f"{at}.{name}": value for at in ("conditions", "conditions_at_end") for name, value in head.items()}
    points = weighing_test()["points"]
    rows = [
        (f"points.{index}.{name}", one[name].split()[0] if name != "added" else one[name])
        for index, one in enumerate(points[:5])
        for name in ("load", "indication", "added")
    ]
    for name, value in (*typed.items(), ("equipment.0.asset", "M1-set"), *rows):
        reach(tester, f"[name='{name}']")
        tester.page.keyboard.type(value)
    # Enter in the last row adds another one below, as in a spreadsheet.
    for index, one in enumerate(points[5:], 5):
        tester.page.keyboard.press("Enter")
        for name in ("load", "indication", "added"):
            tester.page.locator(f"[name='points.{index}.{name}']").focus()
            tester.page.keyboard.type(one[name].split()[0] if name != "added" else one[name])
    press(tester, "main button[value=record]")
    expect(tester.page.locator(".notice.good")).to_be_visible()
    for action in ("draft_report", "check_report", "issue_report", "review"):
        case.do(action)
    wait_for(office.settled, what="all events to arrive")
    decider = person().sign_in(case.people["decider"])
    decider.page.goto(f"/office/type-approval/{case.read()['number']}")
    press(decider, "a[href$='/actions/grant']")
    press(decider, "main button[value=preview]")
    press(decider, "main button[value=do]")
    expect(decider.page.locator(".notice.good")).to_be_visible()
    assert case.read()["state"] == "granted"
