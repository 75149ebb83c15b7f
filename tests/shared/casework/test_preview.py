"""The event data kept in the journal is sufficient to compute the clocks."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from shared.casework.engine import CLOCK_FIELDS
from shared.casework.preview import preview, read, replay
from shared.law import Told
from shared.problems import Problem
from tests.shared.casework.parts import NOW, RULES, VARIANTS, Desk
from tests.support import DOERS

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

    from shared.law import Clock


def standing(clocks: tuple[Clock, ...]) -> list[tuple[object, ...]]:
    return [(clock.rule.id, clock.started_on, clock.entries, clock.projection.due_on) for clock in clocks]


@pytest.mark.parametrize("service", ["type_approval", "licensing"])
@pytest.mark.parametrize("seed", range(12))
def test_any_walk_is_replayed_from_the_journal_as_from_its_events(
    engines: dict[str, Engine], service: str, seed: int
) -> None:
    random = Random(seed)  # noqa: S311 - a walk, no secret
    with engines[service].connect() as tx:
        desk = Desk(tx, service)
        if service == "licensing":
            desk.approve()
        desk.do("submit")
        now = NOW
        for _ in range(25):
            now += timedelta(days=random.randrange(9))
            actions = {row.action for row in desk.procedure.rows(desk.case)} - {"withdraw", "terminate"}
            if not actions:
                break
            action = random.choice(sorted(actions))
            try:
                desk.do(action, who=DOERS[action], **{"now": now, **random.choice(VARIANTS.get(action, ({},)))})
            except Problem:
                continue
        assert desk.case.rules
        kept = [read(told) for (told,) in desk.rows(f"{KEPT} ORDER BY seq")]
        told = [Told(event["type"], date.fromisoformat(event["data"]["on"]), event["data"]) for event in desk.outbox()]
        assert len(told) == desk.case.events > 1
        clocks = [replay(desk.case.rules, desk.procedure.id, events) for events in (kept, told)]
        assert standing(clocks[0]) == standing(clocks[1])
        tx.rollback()


KEPT = "SELECT told FROM journal WHERE case_id = :id AND told IS NOT NULL"


def test_the_days_of_every_term_and_the_matter_of_every_clock_are_kept() -> None:
    named = {name for rule in RULES.limits for name in (rule.begins, rule.until, rule.each) if name}
    assert named <= set(CLOCK_FIELDS)


def test_a_step_shows_what_it_starts_moves_and_stops(tx: Connection) -> None:
    desk = Desk(tx)
    started = preview(tx, desk.do("submit"))
    assert started is not None
    (intake,) = started["started"]
    assert (intake["limit"], intake["will_be"]) == (
        "intake",
        {"state": "running", "budget": 5, "due_on": "2013-09-25", "provisional": False},
    )
    accepted = preview(tx, desk.do("accept"))
    assert accepted is not None
    assert [clock["limit"] for clock in accepted["stopped"]] == ["intake"]
    assert {"commissioning", "decision"} <= {clock["limit"] for clock in accepted["started"]}
    desk.do("commission")
    paused = preview(tx, desk.do("serve_time_notice"))
    assert paused is not None
    decision = next(clock for clock in paused["moved"] if clock["limit"] == "decision")
    assert (decision["was"]["due_on"], decision["will_be"]) == ("2013-10-21", {"state": "paused", "budget": 20})


def test_a_step_that_tells_nothing_moves_nothing(tx: Connection) -> None:
    assert preview(tx, Desk(tx).do("edit")) == {"started": [], "moved": [], "stopped": []}


def test_of_a_case_older_than_what_the_journal_keeps_nothing_is_said(tx: Connection) -> None:
    desk = Desk(tx)
    desk.do("submit")
    tx.execute(text("ALTER TABLE journal DISABLE TRIGGER ALL"))
    tx.execute(text("UPDATE journal SET told = NULL WHERE case_id = :id"), {"id": desk.case.id})
    assert preview(tx, desk.do("accept")) is None
