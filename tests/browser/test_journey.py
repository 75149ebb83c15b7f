"""The main journey in a real browser: as its users do it, in both languages, with scripts and without."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from shared.testing import content_of, credit_code, type_approval_form, wait_for, weighing_test
from shared.testing.office import LAB, people
from tests.browser.people import Way
from tests.shared.uploads.files import pdf

if TYPE_CHECKING:
    from collections.abc import Callable

    from shared.testing import Office
    from tests.browser.people import Person

WAYS = [Way(language, script) for language in ("zh", "en") for script in (True, False)]


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.name)
def test_from_the_first_visit_to_a_certificate_that_anybody_checks(
    person: Callable[..., Person], office: Office, way: Way
) -> None:
    code = credit_code()
    who = people(code)

    def signed_in(name: str) -> Person:
        return person(way).sign_in(who[name])

    applicant = signed_in("applicant")
    draft = apply(applicant, code)
    page = applicant.page
    applicant.open(f"{draft}/draft/check", "check-answers")
    page.locator("a.button[href$='/actions/submit']").click()
    applicant.see("submit")
    applicant.press("do")
    expect(page.locator(".notice.good")).to_be_visible()
    number = page.locator("h1").inner_text().split()[0]
    wait_for(office.settled, what="all events to arrive")
    case = f"type-approval/{number}"

    intake, examiner = signed_in("intake"), signed_in("examiner")
    intake.open("/office", "work")
    intake.open(f"/office/{case}", "case-office")
    intake.act(f"/office/{case}", "accept", {})
    examiner.act(f"/office/{case}", "commission", {"lab": LAB, "programme": "R 76-1:2006"}, "commission")

    tester = signed_in("tester")
    tester.act(f"/lab/{case}", "arrange", {**content_of("arrange"), "items": ["r76.weighing"]})
    tester.act(f"/lab/{case}", "receive_samples", content_of("receive_samples"), "receive-samples")
    tester.act(f"/lab/{case}", "review_documents", content_of("review_documents"), "review-documents")
    at_the_desk(tester, f"/lab/{case}/tests")
    wait_for(office.settled, what="all events to arrive")
    tester.act(f"/lab/{case}", "draft_report", content_of("draft_report"))
    signed_in("checker").act(f"/lab/{case}", "check_report", content_of("check_report"))
    signed_in("signatory").act(f"/lab/{case}", "issue_report", content_of("issue_report"))
    examiner.act(f"/office/{case}", "review", content_of("review"), "review")
    decider = signed_in("decider")
    decider.act(f"/office/{case}", "grant", content_of("grant"), "grant")

    wait_for(office.settled, what="all events to arrive")
    applicant.open("/my", "mine")
    applicant.open("/my/messages", "messages")
    applicant.open(f"/my/{case}", "case-applicant")
    certificate = office.rows("type_approval", "SELECT data->>'certificate' FROM cases WHERE number = :n", n=number)[0][
        0
    ]
    anybody = person(way)
    anybody.open("/", "home")
    anybody.page.locator("#number").fill(f" {certificate.lower()} ")
    anybody.page.locator("main form button").first.click()
    expect(anybody.page.locator("h1")).to_have_text(certificate)
    anybody.see("permit")


def apply(applicant: Person, code: str) -> str:
    """A draft, topic by topic; its place."""
    page = applicant.page
    applicant.open("/my")
    applicant.open("/my/apply", "apply")
    applicant.press("type-approval")
    page.wait_for_url("**/draft")
    draft = page.url.removeprefix(applicant.url).removesuffix("/draft")
    applicant.see("tasks")
    form = type_approval_form(code)
    *sections, documents = [str(one.get_attribute("href")) for one in page.locator(".tasks a").all()]
    for place, link in enumerate(sections):
        page.goto(link.partition("?")[0])
        applicant.see(f"section-{place + 1}")
        applicant.fill(form, only_there=True)
        applicant.press("next")
    page.goto(documents)
    manual = {"name": "使用说明书.pdf", "mimeType": "application/pdf", "buffer": pdf()}
    page.locator("#file-user_manual").set_input_files(manual)  # type: ignore[arg-type]
    page.locator("form:has(#file-user_manual) button").click()
    expect(page.locator(".notice.good")).to_be_visible()
    applicant.see("documents-sent")
    applicant.open(f"{draft}/draft", "tasks-done")
    return draft


def at_the_desk(tester: Person, desk: str) -> None:
    """A test is recorded at the desk, once it is as it should be."""
    page = tester.page
    tester.open(desk, "desk")
    page.locator("a[href*='r76.weighing?serial=S-1']").click()
    tester.see("bench")
    points = weighing_test()["points"]
    head = {
        "conditions": {"temperature": "20.1", "humidity": "48"},
        "conditions_at_end": {"temperature": "20.4", "humidity": "47"},
        "equipment": [{"asset": "M1-set"}],
    }
    tester.fill(head)
    rows = "\n".join(f"{one['load'].split()[0]}\t{one['indication'].split()[0]}\t2.5 g" for one in points)
    page.locator(".paste summary").click()
    page.locator("#pasted").fill(rows)
    tester.press("paste")
    page.locator("#f-points-0-indication").fill("10.01")
    verdict = page.locator("tr[data-row='0'] .tag")
    if not tester.way.script:
        tester.press("check")
    expect(verdict).to_have_class("tag bad")
    tester.see("bench-fails")
    page.locator("#f-points-0-indication").fill("10 m")
    tester.press("record")
    expect(page.locator("#errors a[href='#f-points-0-indication']")).to_be_visible()
    tester.see("bench-fault")
    page.locator("#f-points-0-indication").fill("10.000")
    tester.press("record")
    expect(page.locator(".notice.good")).to_be_visible()
    tester.see("desk-recorded")
