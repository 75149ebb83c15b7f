"""Whether a permit is needed depends on the day of the decision, however long ago the case was accepted."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import pytest

from shared.casework import Cause, apply
from shared.problems import Problem
from tests.shared.casework.parts import RULES, Desk
from tests.support import WAYS, content_of

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

    from shared.casework import Case

LAST = datetime(2019, 10, 22, 1, 0, tzinfo=UTC)
AFTER = datetime(2019, 10, 23, 1, 0, tzinfo=UTC)
SHORTER = replace(
    RULES,
    catalogue=tuple(
        replace(item, valid_to=date(2019, 10, 23)) if item.id == "non_automatic_scale" else item
        for item in RULES.catalogue
    ),
)
"""The law as it would be if a catalogue had dropped scales."""


@pytest.fixture
def desk(tx: Connection) -> Desk:
    """A case that is ready to be granted."""
    made = Desk(tx)
    way = WAYS["type_approval"]
    made.do(*way[: way.index("grant")])
    return made


def do(desk: Desk, action: str, who: str, now: datetime, **content: str) -> Case:
    return apply(
        desk.tx,
        desk.procedure,
        desk.case.id,
        action,
        {**content_of(action), **content},
        actor=desk.people[who],
        now=now,
        rules=SHORTER,
        cause=Cause("", ""),
    )


def test_what_a_catalogue_has_dropped_is_not_granted_but_terminated(desk: Desk) -> None:
    with pytest.raises(Problem) as refused:
        do(desk, "grant", "decider", AFTER)
    assert [violation.code for violation in refused.value.violations] == ["not_needed"]
    ended = do(desk, "terminate", "decider", AFTER, ground="LAW_CHANGED")
    assert (ended.state, ended.data["end"]["on"]) == ("terminated", "2019-10-23")


def test_on_the_last_day_it_is_granted_and_not_terminated(desk: Desk) -> None:
    with pytest.raises(Problem) as refused:
        do(desk, "terminate", "system", LAST, ground="LAW_CHANGED")
    assert [violation.code for violation in refused.value.violations] == ["law_unchanged"]
    assert do(desk, "grant", "decider", LAST).state == "granted"


def test_a_case_that_was_decided_before_is_not_touched(desk: Desk) -> None:
    do(desk, "grant", "decider", LAST)
    with pytest.raises(Problem, match="wrong_state"):
        do(desk, "terminate", "system", AFTER, ground="LAW_CHANGED")


def test_experts_hear_when_what_they_assess_is_over_and_when_it_goes_on(engines: dict[str, Engine]) -> None:
    with engines["licensing"].connect() as tx:
        desk = Desk(tx, "licensing")
        desk.approve()
        desk.do("submit", "accept", "plan_assessment")
        team = [*desk.case.team]
        desk.do("terminate", "reopen", "withdraw")
        told = [(event["type"], event["data"].get("experts")) for event in desk.outbox()[-3:]]
        kinds = ("application.terminated", "application.reopened", "application.withdrawn")
        assert told == [(kind, team) for kind in kinds]
        tx.rollback()
