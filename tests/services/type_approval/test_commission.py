"""A laboratory is commissioned that may evaluate; a wrong commission is withdrawn, or declined by the laboratory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.registered import laboratory_entry
from tests.support import laboratory, wait_for

if TYPE_CHECKING:
    from tests.support import Office, PlayedCase


def test_a_commission_is_taken_back_and_given_to_another_laboratory(office: Office) -> None:
    case = office.case("type_approval")
    case.until("arrange")
    taken = case.do("withdraw_commission")
    assert taken["state"] == "accepted"
    wait_for(office.settled, what="all events to arrive")
    clocks = "SELECT limit_id, state FROM clocks WHERE case_id = :id"
    found = office.rows("notifications", clocks, id=case.id)
    assert ("decision", "running") in found
    assert ("commissioning", "running") in found
    assert ("lab_contact", "running") not in found
    told = "SELECT body FROM messages WHERE case_id = :id AND template = 'evaluation.commission_withdrawn'"
    bodies = office.rows("notifications", told, id=case.id)
    assert len(bodies) == 2
    assert all("委托单位有误" in body for (body,) in bodies)
    case.do("commission")
    case.do("serve_time_notice")
    case.do("arrange")
    case.do("receive_samples")


def test_the_office_has_the_rest_of_its_time_and_the_wrong_laboratory_sees_nothing_more(
    office: Office,
) -> None:
    """Two of five working days were used: 22 September is a make-up day, the first week of October is off."""
    case = office.case("type_approval")
    case.until("accept")
    case.do("commission", now="2013-09-22T09:00:00+08:00")
    case.do("serve_time_notice", now="2013-09-24T09:00:00+08:00")
    number = case.read("tester")["number"]
    wrong = {
        "type_approval": f"/v1/lab/applications/{case.id}",
        "notifications": f"/v1/lab/cases/{number}/clocks",
    }
    assert sees(office, case, wrong) == {200}
    case.do("withdraw_commission", now="2013-10-08T09:00:00+08:00")
    assert sees(office, case, wrong) == {404}
    assert case.attempt("arrange").status == 404
    head = office.caller("notifications", case.people["head"], "2013-10-08T09:00:00+08:00")
    items = head.get(f"/internal/v1/cases/{number}/clocks").json["items"]
    clocks = {clock["limit"]: (clock["state"], clock["consumed"], clock.get("due_on")) for clock in items}
    assert clocks["commissioning"] == ("running", 2, "2013-10-11")
    assert clocks["decision"][:2] == ("running", 4)
    assert clocks["lab_contact"][0] == "stopped"
    case.do("commission", lab="LAB-02", lab_name="另一计量院", now="2013-10-09T09:00:00+08:00")
    assert sees(office, case, wrong) == {404}
    case.people["tester"] = laboratory("LAB-02", "tester-2")
    assert sees(office, case, wrong) == {200}
    assert case.do("arrange", now="2013-10-09T09:00:00+08:00")["state"] == "arranged"


def test_a_laboratory_declines_and_another_is_proposed(office: Office) -> None:
    case = office.case("type_approval")
    case.until("serve_time_notice")
    number = case.read("tester")["number"]
    pages = {"type_approval": f"/v1/lab/applications/{case.id}", "notifications": f"/v1/lab/cases/{number}/clocks"}
    assert case.do("decline_commission")["state"] == "accepted"
    assert sees(office, case, pages) == {404}
    told = "SELECT recipient FROM messages WHERE case_id = :id AND template = 'evaluation.commission_declined'"
    told_to = {recipient for (recipient,) in office.rows("notifications", told, id=case.id)}
    assert {"applicant", "laboratory", "authority"} == told_to
    assert "declined" not in case.read()
    items = case.caller("examiner").get(f"/internal/v1/applications/{case.id}/laboratories").json["items"]
    weights = {one["code"]: {reason["code"]: reason["weight"] for reason in one["reasons"]} for one in items}
    assert weights["LAB-01"]["declined_before"] == "confirm"
    assert weights["LAB-02"] == dict.fromkeys(("authorised", "in_scope", "has_capacity", "no_interest"), "fits")
    again = case.attempt("commission")
    assert (again.status, again.faults) == (409, {"lab": "declined_before"})
    assert case.do("commission", lab="LAB-02", lab_name="另一计量院")["declined"][0]["reason"] == "试验设备检修"


def test_prototypes_that_never_come_lead_back_to_the_office_and_to_another_laboratory(office: Office) -> None:
    """Thirty days after the plan the laboratory is reminded; it hands the commission back, and the next one begins
    again: with a commission, a notice of the time it takes, and a plan of its own."""
    case = office.case("type_approval")
    case.until("arrange")
    clocks = "SELECT limit_id, state FROM clocks WHERE case_id = :id"
    wait_for(office.settled, what="all events to arrive")
    assert ("samples", "running") in office.rows("notifications", clocks, id=case.id)
    late = "2013-10-25T09:00:00+08:00"
    back = case.do("decline_commission", now=late, reason="约定三十日后仍未收到样机")
    assert (back["state"], "arrangement" in back, "time_notice" in back) == ("accepted", False, False)
    wait_for(office.settled, what="all events to arrive")
    found = office.rows("notifications", clocks, id=case.id)
    assert ("samples", "running") not in found
    assert ("decision", "running") in found
    second = case.do("commission", lab="LAB-02", lab_name="另一计量院", now=late)
    assert [(one["lab"], one["reason"]) for one in second["declined"]] == [("LAB-01", "约定三十日后仍未收到样机")]
    case.people["tester"] = laboratory("LAB-02", "tester-2")
    case.do("serve_time_notice", now=late)
    case.do("arrange", now=late)
    assert case.do("receive_samples", now="2013-10-28T09:00:00+08:00")["state"] == "samples_received"


def test_only_a_laboratory_that_may_evaluate_is_commissioned(office: Office) -> None:
    """Authorised on that day, for this instrument, with free capacity and no interest; called as the register does."""
    case, other = office.case("type_approval"), office.case("type_approval")
    code, head = f"L{case.code[-8:]}", case.caller("head")
    path = f"/internal/v1/laboratories/{code}"
    bounds = [{"characteristic": "准确度等级", "within": "III"}, {"characteristic": "Max", "within": "3 kg … 30 kg"}]
    scope = [{"category": "non_automatic_scale", "bounds": bounds, "programmes": ["R 76"]}]
    form = {**laboratory_entry(code, "某院"), "capacity": 1, "scope": scope}
    for one in (case, other):
        one.until("accept")
    asked: dict[str, Any] = {"lab": code.lower(), "lab_name": "某 院"}
    assert case.attempt("commission", **asked).faults == {"lab": "unknown_laboratory"}
    assert head.post("/internal/v1/laboratories", form).status == 201
    assert case.attempt("commission", lab=code, lab_name="他院").faults == {"lab_name": "another_in_register"}
    assert case.attempt("commission", **asked, programme="JJG 9").faults == {"programme": "outside_programmes"}
    assert case.do("commission", **asked)["commission"]["lab_name"] == "某院"
    assert other.attempt("commission", **asked).faults == {"lab": "no_capacity"}
    del form["code"]
    wrong: dict[str, dict[str, Any]] = {
        "outside_scope": {"scope": [{**scope[0], "bounds": [{"characteristic": "max", "within": "3 kg … 6 kg"}]}]},
        "own_product": {"interests": [{"code": other.code, "relation": "出资单位"}]},
        "not_authorised": {"valid_until": "2013-09-16"},
    }
    for fault, change in wrong.items():
        changed = {**form, "capacity": 9, **change, "since": "2013-09-17"}
        assert head.post(f"{path}/actions/change", changed, If_Match="*").status == 200
        assert other.attempt("commission", **asked).faults == {"lab": fault}
    assert head.post(f"{path}/actions/end", {"reason": "注销"}, If_Match="*").status == 200
    items = case.caller("examiner").get(f"/internal/v1/applications/{other.id}/laboratories").json["items"]
    assert code not in {one["code"] for one in items}


def sees(office: Office, case: PlayedCase, paths: dict[str, str]) -> set[int]:
    """How each service answers the tester who reads its page of the case."""
    wait_for(office.settled, what="all events to arrive")
    return {office.caller(service, case.people["tester"]).get(path).status for service, path in paths.items()}
