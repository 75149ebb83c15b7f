"""A commission given to the wrong laboratory is withdrawn."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared.testing import laboratory, wait_for

if TYPE_CHECKING:
    from shared.testing import Office, PlayedCase


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


def sees(office: Office, case: PlayedCase, paths: dict[str, str]) -> set[int]:
    """How each service answers the tester who reads its page of the case."""
    wait_for(office.settled, what="all events to arrive")
    return {office.caller(service, case.people["tester"]).get(path).status for service, path in paths.items()}
