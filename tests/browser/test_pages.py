"""Every kind of page on a phone and in the dark, in both languages: nothing is cut off, nothing is illegible."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from starlette.routing import Route

from deploy.local.registers import EXAMPLES
from services.portal import (
    account,
    calendar,
    cases,
    counting,
    desk,
    documents,
    papers,
    published,
    serving,
    times,
)
from services.portal.application import PAGES
from services.portal.posting import FormPage
from tests.browser.people import PHONE, WIDE, Way
from tests.services.portal.test_office import directory
from tests.shared.casework.parts import MOVED
from tests.shared.uploads.files import pdf
from tests.support import applicant, credit_code, expert, wait_for
from tests.support import officer as operator

if TYPE_CHECKING:
    from collections.abc import Callable

    from shared.identity import Actor
    from tests.browser.people import Person
    from tests.support import Office, PlayedCase

WAYS = [Way("zh", width=PHONE), Way("en", width=PHONE, scheme="dark"), Way("en", width=WIDE, scheme="dark")]
PUBLIC = {
    "home": "/",
    "register": "/register",
    "permits": "/permits",
    "need": "/need?kind=water_meter&on=2013-09-17",
    "help": "/help",
    "accessibility": "/accessibility",
    "verify": "/verify",
    "due": "/due?start=2013-09-17&days=5",
}


ROUTES = [Route(page.path, page.answer) for page in PAGES if page.methods == ("GET",)]
NOT_HERE: dict[object, str] = {
    papers.paper: "a QR code leads there, which test_story reads",
    papers.notice: "like that of a permit, with a QR code of its own; tests/services/portal/test_papers.py opens it",
    account.login: "leads to the issuer",
    account.callback: "comes from the issuer; where it refuses it is looked at with what went wrong",
    cases.by_number: "leads to the page of the case",
    serving.show: "a plain form; tests/services/portal/test_office.py fills it in",
    **dict.fromkeys(
        (
            *(
                papers.permit_file,
                papers.permit_metadata,
                papers.notice_file,
                published.checkpoint,
                published.data,
                counting.picture,
            ),
            *(documents.fetch, documents.whole, calendar.subscribed, calendar.file, times.export, desk.template),
            *(desk.certificate, cases.picture),
        ),
        "a file",
    ),
}
"""What answers requests and is not opened by `test_pages_of_every_side`, with the reason."""


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.name)
def test_pages_of_every_side(person: Callable[..., Person], office: Office, way: Way) -> None:
    people: list[Person] = []

    def somebody() -> Person:
        people.append(person(way))
        return people[-1]

    case, draft = office.case("type_approval"), office.case("type_approval")
    case.until("record_test")
    mark = office.case("c_mark")
    mark.until("grant")
    granted = office.case("type_approval")
    granted.until("grant")
    wait_for(office.settled, what="all events to arrive")
    number = case.read()["number"]
    anybody = somebody()
    for name, path in {**PUBLIC, "permit": f"/certificates/{granted.read()['certificate']}"}.items():
        anybody.open(path, name)
    anybody.open(f"/marks/{mark.read()['mark']}", "mark")
    anybody.open("/check?number=2013F999-22", "check", 404)
    anybody.open("/nowhere", "not-found", 404)
    applicant = somebody().sign_in(case.people["applicant"])
    for name, path in {
        "mine": "/my",
        "apply": "/my/apply",
        "mandates": "/my/mandates",
        "messages": "/my/messages",
        "contact": "/my/contact",
    }.items():
        applicant.open(path, name)
    applicant.open(f"/my/type-approval/{number}", "case-applicant")
    applicant.page.locator("a[href*='/clocks/']").first.click()
    applicant.see("clock")
    applicant.page.goto("/my/messages")
    applicant.page.locator("main a[href*='/messages/']").first.click()
    applicant.see("message")
    applicant.open("/my/calendar", "calendar-applicant")
    packer = somebody().sign_in(mark.people["applicant"])
    packer.open(f"/my/c-mark/{mark.read()['number']}", "case-mark")
    agent = somebody().sign_in(agent_of(office, case))
    agent.open("/my/acting", "acting")
    writer = somebody().sign_in(draft.people["applicant"])
    for name in ("", "/models", "/applicant", "/check"):
        writer.open(f"/my/type-approval/{draft.id}/draft{name}", f"draft{name.replace('/', '-')}")
    sent = f"{draft.path('applicant')}/documents?kind=user_manual&name=使用说明书.pdf"
    assert draft.caller("applicant").send("POST", sent, pdf(), Content_Type="application/pdf").status == 201
    writer.open(f"/my/type-approval/{draft.id}/documents", "documents")
    tester = somebody().sign_in(case.people["tester"])
    tester.open("/lab", "lab")
    for name, path in {"case-lab": "", "desk": "/tests", "bench": "/tests/r76.weighing?record=1"}.items():
        tester.open(f"/lab/type-approval/{number}{path}", name)
    tester.press("check")
    tester.see("bench-checked")
    officer = somebody().sign_in(case.people["intake"])
    for name, path in {
        "work": "/office",
        "search": f"/office/search?q={number}",
        "times": "/office/times",
        "calendar": "/office/calendar?whose=all",
        "staff": "/office/people",
        "colleague": f"/office/people/{directory(office)}",
        "messages-office": "/office/messages",
    }.items():
        officer.open(path, name)
    officer.open(f"/office/type-approval/{number}", "case-office")
    for who, name in ((operator("operator"), "system"), (case.people["decider"], "abolition")):
        somebody().sign_in(who).open(f"/office/{name}", name)
    head = somebody().sign_in(case.people["head"])
    head.open(f"/office/type-approval/{number}/actions/assign", "action")
    registers(tester, head)
    assessing(somebody, office)
    checking_a_place(somebody, granted)
    opened = {kind_of(path) for one in people for path in one.seen}
    assert {answering(route) for route in ROUTES} - opened == set(NOT_HERE)


def assessing(somebody: Callable[[], Person], office: Office) -> None:
    """What an expert sees of the assessment, and the office after it was reported."""
    case = office.case("licensing")
    case.until("plan_assessment")
    number, lead = case.read()["number"], case.read()["assessment_plan"]["team"][0]["code"]
    one = somebody().sign_in(expert(lead))
    one.open("/expert", "expert")
    one.open(f"/expert/licensing/{number}", "case-expert")
    one.open(f"/expert/licensing/{number}/actions/record_findings", "record-findings")
    for action in ("confirm_assessors", "report_assessment"):
        case.do(action)
    somebody().sign_in(case.people["decider"]).open(f"/office/licensing/{number}", "case-assessed")


def checking_a_place(somebody: Callable[[], Person], case: PlayedCase) -> None:
    """Whether what is made at a new place conforms: asked for by the office, reported by the laboratory."""
    case.do("deliver")
    case.do("report_change", places_of_manufacture=MOVED["places_of_manufacture"])
    number = case.read()["number"]
    office = somebody().sign_in(case.people["head"])
    office.open(f"/office/type-approval/{number}/actions/request_conformity_check", "conformity-asked")
    case.do("request_conformity_check")
    somebody().sign_in(case.people["signatory"]).open(
        f"/lab/type-approval/{number}/actions/report_conformity", "conformity-report"
    )
    case.do("report_conformity")
    office.open(f"/office/type-approval/{number}", "case-granted")


def kind_of(path: str) -> object:
    """What answers at that path; None if nothing does. Registers share their pages, and so do the sides."""
    return next((answering(route) for route in ROUTES if route.path_regex.match(path)), None)


def answering(route: Route) -> object:
    form = getattr(route.endpoint, "__self__", None)
    return form.draw if isinstance(form, FormPage) else getattr(route.endpoint, "func", route.endpoint)


def registers(tester: Person, head: Person) -> None:
    """What laboratories and the office keep, and what is taken in from earlier books."""
    for name, path in {
        "people": "/people",
        "person": "/people/tester-1",
        "person-add": "/add/people",
        "list": "/import/people",
        "standards": "/standards",
        "standard": "/standards/M1-set",
        "standard-end": "/standards/M1-set/actions/end",
        "device-add": "/add/devices",
    }.items():
        tester.open(f"/lab{path}", f"register-{name}")
    for name, path in {"laboratories": "", "laboratory": "/JL-LAB-01", "change": "/JL-LAB-01/actions/change"}.items():
        head.open(f"/office/laboratories{path}", f"register-{name}")
    head.open("/office/historic/certificates", "historic")
    head.page.locator("#f-source").fill("2005—2012年台账")
    head.page.locator("#file").set_input_files(EXAMPLES / "historic-certificates.csv")
    head.press("preview")
    head.see("historic-preview")


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.name)
def test_pages_when_something_went_wrong(
    person: Callable[..., Person], office: Office, end_sessions: Callable[[], None], way: Way
) -> None:
    case = office.case("type_approval")
    case.until("submit")
    wait_for(office.settled, what="all events to arrive")
    person(way).open("/login/callback?state=unknown", "login-failed", 400)
    officer = person(way).sign_in(case.people["intake"])
    officer.page.goto(f"/office/type-approval/{case.read()['number']}/actions/request_supplement")
    case.do("claim", "intake")
    officer.page.locator("#f-items").fill("缺少说明书")
    officer.press("preview")
    officer.see("conflict")
    applicant = person(way).sign_in(case.people["applicant"])
    applicant.page.goto("/my/messages")
    applicant.page.locator("main a[href*='/messages/']").first.click()
    end_sessions()
    applicant.follow("main form button")
    applicant.see("signed-out")
    leaver = person(way).sign_in(case.people["applicant"])
    leaver.page.locator("form[action='/logout'] button").first.evaluate("one => one.form.requestSubmit()")
    leaver.page.wait_for_url("**/logout")
    leaver.see("logged-out")


def agent_of(office: Office, case: PlayedCase) -> Actor:
    """Somebody whose organisation has a mandate of the applicant."""
    code = credit_code()
    mandate = {
        "code": code,
        "name": "某代理公司",
        "scope": "act",
        "valid_from": "2013-09-01",
        "valid_until": "2014-08-31",
    }
    assert case.caller("applicant").post("/v1/mandates", mandate).status == 201
    wait_for(office.settled, what="the mandate to be known")
    return applicant(code, "agent")
