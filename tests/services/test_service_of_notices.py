"""A notice counts from the day on which it was served, even if that is recorded later."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.support import wait_for

if TYPE_CHECKING:
    from tests.support import Office, PlayedCase

LATER = "2013-09-25T09:00:00+08:00"
WHAT: dict[str, dict[str, str]] = {
    "request_supplement": dict.fromkeys(("type_approval", "licensing"), "submit"),
    "serve_time_notice": {"type_approval": "commission", "licensing": "plan_assessment"},
    "order_hearing": {"type_approval": "issue_report", "licensing": "report_assessment"},
}


@pytest.fixture(params=["type_approval", "licensing"])
def service(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=sorted(WHAT))
def notice(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def case(office: Office, service: str, notice: str) -> PlayedCase:
    """A case to which the notice belongs, since 17 September."""
    made = office.case(service)
    made.until(WHAT[notice][service])
    return made


def test_its_effect_is_of_the_day_of_service(office: Office, case: PlayedCase, notice: str) -> None:
    case.do(notice, now=LATER, served_on="2013-09-18", receipt="送-7", **hearing(notice))
    wait_for(office.settled, what="all events to arrive")
    clock = "intake" if notice == "request_supplement" else "decision"
    last = "SELECT entries -> -1 ->> 'on' FROM clocks WHERE case_id = :id AND limit_id = :clock"
    assert office.rows("notifications", last, id=case.id, clock=clock) == [("2013-09-18",)]


@pytest.mark.parametrize(
    ("changes", "faults"),
    [
        ({"served_on": "2013-09-26", "receipt": "送-7"}, {"served_on": "future"}),
        ({"served_on": "2013-09-16", "receipt": "送-7"}, {"served_on": "before_step"}),
        ({"served_on": "2013-09-18"}, {"receipt": "missing"}),
        ({"served_on": "18 September"}, {"served_on": "invalid"}),
    ],
)
def test_a_day_that_cannot_be_is_refused(
    office: Office, case: PlayedCase, notice: str, changes: dict[str, Any], faults: dict[str, str]
) -> None:
    with office.unchanged():
        assert case.attempt(notice, now=LATER, **changes, **hearing(notice)).faults == faults


def hearing(notice: str) -> dict[str, Any]:
    """Held late enough for every day of service tried here."""
    return {"held_on": "2013-10-31"} if notice == "order_hearing" else {}
