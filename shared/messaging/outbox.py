"""Events leave a service through its outbox: rows written in the transaction of the fact they tell."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, insert

from shared.messaging.models import outbox

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from shared.messaging.envelope import Event

_INSERT = insert(outbox).values(
    partition=bindparam("partition"),
    routing_key=bindparam("routing_key"),
    event_id=bindparam("event_id"),
    body=bindparam("event_body"),
)


def add(tx: Connection, events: Sequence[Event]) -> None:
    """Store `events` for publication once `tx` commits.

    The caller holds the row of each event's case locked, so that the rows of one case get their ids in the order
    of `case_seq`: the relay publishes by id.
    """
    if events:
        tx.execute(_INSERT, [row(event) for event in events])


def row(event: Event) -> dict[str, str | int]:
    """The outbox row of `event`, as parameters of a statement."""
    return {
        "partition": event.partition,
        "routing_key": event.routing_key,
        "event_id": event.id,
        "event_body": event.encode(),
    }
