"""A licence that an office below the province decides: who sees it, who acts, under which numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest

from services.instruments import scope
from shared.messaging.envelope import new_id
from tests.services.licensing.parts import learn
from tests.services.notices import intake_expired
from tests.support import NOW, credit_code, officer, wait_for
from tests.support.office import WAYS, people

if TYPE_CHECKING:
    from deploy.local.backing import Backing
    from tests.support import Answer, Office, PlayedCase

GAUGE = {
    "name": "弹簧管式压力表",
    "model": "Y-100",
    "category": "pressure_gauge",
    "characteristics": {"quantity": "压力", "range_high": "1.6 MPa", "accuracy": "1.6级"},
    "standard": "GB/T 1226-2010",
}
CHANGCHUN, ELSEWHERE, PROVINCE = (
    officer("watcher", office=office) for office in ("changchun", "jilin_city", "provincial")
)


@pytest.fixture
def of_city(office: Office) -> PlayedCase:
    """An application of a maker of pressure gauges in Changchun, as it is received."""
    code, approval = credit_code(), new_id()
    with office.engines["licensing"].begin() as tx:
        lines = scope([GAUGE])
        learn(tx, approval, "application.received", applicant={"code": code}, lines=lines)
        learn(tx, approval, "certificate.granted", certificate=f"2013F{approval[-4:]}-22", lines=lines)
    case = office.case("licensing", code, lines=[GAUGE])
    case.people = people(code, "changchun")
    assert case.do("submit")["office"]["id"] == "changchun"
    return case


def seen(case: PlayedCase, who: Any) -> dict[str, bool]:
    """By way of finding it, whether the member of staff finds the case."""
    office, number = case.office, case.read()["number"]
    licensing, told = office.caller("licensing", who), office.caller("notifications", who)
    path = f"/internal/v1/applications/{number}"
    lists = (
        "?sort=-created",
        f"?q={number}",
        f"?number={number}",
        f"?applicant={case.code}",
        "?sort=-created&assignee=none",
    )
    return {
        **{
            f"list {asked}": number in licensing.get(f"/internal/v1/applications{asked}").body.decode()
            for asked in lists
        },
        **{part: licensing.get(f"{path}{part}").status == 200 for part in ("", "/journal", "/documents")},
        **{part: told.get(f"/internal/v1/cases/{number}/{part}").status == 200 for part in ("clocks", "messages")},
        "work": number in [one["number"] for one in told.items("/internal/v1/work?limit=100")],
        "feed": number in [one["subject"] for one in told.items("/internal/v1/events?limit=100")],
    }


def test_the_staff_of_one_office_never_see_the_cases_of_another(of_city: PlayedCase) -> None:
    office = of_city.office
    wait_for(office.settled, what="the application to be heard of")
    found = seen(of_city, CHANGCHUN)
    assert all(found.values()), found
    assert not any(seen(of_city, ELSEWHERE).values())
    assert all(seen(of_city, PROVINCE).values())
    for who, status in ((ELSEWHERE, 404), (PROVINCE, 403), (CHANGCHUN, 200)):
        path = f"/internal/v1/applications/{of_city.read()['number']}/actions/accept"
        assert office.caller("licensing", who).post(path, {}, If_Match="*").status == status
    counted = {
        who.office: sum(
            row["cases"]
            for row in office.caller("notifications", who).get("/internal/v1/statistics?backlog=true").json["backlog"]
        )
        for who in (CHANGCHUN, ELSEWHERE, PROVINCE)
    }
    assert counted["jilin_city"] == 0 < counted["changchun"] <= counted["provincial"]


def test_an_office_gives_its_own_numbers_and_its_own_name(of_city: PlayedCase) -> None:
    for action in WAYS["licensing"][1:]:
        of_city.do(action)
    case = of_city.read()
    assert case["licence"].startswith("吉制0100")
    assert {notice["number"][:4] for notice in case["notices"]} == {"长质监制"}
    shown = of_city.office.caller("licensing", None).get(f"/v1/licences/{quote(case['licence'])}").json
    assert shown["authority"] == "长春市质量技术监督局"
    renewal = of_city.office.case("licensing", of_city.code, kind="renewal", renews=case["licence"], lines=[GAUGE])
    assert renewal.do("submit", now="2016-06-17T09:00:00+08:00")["office"]["id"] == "changchun"


def test_who_has_applied_at_the_wrong_office_is_sent_to_the_right_one_and_may_be_taken_back(
    of_city: PlayedCase,
) -> None:
    assert of_city.attempt("not_accept", office="changchun", referred_to=None).status == 422
    own = {"office": "changchun"}
    path = of_city.path("intake", "not_accept")
    refused = of_city.caller("intake").post(path, own, If_Match=of_city.etag("intake"))
    assert [one["code"] for one in refused.json["invalid_params"]] == ["own_office"]
    done = of_city.caller("intake").post(path, {"office": "dehui"}, If_Match=of_city.etag("intake"))
    assert (done.json["state"], done.json["referred_to"]) == ("not_accepted", "德惠市质量技术监督局")
    assert of_city.do("reopen")["state"] == "received"
    moved = {**of_city.form, "region": "220200"}
    elsewhere = of_city.attempt("correct", form=moved)
    assert [one["code"] for one in elsewhere.json["invalid_params"]] == ["another_office"]


def test_what_silence_accepted_at_the_wrong_office_is_handed_over_with_its_clocks(
    of_city: PlayedCase, servers: Backing
) -> None:
    """Silence makes an application accepted, not the office competent."""
    office, number = of_city.office, of_city.read()["number"]
    intake_expired(servers, of_city)
    later = "2013-09-26T09:00:00+08:00"
    assert of_city.read()["state"] == "accepted"
    of_city.do("claim", "examiner", now=later)
    assert codes(of_city.attempt("transfer", now=later)) == ["own_office"]
    wait_for(office.settled, what="the claim to be heard of")
    before = clocks_of(of_city)
    moved = of_city.do("transfer", now=later, office="dehui")
    assert (moved["office"]["id"], moved["state"]) == ("dehui", "accepted")
    case = of_city.read("head")
    assert (case["number"], "assignee" in case) == (number, False)
    assert case["transferred"]["by"] == "长春市质量技术监督局"
    # The letter is of the office that hands over.
    assert [one["number"][:4] for one in case["notices"] if one["kind"] == "transfer"] == ["长质监制"]
    wait_for(office.settled, what="the transfer to be heard of")
    # What happened while it was theirs stays in their feed.
    assert {way for way, value in seen(of_city, CHANGCHUN).items() if value} <= {"feed"}
    assert all(seen(of_city, officer("watcher", office="dehui")).values())
    assert clocks_of(of_city) == before
    told = office.caller("notifications", of_city.people["applicant"]).get("/v1/messages?limit=100").json["items"]
    assert "application.transferred" in {one["template"] for one in told}
    assert of_city.do("return_transfer", now=later)["office"]["id"] == "changchun"


def clocks_of(case: PlayedCase) -> dict[str, tuple[str, str | None]]:
    path = f"/internal/v1/cases/{case.read()['number']}/clocks"
    found = case.office.caller("notifications", PROVINCE).get(path).json["items"]
    return {clock["limit"]: (clock["state"], clock.get("due_on")) for clock in found}


def codes(answer: Answer) -> list[str]:
    return [one["code"] for one in answer.json["invalid_params"]]


def told_of(case: PlayedCase, template: str) -> set[str]:
    """Whom notifications has told of it."""
    query = "SELECT recipient FROM messages WHERE case_id = :id AND template = :template"
    return {row[0] for row in case.office.rows("notifications", query, id=case.id, template=template)}


def test_the_office_above_revokes_a_licence_and_alone_takes_that_back(of_city: PlayedCase) -> None:
    """Administrative Licensing Law Art. 69: the office that granted it, or the one above."""
    for action in WAYS["licensing"][1:]:
        of_city.do(action)
    office, licence = of_city.office, of_city.read()["licence"]
    of_city.people |= {"above": officer("above", "decider"), "elsewhere": officer("other", "decider", office="siping")}
    assert of_city.attempt("withdraw_licence", "above").status == 403
    assert of_city.attempt("revoke", "elsewhere").status == 404
    assert of_city.do("revoke", "above")["state"] == "revoked"
    [notice] = [one for one in of_city.read()["notices"] if one["kind"] == "revocation"]
    assert notice["number"].startswith("吉质监")
    shown = office.caller("licensing", None).get(f"/v1/licences/{quote(licence)}").json
    assert (shown["status"], shown["ended"]["office"]) == ("revoked", "provincial")
    wait_for(office.settled, what="the end to be heard of")
    assert told_of(of_city, "licence.ended.above") == {"applicant", "section_head"}
    assert of_city.attempt("restore", "decider").status == 403
    assert of_city.do("restore", "above")["state"] == "valid"
    wait_for(office.settled, what="the restoration to be heard of")
    assert told_of(of_city, "licence.restored.above") == {"applicant", "section_head"}
    assert "office" not in of_city.do("revoke", "second_decider")["end"]
    assert of_city.attempt("restore", "above").status == 403


def test_what_no_other_office_decides_is_the_provinces(office: Office) -> None:
    scale = office.case("licensing")
    assert scale.do("submit", now=NOW)["office"]["id"] == "provincial"
