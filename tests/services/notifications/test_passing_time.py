"""The effects of expired limits and of changes of the law, through all services."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.support import officer, wait_for

if TYPE_CHECKING:
    from tests.support import Office, PlayedCase, Sweep

AFTER_INTAKE = "2013-09-26T00:00:00+08:00"


@pytest.fixture(params=["type_approval", "licensing"])
def case(office: Office, request: pytest.FixtureRequest) -> PlayedCase:
    received = office.case(request.param)
    received.do("submit")
    heard(office, received)
    return received


def heard(office: Office, case: PlayedCase) -> None:
    query = "SELECT heard FROM tracked_cases WHERE id = :id"
    told = case.read()["events"]
    wait_for(lambda: office.rows("notifications", query, id=case.id) == [(told,)], what=f"event {told} to be heard")


def clock(office: Office, case: PlayedCase, limit: str, now: str = AFTER_INTAKE) -> dict[str, Any]:
    path = f"/internal/v1/cases/{case.read()['number']}/clocks"
    items = office.caller("notifications", officer("s"), now).get(path).json["items"]
    return next(item for item in items if item["limit"] == limit)


def test_an_application_nobody_answered_is_accepted_when_its_limit_has_run_out(
    office: Office, case: PlayedCase, sweep: Sweep
) -> None:
    sweep("2013-09-25T23:59:59+08:00")
    assert case.read()["state"] == "received"
    sweep(AFTER_INTAKE)
    wait_for(lambda: case.read()["state"] == "accepted", what="the acceptance by silence")
    heard(office, case)
    intake = clock(office, case, "intake")
    assert (intake["state"], intake["met"], intake["stopped_on"]) == ("expired", False, "2013-09-25")
    assert [one["kind"] for one in intake["fired"]][-2:] == ["breach", "expired"]
    assert clock(office, case, "decision")["started_on"] == "2013-09-17"
    sweep(AFTER_INTAKE)
    heard(office, case)


def test_a_notice_of_the_last_minute_that_is_registered_late_takes_the_expiry_back(
    office: Office, case: PlayedCase, sweep: Sweep
) -> None:
    sweep(AFTER_INTAKE)
    wait_for(lambda: case.read()["state"] == "accepted", what="the acceptance by silence")
    case.do("request_supplement", now="2013-09-26T09:00:00+08:00", served_on="2013-09-25", receipt="送-7")
    heard(office, case)
    intake = clock(office, case, "intake")
    assert (intake["state"], intake["met"], intake["stopped_on"]) == ("stopped", True, "2013-09-25")
    assert {one["kind"] for one in intake["fired"] if one.get("withdrawn")} == {"breach", "expired"}


def test_a_change_of_the_law_is_told_once_for_each_open_case_and_for_none_that_is_over(
    office: Office, sweep: Sweep
) -> None:
    still_open, over = (office.case("licensing") for _ in range(2))
    for case in (still_open, over):
        case.do("submit")
    over.do("withdraw")
    for case in (still_open, over):
        heard(office, case)
    for _ in range(2):
        sweep("2017-12-28T00:00:00+08:00")
    wait_for(lambda: still_open.read()["state"] == "terminated", what="the end by law")
    wait_for(office.settled, what="all events to arrive")
    told = "SELECT count(*) FROM feed WHERE number = :number AND type = 'law.changed'"
    counts = [office.rows("notifications", told, number=case.read()["number"]) for case in (still_open, over)]
    assert counts == [[(1,)], [(0,)]]


def test_whoever_has_a_case_in_hand_is_known(office: Office) -> None:
    case = office.case("type_approval")
    case.do("submit")
    case.do("claim", "intake")
    heard(office, case)
    assert office.rows("notifications", "SELECT assignee FROM tracked_cases WHERE id = :id", id=case.id) == [
        (case.people["intake"].subject,)
    ]


def fired(office: Office, case: PlayedCase, now: str) -> list[tuple[str, str]]:
    """The rungs that fired for the decision, in order, with the last day they told of."""
    return [(one["rung"], one["due_on"]) for one in clock(office, case, "decision", now)["fired"]]


def test_a_last_day_that_is_moved_is_told_of_again_as_it_comes_near(office: Office, sweep: Sweep) -> None:
    case = office.case("type_approval")
    case.until("accept")
    heard(office, case)
    first, moved = "2013-10-21", "2013-11-04"
    sweep("2013-10-18T08:00:00+08:00")
    before = fired(office, case, "2013-10-18T08:00:00+08:00")
    assert before == [("reminder_50", first), ("reminder_80", first), ("working_days_2", first)]
    case.do("extend", now="2013-10-18T09:00:00+08:00")
    heard(office, case)
    sweep("2013-10-18T23:00:00+08:00")
    assert fired(office, case, "2013-10-18T23:00:00+08:00") == before
    sweep("2013-11-05T00:00:00+08:00")
    assert fired(office, case, "2013-11-05T00:00:00+08:00") == [
        *before,
        ("reminder_80", moved),
        ("working_days_2", moved),
        ("due_day", moved),
        ("breach", moved),
    ]
