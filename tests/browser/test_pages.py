"""Every kind of page on a phone and in the dark, in both languages: nothing is cut off, nothing is illegible."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from deploy.local.registers import EXAMPLES
from tests.browser.people import PHONE, Way
from tests.shared.uploads.files import pdf
from tests.support import applicant, credit_code, wait_for

if TYPE_CHECKING:
    from collections.abc import Callable

    from shared.identity import Actor
    from tests.browser.people import Person
    from tests.support import Office, PlayedCase

WAYS = [Way("zh", width=PHONE), Way("en", width=PHONE, scheme="dark"), Way("en", scheme="dark")]
PUBLIC = {
    "home": "/",
    "check": "/check?number=2013F999-22",
    "register": "/register",
    "permits": "/permits",
    "need": "/need?kind=water_meter&on=2013-09-17",
    "help": "/help",
    "verify": "/verify",
    "due": "/due?start=2013-09-17&days=5",
}


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.name)
def test_pages_of_every_side(person: Callable[..., Person], office: Office, way: Way) -> None:
    case, draft = office.case("type_approval"), office.case("type_approval")
    case.until("record_test")
    mark = office.case("c_mark")
    mark.until("grant")
    granted = office.case("type_approval")
    granted.until("grant")
    wait_for(office.settled, what="all events to arrive")
    number = case.read()["number"]
    anybody = person(way)
    for name, path in {**PUBLIC, "permit": f"/certificates/{granted.read()['certificate']}"}.items():
        anybody.open(path, name)
    anybody.open(f"/marks/{mark.read()['mark']}", "mark")
    anybody.open("/nowhere", "not-found")
    applicant = person(way).sign_in(case.people["applicant"])
    for name, path in {
        "mine": "/my",
        "apply": "/my/apply",
        "mandates": "/my/mandates",
        "messages": "/my/messages",
    }.items():
        applicant.open(path, name)
    applicant.open(f"/my/type-approval/{number}", "case-applicant")
    applicant.page.locator("a[href*='/clocks/']").first.click()
    applicant.see("clock")
    packer = person(way).sign_in(mark.people["applicant"])
    packer.open(f"/my/c-mark/{mark.read()['number']}", "case-mark")
    agent = person(way).sign_in(agent_of(office, case))
    agent.open("/my/acting", "acting")
    writer = person(way).sign_in(draft.people["applicant"])
    for name in ("", "/models", "/applicant", "/check"):
        writer.open(f"/my/type-approval/{draft.id}/draft{name}", f"draft{name.replace('/', '-')}")
    sent = f"{draft.path('applicant')}/documents?kind=user_manual&name=使用说明书.pdf"
    assert draft.caller("applicant").send("POST", sent, pdf(), Content_Type="application/pdf").status == 201
    writer.open(f"/my/type-approval/{draft.id}/documents", "documents")
    tester = person(way).sign_in(case.people["tester"])
    tester.open("/lab", "lab")
    for name, path in {"case-lab": "", "desk": "/tests", "bench": "/tests/r76.weighing?record=1"}.items():
        tester.open(f"/lab/type-approval/{number}{path}", name)
    tester.press("check")
    tester.see("bench-checked")
    officer = person(way).sign_in(case.people["intake"])
    for name, path in {
        "work": "/office",
        "search": f"/office/search?q={number}",
        "times": "/office/times",
        "calendar": "/office/calendar?whose=all",
        "staff": "/office/people",
    }.items():
        officer.open(path, name)
    officer.open(f"/office/type-approval/{number}", "case-office")
    person(way).sign_in(case.people["head"]).open("/office/system", "system")
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
    head = person(way).sign_in(case.people["head"])
    for name, path in {"laboratories": "", "laboratory": "/JL-LAB-01", "change": "/JL-LAB-01/actions/change"}.items():
        head.open(f"/office/laboratories{path}", f"register-{name}")
    head.open("/office/historic/certificates", "historic")
    head.page.locator("#source").fill("2005—2012年台账")
    head.page.locator("#file").set_input_files(EXAMPLES / "historic-certificates.csv")
    head.press("preview")
    head.see("historic-preview")


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
