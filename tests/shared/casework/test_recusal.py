"""The applicant asks that an assessor stand aside: that is decided before anybody comes, and has ways back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from services.licensing.experts import draw
from shared.problems import Problem
from tests.shared.casework.parts import Desk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Engine


@pytest.fixture
def desk(engines: dict[str, Engine]) -> Iterator[Desk]:
    """A case whose assessment is planned, with a team of two."""
    with engines["licensing"].connect() as tx:
        desk = Desk(tx, "licensing")
        desk.approve()
        desk.do("submit", "accept", "plan_assessment", "confirm_assessors", "serve_time_notice")
        yield desk
        tx.rollback()


def team(desk: Desk) -> list[str]:
    return [one["code"] for one in desk.case.data["assessment_plan"]["team"]]


def refused(desk: Desk, action: str, **changes: Any) -> set[str]:
    with pytest.raises(Problem) as found:
        desk.attempt(action, **changes)
    return {one.code for one in found.value.violations} or {found.value.kind}


def test_the_team_does_not_begin_before_a_request_is_decided(desk: Desk) -> None:
    leader, member = team(desk)
    assert refused(desk, "request_recusal", assessor="E-99") == {"not_in_team"}
    desk.do("request_recusal", assessor=leader)
    assert refused(desk, "request_recusal", assessor=member) == {"wrong_state"}
    assert refused(desk, "report_assessment") == {"recusal_undecided"}
    assert refused(desk, "replace_assessor", assessor=leader) == {"recusal_undecided"}
    assert refused(desk, "decide_recusal", who="examiner") == {"forbidden"}
    desk.do("withdraw_recusal_request")
    assert desk.do("report_assessment").state == "assessed"


def test_a_request_is_granted_by_the_draw_and_taken_back_it_is_open_again(desk: Desk) -> None:
    before = team(desk)
    desk.do("request_recusal", assessor=before[0])
    desk.do("decide_recusal")
    (change,) = desk.case.data["draw"]["changes"]
    assert (change["aside"], change["cause"], change["reason"]) == (before[0], "recused", "曾任本单位顾问")
    assert team(desk) == draw.team_of(desk.case.data["draw"]) != before
    assert desk.case.data["recusals"][0]["outcome"] == "granted"
    assert desk.outbox()[-1]["data"]["aside"] == f"考评员{before[0]}"
    # Who came instead is asked about: they do not leave before that is decided.
    (came,) = {*team(desk)} - {*before}
    desk.do("request_recusal", assessor=came)
    assert refused(desk, "reinstate_assessor", assessor=before[0]) == {"recusal_undecided"}
    desk.do("withdraw_recusal_request")
    desk.do("reinstate_assessor", assessor=before[0])
    assert team(desk) == before
    assert ["outcome" in one for one in desk.case.data["recusals"]] == [False, True]
    assert refused(desk, "report_assessment") >= {"recusal_undecided"}


def test_a_rejected_request_is_not_made_again_but_may_be_decided_again(desk: Desk) -> None:
    leader, _ = team(desk)
    desk.do("request_recusal", assessor=leader)
    desk.do("decide_recusal", outcome="rejected", reason="经核实无利害关系")
    assert refused(desk, "request_recusal", assessor=leader) == {"recusal_rejected"}
    desk.do("reopen_recusal")
    assert refused(desk, "report_assessment") == {"recusal_undecided"}
    desk.do("decide_recusal")
    assert leader not in team(desk)


def test_whoever_stood_aside_is_not_drawn_for_the_case_again_however_often_it_is_planned(desk: Desk) -> None:
    leader, _ = team(desk)
    desk.do("request_recusal", assessor=leader)
    desk.do("decide_recusal")
    desk.do("request_recusal", assessor=team(desk)[0])
    for _ in range(3):
        desk.do("cancel_assessment", "plan_assessment")
        assert leader not in team(desk)
    # What was not decided about the first plan is about nothing any more.
    assert [one["outcome"] for one in desk.case.data["recusals"]] == ["granted"]
