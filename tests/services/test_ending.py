"""Cases that end without a decision, and decisions that take longer, the same for both permits."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.services.notices import tell
from tests.support import wait_for
from tests.support.forms import DROPPED

if TYPE_CHECKING:
    from deploy.local.backing import Backing
    from tests.support import Office, PlayedCase, Sweep

ABOLISHED = "2017-12-28T00:00:00+08:00"
CATALOGUE_OF_2019 = "2019-10-23T00:00:00+08:00"


@pytest.fixture(params=["type_approval", "licensing"])
def case(office: Office, request: pytest.FixtureRequest) -> PlayedCase:
    accepted = office.case(request.param)
    accepted.until("accept")
    return accepted


def messages(case: PlayedCase) -> list[str]:
    """The templates of what the applicant was sent, once all is told."""
    wait_for(case.office.settled, what="all events to arrive")
    number = case.read()["number"]
    sent = case.office.caller("notifications", case.people["applicant"]).get(f"/v1/cases/{number}/messages")
    return [message["template"] for message in sent.json["items"]]


def test_a_case_whose_applicant_is_gone_is_terminated_with_its_clocks(office: Office, case: PlayedCase) -> None:
    ended = case.do("terminate")
    assert ended["state"] == "terminated"
    assert [offered["action"] for offered in ended["next_actions"]] == ["reopen"]
    assert ended["end"] == {
        "ground": "APPLICANT_GONE",
        "basis": "行政许可法第七十条",
        "reason": "申请人已注销",
        "on": "2013-09-17",
    }
    assert "application.terminated" in messages(case)
    running = "SELECT limit_id FROM clocks WHERE case_id = :id AND state <> 'stopped'"
    assert office.rows("notifications", running, id=case.id) == []


def test_the_law_is_no_ground_while_it_still_asks_for_the_permit(
    servers: Backing, office: Office, case: PlayedCase
) -> None:
    with office.unchanged():
        answer = case.attempt("terminate", ground="LAW_CHANGED")
        assert answer.faults == {"ground": "law_unchanged"}
    before = case.read()
    tell(servers, case, "law.changed", "2013-09-18T00:00:00+08:00", change="X", kind="abolished")
    assert case.read() == before


def test_only_the_head_of_the_authority_terminates(case: PlayedCase) -> None:
    assert case.attempt("terminate", "examiner").status == 403


def test_open_licence_cases_end_when_the_law_abolishes_the_licence(servers: Backing, office: Office) -> None:
    case = office.case("licensing")
    case.until("review")
    answer = case.attempt("grant", now=ABOLISHED)
    assert answer.faults["kind"] == "not_needed"
    tell(servers, case, "law.changed", ABOLISHED, change="CMC-NONE", kind="abolished")
    ended = case.read()
    assert (ended["state"], ended["end"]["ground"], ended["end"]["on"]) == ("terminated", "LAW_CHANGED", "2017-12-28")


def test_open_approvals_of_a_kind_that_the_catalogue_drops_end_by_law_and_others_go_on(
    office: Office, sweep: Sweep
) -> None:
    dropped, kept = office.case("type_approval", **DROPPED), office.case("type_approval")
    for case in (dropped, kept):
        for action in ("submit", "accept"):
            case.do(action, now="2019-10-16T09:00:00+08:00")
    wait_for(office.settled, what="all events to arrive")
    sweep(CATALOGUE_OF_2019)
    wait_for(lambda: dropped.read()["state"] == "terminated", what="the end by law")
    end = dropped.read()["end"]
    assert (end["ground"], end["on"]) == ("LAW_CHANGED", "2019-10-23")
    assert "application.terminated" in messages(dropped)
    assert "application.terminated" not in messages(kept)
    running = "SELECT count(*) FROM clocks WHERE case_id = :id AND state <> 'stopped'"
    assert office.rows("notifications", running, id=dropped.id) == [(0,)]
    assert office.rows("notifications", running, id=kept.id) != [(0,)]
    assert kept.do("commission", now=CATALOGUE_OF_2019)["state"] == "commissioned"


def test_a_licence_lodged_ahead_goes_back_when_its_type_approval_is_terminated(office: Office) -> None:
    approval = office.case("type_approval")
    approval.until("accept")
    wait_for(office.settled)
    licence = office.case("licensing", approval.code)
    assert licence.do("submit")["state"] == "lodged"
    approval.do("terminate")
    wait_for(lambda: licence.read()["state"] == "draft", what="the application to be returned")


def test_the_time_for_the_decision_is_extended_once_with_a_reason_the_applicant_is_told(
    office: Office, case: PlayedCase
) -> None:
    assert case.attempt("extend", reason=None).status == 422
    extension = case.do("extend")["extension"]
    assert (extension["working_days"], extension["reason"]) == (10, "技术问题复杂")
    with office.unchanged():
        assert case.attempt("extend").faults == {"extension": "extended_already"}
    assert "decision.extended" in messages(case)


def test_a_limit_that_is_over_is_not_extended(servers: Backing, office: Office, case: PlayedCase) -> None:
    tell(servers, case, "clock.breached", "2013-10-25T00:00:00+08:00", limit="commissioning", due_on="2013-09-27")
    assert case.attempt("extend", query="?dry_run=true").status == 200
    tell(servers, case, "clock.breached", "2013-10-25T00:00:00+08:00", limit="decision", due_on="2013-10-24")
    with office.unchanged():
        answer = case.attempt("extend", now="2013-10-25T09:00:00+08:00")
        assert answer.faults == {"extension": "overdue"}
        assert "24 October 2013" in answer.json["invalid_params"][0]["reason"]
