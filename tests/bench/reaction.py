"""What our consumer of the drain does with events, as the peers' do: project each case, tell one event for each."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from sqlalchemy import text

from shared.messaging import outbox
from shared.messaging.envelope import Event, new_id

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

_PROJECT = text(
    "UPDATE tracked_cases SET state = new.state, events = events + new.heard"
    " FROM unnest(CAST(:ids AS uuid[]), CAST(:states AS text[]), CAST(:heard AS int[])) AS new (id, state, heard)"
    " WHERE tracked_cases.id = new.id"
)


def react(tx: Connection, events: Sequence[Event]) -> None:
    """Project the newest state of each case, and tell one event for each that was heard."""
    states = {event.case_id: event.data["state"] for event in events}
    heard = Counter(event.case_id for event in events)
    tx.execute(
        _PROJECT,
        {"ids": list(states), "states": list(states.values()), "heard": [heard[case_id] for case_id in states]},
    )
    outbox.add(tx, [_told(event) for event in events])


def _told(event: Event) -> Event:
    return Event(
        id=new_id(),
        source="notifications",
        type="clock.reminded",
        version=1,
        subject=event.subject,
        time=event.time,
        actor="system",
        case_id=event.case_id,
        case_seq=event.case_seq,
        correlation_id=event.correlation_id,
        causation_id=event.id,
        data={"on": event.data["on"], "state": event.data["state"]},
    )
