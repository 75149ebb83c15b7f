"""One organisation, one number, one model, in any spelling."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from shared.identity import Actor, Role
from shared.identity.uscc import check_character, organisation_check_character, party
from tests.services.licensing.parts import known_as
from tests.support import applicant, credit_code, database, laboratory, officer, wait_for
from tests.support.forms import line_with

if TYPE_CHECKING:
    from deploy.local.backing import Backing
    from tests.support import Office, PlayedCase

CODES = (
    *("912201011234567884", "123456788", "12345678-8", "71526726X", "71526726-X", "9144030071526726XG"),
    *(
        "91220101MA0Y000086",
        "JL-LAB-01",
        "jl-lab-01 ",
        "ＪＬ－ＬＡＢ－０１",
        "JL\u2013LAB\u201301",
        "LAB 1",
        "",
        "计量院 1",
    ),
    *("ABCDEFGHJKLMNPQRTU", "ABCDEFGH-J", "12345678--8"),
)


def codes_of_a_new_maker() -> tuple[str, str]:
    """Its credit code and its organisation code."""
    body = credit_code()[9:17]
    organisation = body + organisation_check_character(body)
    return f"91220101{organisation}{check_character(f'91220101{organisation}')}", organisation


def test_the_database_knows_parties_as_the_code_does(servers: Backing) -> None:
    name = f"{servers.namespace}_parties"
    with database(servers.database_url, name, "notifications") as engine, engine.connect() as tx:
        stored = [tx.execute(text("SELECT party(:code)"), {"code": code}).scalar_one() for code in CODES]
        inboxes = [
            tx.execute(text("SELECT inbox_of(:inbox)"), {"inbox": inbox}).scalar_one()
            for inbox in ("applicant:12345678-8", "lab:jl-lab-01", "staff:12345678-8", "post:intake")
        ]
    assert stored == [party(code) for code in CODES]
    assert inboxes == ["applicant:123456788", "lab:JL-LAB-01", "staff:12345678-8", "post:intake"]


def test_a_bar_holds_for_the_organisation_by_whichever_code(office: Office) -> None:
    code, old = codes_of_a_new_maker()
    case = office.case("type_approval", code)
    case.until("review")
    case.do("refuse", bar="FALSE_MATERIALS")
    for spelling in (old, f"{old[:8]}-{old[8]}", code.lower()):
        answer = office.case("type_approval", spelling).attempt("submit")
        assert (answer.status, answer.faults) == (422, {"credit_code": "barred"})
    assert office.case("type_approval").do("submit")["state"] == "received"


def test_what_is_an_organisations_is_so_by_whichever_code(office: Office) -> None:
    code, old = codes_of_a_new_maker()
    case = office.case("type_approval", code)
    number = case.until("grant")["number"]
    known_as(office, case, "in_force")
    theirs = office.caller("type_approval", applicant(old))
    assert [item["id"] for item in theirs.get("/v1/applications").json["items"]] == [case.id]
    assert theirs.get(case.path("applicant")).json["applicant"] == code
    licence = office.case("licensing", old)
    assert licence.do("submit")["state"] == "received", "covered by the certificate of the credit code"
    staff = office.caller("type_approval", officer("head-1"))
    listed = staff.get(f"/internal/v1/applications?applicant={old[:8]}-{old[8]}").json["items"]
    assert [item["number"] for item in listed] == [number]

    wait_for(office.settled, what="all events to arrive")
    told = office.caller("notifications", applicant(f"{old[:8]}-{old[8]}"))
    assert told.get(f"/v1/cases/{number}/clocks").status == 200
    assert told.get(f"/v1/cases/{number}/messages").json["items"]
    assert told.get("/v1/messages?limit=100").json["items"]
    assert {event["subject"] for event in told.get("/v1/events").json["items"]} >= {number}
    contact = {"email": "zhang@maker.example", "language": "zh"}
    assert told.put("/v1/contact", contact).status == 200
    also = office.caller("notifications", applicant(code))
    assert also.get("/v1/contact").json == contact
    assert also.put("/v1/contact", {**contact, "language": "en"}).status == 200
    assert told.get("/v1/contact").json["language"] == "en"


def test_staff_stand_aside_from_their_organisation_by_whichever_code(office: Office) -> None:
    code, old = codes_of_a_new_maker()
    case = office.case("type_approval", code)
    number = case.do("submit")["number"]
    wait_for(office.settled, what="all events to arrive")
    own = Actor("own-1", "own-1", Role.STAFF, f" {old[:8]}-{old[8]}", frozenset({"intake", "examiner"}))
    staff, told = office.caller("type_approval", own), office.caller("notifications", own)
    assert staff.get(f"/internal/v1/applications/{number}").status == 404
    assert not staff.get(f"/internal/v1/applications?number={number}").json["items"]
    assert told.get(f"/internal/v1/cases/{number}/clocks").status == 404
    assert number not in {item["number"] for item in told.items("/internal/v1/work?limit=100")}
    assert number not in {event["subject"] for event in told.items("/internal/v1/events?limit=100")}
    case.do("accept")
    for spelling in (old, f"{old[:8]}-{old[8]}", code.lower()):
        assert case.attempt("commission", lab=spelling).faults == {"lab": "own_product"}


def test_keys_that_are_typed_name_laboratories_prototypes_and_categories(office: Office) -> None:
    case = office.case("type_approval", category="Non_Automatic_Scale ")
    case.until("accept")
    assert case.do("commission", lab=" lab\u201301　")["lab"] == "LAB-01"
    assert case.do("arrange")["state"] == "arranged"
    case.do("receive_samples")
    assert case.do("record_test", serial="ｓ\u20131 ")["state"] == "evaluating"
    assert office.caller("type_approval", laboratory("ｌａｂ－０１", "tester-2")).get(case.path("tester")).status == 200


@pytest.fixture(scope="module")
def granted(office: Office) -> tuple[PlayedCase, PlayedCase]:
    """A type approval, and a licence for what it covers."""
    approval = office.case("type_approval")
    approval.until("deliver")
    known_as(office, approval, "in_force")
    licence = office.case("licensing", approval.code)
    licence.until("deliver")
    return approval, licence


def test_a_number_is_found_in_any_spelling(office: Office, granted: tuple[PlayedCase, PlayedCase]) -> None:
    approval, licence = granted
    certificate, number = approval.read()["certificate"], licence.read()["licence"]
    anybody = office.caller("type_approval", None)
    wide = "".join(chr(ord(char) + 0xFEE0) for char in certificate)
    year, rest = certificate[:4], certificate[4:]
    for typed in (
        *(f"CPA {certificate}", f"cpa{certificate.lower()}", f" {certificate}　", wide, f"{year} {rest}"),
        *(certificate.replace("-", dash) for dash in "\u2013\u2014\u2011\u2212－"),
    ):
        assert anybody.get(f"/v1/certificates/{typed}").json["number"] == certificate, typed
    assert anybody.get(f"/v1/certificates/{certificate[:-1]}").status == 404
    anybody = office.caller("licensing", None)
    for typed in (f"{number[:6]} {number[6:]}", f"{number[:2]}〔{number[2:6]}〕{number[6:]}", f"CMC {number}"):
        assert anybody.get(f"/v1/licences/{typed}").json["number"] == number, typed
    case = approval.read()["number"]
    staff = office.caller("type_approval", officer("head-1"))
    told = office.caller("notifications", approval.people["applicant"])
    wait_for(office.settled, what="notifications to know the case")
    for typed in (case.lower(), case.replace("-", "－"), f" {case} "):
        assert staff.get(f"/internal/v1/applications/{typed}").json["number"] == case
        assert staff.get(f"/internal/v1/applications?number={typed}").json["items"][0]["number"] == case
        assert told.get(f"/v1/cases/{typed}/clocks").json["number"] == case
        assert told.get(f"/v1/messages?case={typed}").json["items"]


def test_forms_name_certificates_and_licences_in_any_spelling(
    office: Office, granted: tuple[PlayedCase, PlayedCase]
) -> None:
    approval, licence = granted
    certificate, number = approval.read()["certificate"], licence.read()["licence"]
    (line,) = licence.form["lines"]
    typed = {"model": "ａｃｓ－15", "type_approval": f"cpa {certificate.replace('-', '–')}"}
    other = office.case("licensing", approval.code, lines=[{**line_with(line, **{"class": "Ⅲ"}), **typed}])
    assert other.do("submit")["state"] == "received"
    assert other.read()["form"]["lines"][0]["model"] == "ａｃｓ－15", "shown as it was typed"
    renewal = office.case("licensing", approval.code, kind="renewal", renews=f" {number[:6]} {number[6:]}")
    assert renewal.do("submit", now="2016-06-01T09:00:00+08:00")["state"] == "received"
    again = office.case("licensing", approval.code, kind="renewal", renews=number)
    assert again.attempt("submit", now="2016-06-01T09:00:00+08:00").faults == {"renews": "renewal_running"}


def test_staff_are_named_without_the_blanks_around_their_subject(office: Office) -> None:
    case = office.case("type_approval")
    case.until("accept")
    assigned = case.do("assign", to={"subject": " examiner-1　", "name": "李承办"})
    assert assigned["assignee"] == {"subject": "examiner-1", "name": "李承办"}
    assert case.do("release", "examiner")["state"] == "accepted"
    with office.unchanged():
        assert case.attempt("assign", to={"subject": " ", "name": "李承办"}).faults == {"to.subject": "missing"}
    head = office.caller("notifications", officer("head-1", "section_head"))
    record = {"name": "王", "email": "wang@office.example", "posts": ["examiner"], "language": "zh"}
    for subject in ("wang-1", "li-1"):
        assert head.put(f"/internal/v1/staff/%20{subject}%20", record).json["subject"] == subject
    away = head.post("/internal/v1/staff/li-1/absences", {"from": "2013-10-08", "to": "2013-10-09", "cover": "wang-1 "})
    assert away.json["cover"] == "wang-1"
