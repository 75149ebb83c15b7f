"""The legal effect of the authority's silence at intake (Administrative Licensing Law Art. 32(4))."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.services.broker import Ear, listening
from tests.services.notices import intake_expired
from tests.support import wait_for

if TYPE_CHECKING:
    from collections.abc import Mapping

    from deploy.local.backing import Backing
    from tests.support import Office, PlayedCase


@pytest.fixture(params=["type_approval", "licensing"])
def case(office: Office, request: pytest.FixtureRequest) -> PlayedCase:
    received = office.case(request.param)
    received.do("submit")
    return received


def test_an_application_nobody_answered_is_accepted_from_the_day_of_receipt(servers: Backing, case: PlayedCase) -> None:
    with listening(servers, case.service) as ear:
        intake_expired(servers, case)
        deemed = case.read()
        wait_for(lambda: accepted(ear, case), what="the acceptance to be told")
        (told,) = accepted(ear, case)
    assert deemed["state"] == "accepted"
    assert deemed["accepted"] == {"on": "2013-09-17", "deemed": True, "due_on": "2013-09-25"}
    assert (told["on"], told["deemed"]) == ("2013-09-17", True)
    entry = case.caller("applicant").get(case.path("applicant") + "/journal").json["items"][-1]
    assert (entry["action"], entry["role"]) == ("deem_accept", "system")
    assert entry["reason"] == "期限届满 time is over"
    assert (entry["reason_zh"], entry["reason_en"]) == ("期限届满", "time is over")


def accepted(ear: Ear, case: PlayedCase) -> list[Mapping[str, Any]]:
    return [event.data for event in ear.heard(case.id) if event.type == "application.accepted"]


def test_the_clock_of_the_decision_counts_from_the_day_of_receipt(
    servers: Backing, office: Office, case: PlayedCase
) -> None:
    intake_expired(servers, case)
    started = "SELECT started_on::text FROM clocks WHERE case_id = :id AND limit_id = 'decision'"
    wait_for(
        lambda: office.rows("notifications", started, id=case.id) == [("2013-09-17",)], what="the decision's clock"
    )


def test_an_answer_in_time_wins_whatever_is_heard_later(servers: Backing, case: PlayedCase) -> None:
    case.do("request_supplement", now="2013-09-25T17:00:00+08:00")
    asked = case.read()
    intake_expired(servers, case)
    assert case.read() == asked


def test_a_notice_served_too_late_changes_nothing_any_more(servers: Backing, case: PlayedCase) -> None:
    case.do("request_supplement", now="2013-09-26T09:00:00+08:00")
    intake_expired(servers, case)
    assert case.read()["accepted"]["on"] == "2013-09-17"


def test_after_a_supplement_the_day_it_arrived_counts(servers: Backing, case: PlayedCase) -> None:
    case.do("request_supplement")
    case.do("supplement", now="2013-09-18T09:00:00+08:00")
    intake_expired(servers, case)
    assert case.read()["state"] == "received", "that limit was the first receipt's"
    intake_expired(servers, case, "2013-09-18", "2013-09-26")
    assert case.read()["accepted"]["on"] == "2013-09-18"


def test_a_case_accepted_by_hand_is_not_deemed_accepted(servers: Backing, case: PlayedCase) -> None:
    case.do("accept", now="2013-09-25T17:00:00+08:00")
    accepted = case.read()
    assert accepted["accepted"] == {"on": "2013-09-25", "deemed": False}
    intake_expired(servers, case)
    assert case.read() == accepted


def test_a_notice_served_in_time_wins_also_when_it_is_registered_late(
    servers: Backing, office: Office, case: PlayedCase
) -> None:
    intake_expired(servers, case)
    late = "2013-09-26T09:00:00+08:00"
    with office.unchanged():
        assert case.attempt("request_supplement", now=late).faults == {"served_on": "too_late"}
    asked = case.do("request_supplement", now=late, served_on="2013-09-25", receipt="送-7")
    assert asked["state"] == "supplement"
    assert "accepted" not in asked
    wait_for(office.settled, what="all events to arrive")
    running = "SELECT limit_id FROM clocks WHERE case_id = :id AND state = 'running' ORDER BY 1"
    assert office.rows("notifications", running, id=case.id) == [("supplement",)]
    case.do("supplement", now="2013-09-27T09:00:00+08:00")
    assert case.do("accept", now="2013-09-27T10:00:00+08:00")["accepted"]["on"] == "2013-09-27"


def test_an_acceptance_by_hand_is_not_taken_back(office: Office, case: PlayedCase) -> None:
    case.do("accept")
    with office.unchanged():
        assert case.attempt("request_supplement").status == 409
