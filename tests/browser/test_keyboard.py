"""By keyboard alone: each thing is reached with Tab, seen to have the focus, and done with Enter."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.sync_api import expect

from tests.browser.people import flat
from tests.browser.steps import document
from tests.support import content_of, credit_code, type_approval_form, wait_for, weighing_test
from tests.support.office import people

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tests.browser.people import Person
    from tests.support import Office

MOST_STOPS = 120
_FOCUSED = "selector => document.activeElement.matches(selector)"
_VISIBLE = """() => {
    const one = document.activeElement, style = getComputedStyle(one), box = one.getBoundingClientRect()
    return box.width > 1 && (style.outlineStyle !== "none" || style.boxShadow !== "none")
}"""


_FIELD = """() => {
    const one = document.activeElement
    return {name: one.name || "", tag: one.tagName, kind: one.type || "", value: one.value || ""}
}"""


def step(person: Person) -> None:
    """Go on with Tab; the stop shows where it is."""
    person.page.keyboard.press("Tab")
    assert person.page.evaluate(_VISIBLE), f"no focus is seen on {person.page.url}"


def reach(person: Person, selector: str) -> None:
    """Go on with Tab until the focus is there."""
    for _ in range(MOST_STOPS):
        step(person)
        if person.page.evaluate(_FOCUSED, selector):
            return
    raise AssertionError(f"{selector} is not reached on {person.page.url}")


def fill(person: Person, told: Mapping[str, str], button: str) -> None:
    """Go through a form as it comes, type what is `told` into its fields, and press the button."""
    keys = person.page.keyboard
    for _ in range(MOST_STOPS):
        step(person)
        if person.page.evaluate(_FOCUSED, button):
            with person.page.expect_navigation():
                keys.press("Enter")
            return
        field = person.page.evaluate(_FIELD)
        value = told.get(field["name"])
        if value is None or (field["value"] == value and field["kind"] not in {"radio", "checkbox"}):
            continue
        if field["tag"] == "SELECT" or field["kind"] == "radio":
            choose(person, value)
        elif field["kind"] == "checkbox":
            keys.press("Space")
        else:
            keys.press("Control+A")
            keys.type(value)
    raise AssertionError(f"{button} is not reached on {person.page.url}")


def choose(person: Person, value: str) -> None:
    """With the arrow keys, in a list or among radio buttons."""
    keys = person.page.keyboard
    if person.page.evaluate(_FIELD)["kind"] == "radio":
        keys.press("Space")
    for _ in range(MOST_STOPS):
        if person.page.evaluate(_FIELD)["value"] == value:
            return
        keys.press("ArrowDown")
    raise AssertionError(f"there is no {value} on {person.page.url}")


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


def test_an_applicant_applies(person: Callable[..., Person], office: Office) -> None:
    """From the choice of the permit to the number of the case: six topics, a document, the declaration."""
    code = credit_code()
    maker = person().sign_in(people(code)["applicant"])
    page, told = maker.page, dict(flat(type_approval_form(code)))
    page.goto("/my")
    press(maker, "a[href='/my/apply']")
    press(maker, "button[name=procedure][value='type-approval']")
    draft = page.url
    topics = [one.get_attribute("href") for one in page.locator(".tasks a[href*='/draft/']").all()]
    for topic in topics:
        page.goto(draft)
        press(maker, f".tasks a[href^='{topic}']")
        here = page.url
        while page.url == here:
            # Once the kind of an instrument is known, the same page asks for its characteristics.
            fill(maker, told, "main button[value=next]")
            expect(page.locator("#errors")).to_have_count(0)
    # Asked for before the page is there: a browser on a busy machine would miss the key that follows at once.
    page.on("filechooser", lambda chooser: chooser.set_files(document("user_manual")))
    page.goto(f"{draft.removesuffix('/draft')}/documents")
    reach(maker, "#file-user_manual")
    page.keyboard.press("Enter")
    expect(page.locator("#file-user_manual")).not_to_have_value("")
    press(maker, "form:has(#file-user_manual) button")
    expect(page.locator(".notice.good")).to_be_visible()
    page.goto(draft)
    press(maker, "a[href$='/draft/check']")
    maker.see("keyboard-answers")
    press(maker, "a.button[href$='/actions/submit']")
    while page.locator("[name=_confirmed][required]").count():
        names = {"_confirmed": ""}
        fill(maker, names, "main button[value=preview]")
    maker.see("keyboard-submit")
    press(maker, "main button[value=do]")
    expect(page.locator(".notice.good")).to_be_visible()
    maker.see("keyboard-applied")
    number = page.locator("h1").inner_text().split()[0]
    assert office.rows("type_approval", "SELECT state FROM cases WHERE number = :number", number=number)


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


def test_from_the_first_test_to_the_decision_by_five_people(person: Callable[..., Person], office: Office) -> None:
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
    number = case.read()["number"]
    for who, home, action in (
        ("tester", "lab", "draft_report"),
        ("checker", "lab", "check_report"),
        ("signatory", "lab", "issue_report"),
        ("examiner", "office", "review"),
        ("decider", "office", "grant"),
    ):
        acts(person().sign_in(case.people[who]), f"/{home}/type-approval/{number}", action)
        wait_for(office.settled, what="all events to arrive")
    assert case.read()["state"] == "granted"


def acts(person: Person, case: str, action: str) -> None:
    """From the page of a case to what is done to it: the form, what is confirmed, the preview."""
    page = person.page
    page.goto(case)
    press(person, f"a[href$='/actions/{action}']")
    fill(person, dict(flat(content_of(action))), "main button[value=preview]")
    expect(page.locator("#errors")).to_have_count(0)
    while page.locator("[name=_confirmed][required]").count():
        fill(person, {"_confirmed": ""}, "main button[value=preview]")
    press(person, "main button[value=do]")
    expect(page.locator(".notice.good")).to_be_visible()
