"""Hearings (Administrative Licensing Law Art. 46 to 48), the same for all permits."""

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
        assert "27 September 2013" in answer.json["invalid_params"][0]["reason"]
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


LAST, TOO_LATE = "2013-09-25T16:00:00+08:00", "2013-09-26T09:00:00+08:00"
"""On the fifth working day after the 17th, on which the right was told, and after it; Sunday the 22nd works."""


def test_who_was_told_of_the_right_asks_in_time_and_is_heard_before_the_decision(case: PlayedCase) -> None:
    case.do("review")
    told = case.do("tell_hearing_right")
    assert (told["state"], told["hearing_right"]["on"]) == ("reviewed", "2013-09-17")
    assert (clock(case), clock(case, "hearing_request")) == ("running", "running")
    assert case.attempt("refuse").faults == {"hearing": "may_be_requested"}
    asked = case.do("request_hearing", now=LAST)
    assert (asked["hearing_request"]["asked_by"], clock(case, "hearing")) == ("applicant", "running")
    assert clock(case, "hearing_request") == "stopped"
    assert case.attempt("refuse", now=LAST).faults == {"hearing": "not_held"}
    assert case.attempt("order_hearing", now=LAST, held_on="2013-11-29").faults == {"held_on": "too_late"}
    held = case.do("order_hearing", now=LAST, held_on="2013-10-15")
    assert held["hearing"]["asked_by"] == "applicant"
    case.do("close_hearing", now="2013-10-15T15:00:00+08:00")
    assert clock(case, "hearing") == "stopped"
    assert case.do("refuse", now="2013-10-16T09:00:00+08:00")["state"] == "refused"


def test_a_request_that_comes_too_late_is_refused_and_the_case_decided(office: Office, case: PlayedCase) -> None:
    case.do("review")
    case.do("tell_hearing_right")
    with office.unchanged():
        late = case.attempt("request_hearing", now=TOO_LATE)
        assert late.faults == {"hearing": "too_late"}
        assert "Art. 47" in late.json["invalid_params"][0]["reason"]
        by_letter = case.attempt("register_hearing_request", now=TOO_LATE, received_on="2013-09-26")
        assert by_letter.faults == {"received_on": "too_late"}
    assert case.do("refuse", now=TOO_LATE)["state"] == "refused"


def test_what_an_interested_party_asked_by_letter_is_registered_and_withdrawn(office: Office, case: PlayedCase) -> None:
    case.do("tell_hearing_right")
    with office.unchanged():
        for day, fault in (("2013-09-16", "before_step"), ("2013-09-28", "future")):
            answer = case.attempt("register_hearing_request", now=TOO_LATE, received_on=day)
            assert answer.faults == {"received_on": fault}
    asked = case.do("register_hearing_request", now=TOO_LATE, received_on="2013-09-25")
    assert (asked["hearing_request"]["asked_by"], asked["hearing_request"]["on"]) == ("interested_party", "2013-09-25")
    assert case.attempt("withdraw_hearing_request", now=TOO_LATE).json["code"] == "wrong_state"
    withdrawn = case.do("cancel_hearing_request", now=TOO_LATE)
    assert "hearing_request" not in withdrawn
    assert clock(case, "hearing") == "stopped"
    case.do("review", now=TOO_LATE)
    assert case.do("refuse", now=TOO_LATE)["state"] == "refused"


def test_the_right_is_told_once_and_what_was_told_by_mistake_is_taken_back(case: PlayedCase) -> None:
    case.do("tell_hearing_right")
    assert case.attempt("tell_hearing_right").faults == {"hearing_right": "served_already"}
    assert "hearing_right" not in case.do("withdraw_hearing_right")
    assert clock(case, "hearing_request") == "stopped"
    assert case.attempt("request_hearing").json["code"] == "wrong_state"
