"""The outbox: event rows written in the same transaction as the fact they report."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared.messaging.envelope import decode
from shared.sql import AT_ONCE, Statement

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from shared.messaging.envelope import Event

_INSERT = Statement(
    "outbox_add",
    "INSERT INTO outbox (partition, routing_key, event_id, body)"
    " SELECT partition, routing_key, event_id, body"
    " FROM unnest(CAST(:partition AS int[]), CAST(:routing_key AS text[]), CAST(CAST(:event_id AS text[]) AS uuid[]),"
    " CAST(:event_body AS text[])) WITH ORDINALITY AS new (partition, routing_key, event_id, body, nr) ORDER BY nr",
)


def add(tx: Connection, events: Sequence[Event]) -> None:
    """Store `events` for publication after `tx` commits.

    The caller must hold a lock on the row of each event's case, so that the outbox ids of a case follow `case_seq`: the
    relay publishes in order of id.
    """
    for begin in range(0, len(events), AT_ONCE):
        rows = [row(event) for event in events[begin : begin + AT_ONCE]]
        _INSERT(tx, **{column: [values[column] for values in rows] for column in rows[0]})


def caused_by(tx: Connection, correlation_id: str) -> list[Event]:
    """The events with that correlation that wait to be published, in the order in which they were stored."""
    return [decode(found.body) for found in _CAUSED(tx, told=f'%"correlationid":"{correlation_id}"%')]


_CAUSED = Statement("outbox_caused", "SELECT body FROM outbox WHERE body LIKE :told ORDER BY id")


def row(event: Event) -> dict[str, str | int]:
    """The outbox row of `event`, as statement parameters."""
    return {
        "partition": event.partition,
        "routing_key": event.routing_key,
        "event_id": event.id,
        "event_body": event.encode(),
    }
