"""The whole story in a real browser, from the first topic of a draft to the public check of a licence."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.cast import Cast, Filed
from tests.browser.people import PHONE, Way
from tests.browser.steps import at_the_desk, attach, begin, replace, scan, submit, write
from tests.pressing import make_documents
from tests.support import content_of, credit_code, licence_form, type_approval_form, wait_for
from tests.support.forms import NAMING, named_in
from tests.support.office import LAB, people
from tests.support.people import officer

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.browser.people import Person
    from tests.support import Office

WAYS = [Way("zh"), Way("zh", script=False), Way("en", width=PHONE)]


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.name)
def test_the_whole_story(person: Callable[..., Person], office: Office, way: Way) -> None:
    code = credit_code()
    cast = Cast(person, office, way, people(code))
    approval = Filed.of(office, "type_approval", apply_over_two_days(cast, code))
    lodged = Filed.of(office, "licensing", lodge_ahead(cast, code, approval.number))
    supplement(cast, approval)
    evaluate(cast, approval)
    report(cast, approval)
    decide(cast, approval)
    cast.on("2013-12-11")
    cast["applicant"].open("/my", "mine")
    received = cast["applicant"].page.locator(f"tr:has(a[href='{lodged.page('my')}'])")
    expect(received).to_contain_text({"zh": "已收件", "en": "Received"}[way.language])
    assess(cast, lodged)
    decide(cast, lodged)
    with ThreadPoolExecutor(1) as press:  # the browser has the event loop of this thread
        press.submit(make_documents, office, approval, lodged).result()
    check(cast, "certificates", approval.permit(office))
    check(cast, "licences", lodged.permit(office))


def apply_over_two_days(cast: Cast, code: str) -> str:
    """The maker begins on one day, and goes on the next day at another computer; the number of the case."""
    applicant, form = cast["applicant"], type_approval_form(code)
    applicant.open("/my")
    draft = begin(applicant, "type-approval")
    write(applicant, draft, (0, 1, 2), form)
    cast.on("2013-09-18")
    applicant = cast.elsewhere("applicant")
    applicant.open("/my", "mine-draft")
    applicant.follow(f"a[href='{draft}']")
    applicant.see("tasks-half")
    write(applicant, draft, (3, 4, 5), form)
    attach(applicant, draft, "user_manual")
    applicant.open(f"{draft}/draft", "tasks-done")
    return submit(applicant, draft, "type-approval")


def lodge_ahead(cast: Cast, code: str, approval: str) -> str:
    """The maker applies for the licence too, before the type is approved."""
    cast.on("2013-09-18")
    applicant, form = cast["applicant"], licence_form(code)
    form["lines"][0]["type_approval"] = approval
    draft = begin(applicant, "licensing")
    write(applicant, draft, range(6), form)
    return submit(applicant, draft, "licensing")


def supplement(cast: Cast, case: Filed) -> None:
    """The office asks once for all that lacks; the maker sends it; the office accepts."""
    intake, applicant = cast["intake"], cast["applicant"]
    intake.open("/office", "work")
    intake.open(case.page("office"), "case-office")
    intake.act(case.page("office"), "request_supplement", {"items": ["说明书第二版"]}, "request-supplement")
    cast.on("2013-09-22")
    applicant = cast["applicant"]
    applicant.open("/my")
    applicant.open(case.page("my"), "case-supplement")
    replace(applicant, case.page("my"))
    answer = {"form": {"description": "带计价显示的电子秤，见说明书第二版"}}
    applicant.act(case.page("my"), "supplement", answer, "supplement")
    cast.on("2013-09-24")
    cast["intake"].act(case.page("office"), "accept", {}, "accept")


def evaluate(cast: Cast, case: Filed) -> None:
    """A laboratory is commissioned; its test fails, the maker improves the instrument, and it is tested again."""
    lab = case.page("lab")
    cast["examiner"].act(case.page("office"), "commission", {"lab": LAB, "programme": "R 76-1:2006"}, "commission")
    cast.on("2013-09-26")
    tester = cast["tester"]
    tester.open("/lab", "lab")
    tester.act(lab, "arrange", {**content_of("arrange"), "items": ["r76.weighing"]}, "arrange")
    attach(tester, lab, "custody_photo")
    tester.act(lab, "receive_samples", content_of("receive_samples"), "receive-samples")
    tester.act(lab, "review_documents", {"documents": [{}, {"verdict": "conform"}]}, "review-documents")
    at_the_desk(tester, lab, "S-1", "initial", fails=True)
    found = [{"item": "r76.weighing", "serial": "S-1", "finding": "示值超差"}]
    tester.act(lab, "find_nonconformity", {"items": found}, "nonconformity")
    cast.on("2013-10-15")
    cast["applicant"].open("/my/messages", "messages")
    cast["applicant"].open(case.page("my"), "case-improve")
    samples = content_of("deliver_improved")["samples"]
    tester = cast["tester"]
    tester.act(lab, "deliver_improved", {"samples": samples}, "improved")
    at_the_desk(tester, lab, "S-2", "retest_after_modification", fails=False)


def report(cast: Cast, case: Filed) -> None:
    """Three people sign the report."""
    cast.on("2013-11-26")
    lab = case.page("lab")
    for who, action in (("tester", "draft_report"), ("checker", "check_report"), ("signatory", "issue_report")):
        named = named_in(action, case.data(cast.office), {}) if action in NAMING else {}
        cast[who].act(lab, action, {**content_of(action), **named}, action.replace("_", "-"))
    cast["signatory"].open(lab, "case-lab")


def decide(cast: Cast, case: Filed) -> None:
    """One person examines, another decides."""
    cast["examiner"].act(case.page("office"), "review", content_of("review"), "review")
    cast["decider"].act(case.page("office"), "grant", {}, f"grant-{case.service}")
    cast.on(cast.now[:10])


def assess(cast: Cast, case: Filed) -> None:
    """The office accepts what it received by itself, and has the maker assessed."""
    office = case.page("office")
    cast["intake"].act(office, "accept", {})
    days = {"planned_from": "2014-01-27", "planned_to": "2014-01-28"}
    cast["examiner"].act(office, "plan_assessment", days, "plan-assessment")
    cast["examiner"].act(office, "confirm_assessors", content_of("confirm_assessors"), "confirm-assessors")
    cast["examiner"].act(office, "serve_time_notice", content_of("serve_time_notice"))
    cast.on("2014-01-28")
    cast["examiner"].open(f"{office}/documents", "evidence")
    told = content_of("report_assessment", licence_form("E"))
    cast["examiner"].act(office, "report_assessment", told, "report-assessment")


def check(cast: Cast, register: str, number: str) -> None:
    """Anybody types the number, and reads the QR code on the paper."""
    anybody = cast["anybody"]
    anybody.open("/", "home")
    anybody.page.locator("#number").fill(f" {number.lower()} ")
    anybody.follow("main form button")
    expect(anybody.page.locator("h1")).to_have_text(number)
    anybody.see(f"permit-{register}")
    anybody.open(scan(anybody, anybody.path), f"paper-{register}")
    expect(anybody.page.locator("h1")).to_have_text(number)
    expect(anybody.page.locator(".notice.good")).to_be_visible()


def test_an_officer_takes_what_is_due_from_the_queue_and_colleagues_see_it(
    person: Callable[..., Person], office: Office
) -> None:
    case = office.case("type_approval")
    case.until("submit")
    wait_for(office.settled, what="all events to arrive")
    number, way = case.read()["number"], Way("en", script=False)
    intake = person(way).sign_in(case.people["intake"])
    intake.open("/office")
    days = intake.page.locator("td[data-label=By] time").evaluate_all("all => all.map(one => one.dateTime)")
    assert days == sorted(days), "what is due first comes first"
    intake.page.locator("#holder").select_option("authority")
    intake.press("filter")
    shared = intake.page.url
    assert "holder=authority" in shared
    # Across a Sunday that works and five days off.
    row = intake.page.locator("tr", has=intake.page.locator(f"a[href$='/{number}']"))
    expect(row).to_contain_text("25 September 2013")
    expect(row).to_contain_text("5 working days left")
    row.locator("input[name=case]").check()
    intake.press("claim")
    expect(intake.page.locator(".notice.good")).to_contain_text(number)
    intake.see()
    wait_for(office.settled, what="the claim to arrive")
    colleague = person(way).sign_in(officer("colleague", "intake"))
    colleague.open(shared)
    expect(colleague.page.locator("main")).not_to_contain_text(number)
    colleague.follow("a[href*='assignee=all']")
    row = colleague.page.locator("tr", has=colleague.page.locator(f"a[href$='/{number}']"))
    expect(row).to_contain_text(case.people["intake"].name)
