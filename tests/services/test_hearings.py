"""Hearings (Administrative Licensing Law Art. 46 to 48), the same for both permits."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support import wait_for

if TYPE_CHECKING:
    from tests.support import Office, PlayedCase

HELD = "2013-09-30T15:00:00+08:00"


@pytest.fixture(params=["type_approval", "licensing"])
def case(office: Office, request: pytest.FixtureRequest) -> PlayedCase:
    """A case with all that is to be examined."""
    examined = office.case(request.param)
    examined.until("issue_report" if request.param == "type_approval" else "report_assessment")
    return examined


def clock(case: PlayedCase, limit: str = "decision") -> str:
    wait_for(case.office.settled, what="all events to arrive")
    query = "SELECT state FROM clocks WHERE case_id = :id AND limit_id = :limit"
    ((state,),) = case.office.rows("notifications", query, id=case.id, limit=limit)
    return str(state)


def test_a_hearing_stops_the_clock_until_it_has_been_held(case: PlayedCase) -> None:
    before = case.read()["state"]
    assert case.do("order_hearing")["state"] == "hearing"
    assert clock(case) == "paused"
    closed = case.do("close_hearing", now=HELD)
    assert (closed["state"], closed["hearing"]["chair"], closed["hearing"]["minutes"]) == (
        *(before, "chair-1"),
        "双方陈述意见",
    )
    assert clock(case) == "running"


def test_a_hearing_ordered_after_the_examination_goes_back_to_the_decision(case: PlayedCase) -> None:
    case.do("review")
    case.do("order_hearing")
    assert case.do("close_hearing", now=HELD)["state"] == "reviewed"


def test_its_notice_comes_seven_working_days_before(office: Office, case: PlayedCase) -> None:
    with office.unchanged():
        answer = case.attempt("order_hearing", held_on="2013-09-26")
        assert answer.faults == {"held_on": "too_soon"}
        assert "2013-09-27" in answer.json["invalid_params"][0]["reason"]
    case.do("order_hearing", held_on="2013-09-27")


def test_it_is_closed_when_it_has_been_held(office: Office, case: PlayedCase) -> None:
    case.do("order_hearing")
    with office.unchanged():
        assert case.attempt("close_hearing", now="2013-09-29T09:00:00+08:00").faults == {"hearing": "not_yet"}


def test_who_examines_does_not_preside_and_who_presided_does_not_examine(case: PlayedCase) -> None:
    case.do("review")
    case.do("order_hearing")
    assert case.attempt("close_hearing", "examiner", now=HELD).json["code"] == "four_eyes"


def test_who_presided_does_not_examine(case: PlayedCase) -> None:
    case.do("order_hearing")
    case.do("close_hearing", now=HELD)
    assert case.attempt("review", "chair", now=HELD).json["code"] == "four_eyes"


def test_one_hearing_is_held(office: Office, case: PlayedCase) -> None:
    case.do("order_hearing")
    case.do("close_hearing", now=HELD)
    with office.unchanged():
        assert case.attempt("order_hearing", now=HELD, held_on="2013-10-30").faults == {"hearing": "held_already"}
