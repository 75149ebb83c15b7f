"""What notifications tells of a case, and what its owner makes of it after a look at its own facts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from shared import calendars
from shared.casework.engine import apply, note
from shared.casework.procedure import Cause, Procedure
from shared.casework.queries import find_case
from shared.identity import SYSTEM
from shared.observability import get_logger
from shared.permits.needed import LAW_CHANGED
from shared.problems import Problem
from shared.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection

    from shared.law import RuleSet
    from shared.messaging.envelope import Event
    from shared.runtime.time import TimeSource

log = get_logger(__name__)


def react(
    tx: Connection,
    events: Sequence[Event],
    *,
    procedure: Procedure,
    silence: Mapping[str, str],
    rules: RuleSet,
    time: TimeSource,
) -> None:
    """Take in what notifications told; whatever is of no case of `procedure` is not ours.

    `silence` names, by the effect that the law gives to silence, the action that brings it about. Every effect is an
    action like any other: where the case has moved on in the meantime, its guards refuse and nothing happens.
    """
    for event in events:
        if event.type == calendars.PUBLISHED:
            calendars.keep(tx, event.data)
        elif event.type in ("clock.breached", "clock.moved"):
            # For good; nothing else comes of it.
            if case := find_case(tx, event.case_id, lock=True):
                note(tx, case, event.type, event.data, actor=SYSTEM, now=event.time)
        elif event.type == "clock.expired" and event.data["effect"] in silence:
            content = {name: event.data[name] for name in ("limit", "started_on", "due_on", "basis")}
            _attempt(tx, procedure, event, silence[event.data["effect"]], content, rules, time)
        elif event.type == "law.changed":
            content = {"ground": LAW_CHANGED, "basis": basis_of(event)}
            _attempt(tx, procedure, event, "terminate", content, rules, time)


def basis_of(event: Event) -> Text:
    """The provision that an event of the law rests on; in events of earlier releases it is in English alone."""
    return Text(event.data.get("basis_zh", event.data["basis"]), event.data["basis"])


def _attempt(
    tx: Connection,
    procedure: Procedure,
    event: Event,
    action: str,
    content: Mapping[str, Any],
    rules: RuleSet,
    time: TimeSource,
) -> None:
    """Do what the law commands, unless the case's own facts say otherwise."""
    if find_case(tx, event.case_id) is None:
        return
    try:
        # What a refusal leaves half done is undone, and the other events of the batch are not.
        with tx.begin_nested():
            apply(
                tx,
                procedure,
                event.case_id,
                action,
                {**content, "reason": Text(event.data["zh"], event.data["en"])},
                actor=SYSTEM,
                now=time.arrival(event.time),
                rules=rules,
                cause=Cause(event.correlation_id, event.id),
            )
    except Problem as problem:
        log.info(
            "case_has_moved_on",
            type=event.type,
            subject=event.subject,
            action=action,
            why=str(problem.detail),
            violations=[str(violation.reason) for violation in problem.violations],
            correlation_id=event.correlation_id,
        )
