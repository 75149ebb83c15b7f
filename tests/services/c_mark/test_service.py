"""The service of the C mark in the running system: it hears what time and the law bring about, and is heard."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from tests.services.notices import tell
from tests.support import WAYS, applicant, credit_code, officer, wait_for

if TYPE_CHECKING:
    from deploy.local.backing import Backing
    from tests.support import Office, PlayedCase

DECLARED, EVE, SWITCH = (f"{day}T09:00:00+08:00" for day in ("2019-06-03", "2018-12-28", "2019-01-01"))


def shown(case: PlayedCase) -> Any:
    """The mark as anybody sees it."""
    return case.office.caller("c_mark", None).get(f"/v1/marks/{case.read()['mark']}").json


def heard(case: PlayedCase, what: str, now: str) -> Any:
    caller = case.office.caller("notifications", officer("anybody"), now)
    return caller.get(f"/internal/v1/cases/{case.read()['number']}/{what}").json["items"]


def test_a_certificate_expires_when_its_clock_does(office: Office, servers: Backing) -> None:
    case = office.case("c_mark")
    case.until("deliver")
    wait_for(office.settled, what="the grant to be heard")
    (term,) = (clock for clock in heard(case, "clocks", DECLARED) if clock["limit"] == "mark_term")
    assert term["due_on"] == "2016-09-17"
    clock = {"clock": term["id"], "limit": "mark_term", "effect": "expire", "started_on": "2013-09-17"}
    tell(servers, case, "clock.expired", "2016-09-18T00:00:00+08:00", due_on=term["due_on"], **clock)
    assert (shown(case)["status"], shown(case)["ended"]["on"]) == ("expired", "2016-09-17")
    wait_for(office.settled, what="the end to be heard")
    assert "mark.ended" in [sent["template"] for sent in heard(case, "messages", DECLARED)]


def test_a_certificate_is_renewed_without_typing_and_loses_no_day(office: Office) -> None:
    held, ahead = office.case("c_mark"), "2016-06-01T09:00:00+08:00"
    held.until("deliver")
    path = f"/v1/marks/{quote(held.read()['mark'])}/renewals"
    stranger = office.caller("c_mark", applicant(credit_code()), ahead)
    assert stranger.post(path, {}).status == 404
    made = held.caller("applicant", ahead).post(path, {})
    assert made.json["form"]["renews"] == held.read()["mark"], made.body
    renewal = office.case("c_mark", held.code)
    renewal.id, renewal.form = made.json["id"], made.json["form"]
    renewal.form = {**made.json["form"], "applicant_name": "另名有限公司"}
    renewal.do("edit", now=ahead)
    assert renewal.attempt("submit", now=ahead).faults == {"applicant_name": "held_otherwise"}
    renewal.form = made.json["form"]
    renewal.do("edit", now=ahead)
    assert renewal.do("submit", now=ahead)["state"] == "received"
    again = held.caller("applicant", ahead).post(path, {})
    assert [one["code"] for one in again.json["invalid_params"]] == ["renewal_running"]
    for action in WAYS["c_mark"][1:]:
        renewal.do(action, now=ahead, **({"assessed_on": ahead[:10]} if action == "assess" else {}))
    assert (shown(renewal)["valid_until"], shown(renewal)["renews"]) == ("2019-09-17", shown(held)["number"])
    assert shown(held)["valid_until"] == "2016-09-17"
    declared = renewal.caller("applicant", DECLARED).post(f"/v1/marks/{quote(renewal.read()['mark'])}/renewals", {})
    assert [one["code"] for one in declared.json["invalid_params"]] == ["not_needed"]
    over = office.case("c_mark", held.code, renews=held.read()["mark"])
    refused = over.attempt("submit", now="2016-09-18T09:00:00+08:00")
    assert [one["code"] for one in refused.json["invalid_params"]] == ["mark_ended"]


def test_of_the_mark_anybody_reads_the_limits_that_it_has_on_the_day(office: Office) -> None:
    found = {}
    for day in (EVE[:10], SWITCH[:10]):
        permits = office.caller("notifications", None).get(f"/v1/permits?on={day}").json["permits"]
        (mark,) = (one for one in permits if one["procedure"] == "c_mark")
        assert mark["verified"] is False
        found[day] = [one["limit"] for one in mark["limits"]]
    assert {"intake", "decision", "delivery"} <= {*found[EVE[:10]]}
    assert found[SWITCH[:10]] == ["correction"]
    counted = office.caller("c_mark", None).get("/v1/marks/figures.csv?year=2013").body.decode("utf-8-sig")
    assert [line.partition(",")[0] for line in counted.splitlines()][:2] == ["year", "2013"]


ENDS = {
    "revoke": ("revoked", "REVOKED"),
    "withdraw_mark": ("mark_withdrawn", "WITHDRAWN"),
    "cancel": ("cancelled", "CANCELLED"),
}


def test_a_certificate_ends_in_three_ways_and_each_is_taken_back(office: Office) -> None:
    case, later = office.case("c_mark"), "2014-03-03T09:00:00+08:00"
    case.until("deliver")
    before = {name: value for name, value in shown(case).items() if name != "issues"}
    for action, (status, ground) in ENDS.items():
        case.do(action, now=later)
        found = shown(case)
        assert (found["status"], found["ended"]["ground"]) == (status, ground)
        assert found["covers"] == [{"from": "2013-09-17", "until": "2014-03-02"}]
        assert case.do("restore", now=later)["state"] == "valid"
        assert {name: value for name, value in shown(case).items() if name != "issues"} == before
    wait_for(office.settled, what="all of it to be heard")
    (term,) = (clock for clock in heard(case, "clocks", DECLARED) if clock["limit"] == "mark_term")
    assert (term["state"], term["due_on"]) == ("running", "2016-09-17")


def test_who_declares_says_what_was_corrected_and_may_withdraw_it(office: Office) -> None:
    case = office.case("c_mark")
    case.do("submit", now=DECLARED)
    case.do("check", now=DECLARED, result="to_correct", findings="净含量不足")
    case.do("report_correction", now=DECLARED)
    assert shown(case)["correction_order"]["done"] == "已更换衡器并重新包装"
    case.do("amend", now=DECLARED, form={**case.form, "metrology_head": "褚计量"})
    assert case.do("withdraw_declaration", now=DECLARED)["state"] == "declaration_withdrawn"
    assert (shown(case)["status"], shown(case)["ended"]["ground"]) == (
        "declaration_withdrawn",
        "DECLARATION_WITHDRAWN",
    )


def test_what_is_under_way_ends_with_the_law_and_is_declared_and_checked(office: Office, servers: Backing) -> None:
    case = office.case("c_mark")
    case.do("submit", now=EVE)
    change = {"change": "C-DECLARED", "kind": "declared", "effective_on": SWITCH[:10]}
    tell(servers, case, "law.changed", SWITCH, **change)
    assert (case.read()["state"], case.read()["end"]["ground"]) == ("terminated", "LAW_CHANGED")
    declared = office.case("c_mark", case.code)
    assert declared.do("submit", now=DECLARED)["state"] == "declared"
    assert shown(declared)["status"] == "valid"
    declared.do("check", now=DECLARED, result="to_correct", findings="净含量不足")
    wait_for(office.settled, what="the check to be heard")
    (clock,) = heard(declared, "clocks", DECLARED)
    assert (clock["limit"], clock["state"], clock["due_on"]) == ("correction", "running", "2019-07-03")
    declared.do("strike_off", now=DECLARED)
    assert shown(declared)["status"] == "struck_off"
    wait_for(office.settled, what="the end to be heard")
    assert [one["state"] for one in heard(declared, "clocks", DECLARED)] == ["stopped"]
    declared.do("restore", now=DECLARED)
    assert shown(declared)["status"] == "to_correct"
    wait_for(office.settled, what="the return to be heard")
    assert [one["state"] for one in heard(declared, "clocks", DECLARED)] == ["running"]
