"""What licensing does when events of other services arrive: it learns of type approvals, and lets go what waited."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert

from services.licensing.models import type_approvals
from services.licensing.procedure import PROCEDURE
from services.licensing.queries import approvals_of, lodged_cases
from services.licensing.rules import coverage
from shared.casework import Cause, apply, get_case
from shared.casework import reactions as casework
from shared.identity import SYSTEM

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from shared.law import RuleSet
    from shared.messaging.envelope import Event
    from shared.runtime.time import Clock

ENDED = (
    *("application.refused", "application.withdrawn", "application.not_required", "application.not_accepted"),
    "application.terminated",
)
SILENCE = {"deem_accepted": "deem_accept"}
"""By the law's effect of silence, the action that brings it about."""


def react(tx: Connection, events: Sequence[Event], *, rules: RuleSet, clock: Clock) -> None:
    for event in events:
        if event.source == "type_approval":
            _learn(tx, event, rules, clock)
    told = [event for event in events if event.source == "notifications"]
    casework.react(tx, PROCEDURE, told, silence=SILENCE, rules=rules, clock=clock)


def _learn(tx: Connection, event: Event, rules: RuleSet, clock: Clock) -> None:
    data = event.data
    if event.type == "application.received":
        running = insert(type_approvals).values(
            case_id=event.case_id,
            application=event.subject,
            holder=data["applicant"]["code"],
            status="running",
            lines=data["lines"],
        )
        tx.execute(running)
    elif event.type == "application.supplemented":
        _set(tx, event, lines=data["lines"])
    elif event.type == "certificate.granted":
        holder = _set(tx, event, status="in_force", certificate=data["certificate"], lines=data["lines"])
        _release(tx, holder, event, rules, clock)
    elif event.type in ENDED:
        holder = _set(tx, event, status="ended")
        _release(tx, holder, event, rules, clock)


def _set(tx: Connection, event: Event, **columns: Any) -> str:
    """Change what is known of the event's type approval; its holder."""
    changed = update(type_approvals).where(type_approvals.c.case_id == event.case_id).values(**columns)
    return str(tx.execute(changed.returning(type_approvals.c.holder)).scalar_one())


def _release(tx: Connection, holder: str, event: Event, rules: RuleSet, clock: Clock) -> None:
    """Receive the holder's lodged applications that wait for nothing any more.

    One whose awaited type approval ended without a certificate goes back to its applicant as a draft: no line of it
    is typed again, but what cannot be granted must be changed.
    """
    approvals = approvals_of(tx, holder)
    for ref in lodged_cases(tx, holder):
        case = get_case(tx, ref, lock=True)
        standings = [coverage(line, approvals) for line in case.form["lines"]]
        if any(standing.awaits for standing in standings):
            continue
        action = "receive" if all(standing.certificate for standing in standings) else "return"
        apply(
            tx,
            PROCEDURE,
            ref,
            action,
            {},
            actor=SYSTEM,
            now=clock.arrival(event.time),
            rules=rules,
            cause=Cause(event.correlation_id, event.id),
        )
