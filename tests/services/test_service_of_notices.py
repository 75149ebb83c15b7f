"""A notice counts from the day on which it was served, even if that is recorded later."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

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


NOT_DAYS: tuple[tuple[dict[str, Any], dict[str, str]], ...] = (
    ({"served_on": "2013-09-26", "receipt": "送-7"}, {"served_on": "future"}),
    ({"served_on": "2013-09-16", "receipt": "送-7"}, {"served_on": "before_step"}),
    ({"served_on": "2013-09-18"}, {"receipt": "missing"}),
    ({"served_on": "18 September"}, {"served_on": "invalid"}),
)
"""Each with the faults that are told."""


def test_a_day_that_cannot_be_is_refused(office: Office, case: PlayedCase, notice: str) -> None:
    with office.unchanged():
        for changes, faults in NOT_DAYS:
            assert case.attempt(notice, now=LATER, **changes, **hearing(notice)).faults == faults


def hearing(notice: str) -> dict[str, Any]:
    """Held late enough for every day of service tried here."""
    return {"held_on": "2013-10-31"} if notice == "order_hearing" else {}


def test_the_service_of_an_act_is_registered_corrected_and_taken_back(office: Office) -> None:
    case = office.case("type_approval")
    case.until("deliver")
    case.do("revoke", now="2014-03-03T09:00:00+08:00", fault="holder", bar="DECEIT")
    intake = case.caller("intake", "2014-03-10T09:00:00+08:00")
    revocation = next(one for one in case.read("intake")["notices"] if one["kind"] == "revocation")
    assert "served" not in revocation

    def register(number: str = revocation["number"], **told: Any) -> Any:
        return intake.post(f"{case.path('intake')}/notices/{quote(number)}/service", told)

    def served() -> Any:
        (found,) = (one for one in case.read()["notices"] if one["number"] == revocation["number"])
        return found.get("served")

    told = {"served_on": "2014-03-05", "receipt": "送-9", "received_by": "钱联系"}
    with office.unchanged():
        assert register(served_on="2014-03-02", receipt="送-9").faults == {"served_on": "before_step"}
        assert register(served_on="2014-03-05").faults == {"receipt": "missing"}
        assert register("吉质监型撤字2013第99号", **told).status == 404
        grant = next(one["number"] for one in case.read("intake")["notices"] if one["kind"] == "grant")
        assert register(grant, **told).status == 409, "deliver registers it"
    assert register(**told).status == 200
    assert {name: served()[name] for name in ("on", "receipt", "received_by")} == {
        "on": "2014-03-05",
        "receipt": "送-9",
        "received_by": "钱联系",
    }
    assert register(**told).faults == {"reason": "missing"}
    assert register(**{**told, "served_on": "2014-03-06"}, reason="日期抄错").status == 200
    assert served()["on"] == "2014-03-06"
    assert register(withdrawn=True, reason="送达的是另一文书").status == 200
    assert served() is None
    journal = intake.get(f"{case.path('intake')}/journal").json
    assert [one["action"] for one in journal["items"]][-3:] == ["register_service"] * 3
    assert journal["intact"]
