"""A commission given to the wrong laboratory is withdrawn."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared.testing import wait_for

if TYPE_CHECKING:
    from shared.testing import Office


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
