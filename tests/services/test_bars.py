"""An applicant who deceived the authority may not apply for the same permit again during the statutory bar."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support import wait_for

if TYPE_CHECKING:
    from tests.support import Office


@pytest.mark.parametrize("service", ["type_approval", "licensing"])
def test_false_materials_bar_for_a_year(office: Office, service: str) -> None:
    case = office.case(service)
    number = case.until("review")["number"]
    refused = case.do("refuse", bar="FALSE_MATERIALS")
    assert (refused["bar"]["ground"], refused["bar"]["until"]) == ("FALSE_MATERIALS", "2014-09-17")
    assert case.read()["bar"]["basis"] == "Administrative Licensing Law Art. 78"
    wait_for(office.settled, what="the refusal to be known")
    clock = "SELECT due_on::text, state FROM clocks WHERE case_id = :id AND limit_id = 'bar'"
    # Its last day is a clock, of which the applicant is told.
    assert office.rows("notifications", clock, id=case.id) == [("2014-09-17", "running")]
    again = office.case(service, case.code)
    with office.unchanged():
        answer = again.attempt("submit", now="2014-09-17T23:59:59+08:00")
        assert (answer.status, answer.faults) == (422, {"credit_code": "barred"})
        told = answer.json["invalid_params"][0]["reason"]
        assert "17 September 2014" in told
        assert number in told
        assert "Administrative Licensing Law Art. 78" in told
    assert again.do("submit", now="2014-09-18T00:00:00+08:00")["state"] == "received"


def test_a_bar_that_is_revoked_with_its_decision_is_over(office: Office) -> None:
    case = office.case("type_approval")
    case.until("review")
    case.do("refuse", bar="FALSE_MATERIALS")
    case.do("recall_decision")
    wait_for(office.settled, what="the recall to be known")
    state = "SELECT state FROM clocks WHERE case_id = :id AND limit_id = 'bar'"
    assert office.rows("notifications", state, id=case.id) == [("stopped",)]


def test_a_refusal_bars_nobody_by_itself(office: Office) -> None:
    case = office.case("type_approval")
    case.until("review")
    assert "bar" not in case.do("refuse")
    assert office.case("type_approval", case.code).do("submit")["state"] == "received"


def test_a_bar_is_of_one_maker_and_of_one_permit(office: Office) -> None:
    case = office.case("type_approval")
    case.until("review")
    case.do("refuse", bar="FALSE_MATERIALS")
    assert office.case("type_approval").do("submit")["state"] == "received"
    # Whether licensing has heard of the refusal decides what comes of it: received, or still waiting.
    assert office.case("licensing", case.code).do("submit")["number"]
