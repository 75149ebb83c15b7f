"""Backlogs: events in queues, published with pipelined confirms, and outbox rows."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from amqp import Message

from shared.messaging.envelope import Event, new_id, partition_of
from tests.bench import prepare

if TYPE_CHECKING:
    from collections.abc import Iterator

    from amqp import Connection

CASES = 2_000
"""Over how many cases the events of a backlog are spread."""


def events(count: int, first_seq: int) -> Iterator[Event]:
    """In order per case; every case gets its next event before any gets its second next."""
    now = datetime.now(UTC)
    for number in range(count):
        case = prepare.case_id(number % CASES)
        yield Event(
            id=new_id(),
            source="type_approval",
            type="evaluation.arranged",
            version=1,
            subject=f"BENCH-{number % CASES}",
            time=now,
            actor="engineer-1",
            case_id=case,
            case_seq=first_seq + number // CASES,
            correlation_id=new_id(),
            causation_id="",
            data={"on": "2026-11-23", "state": "arranged", "plan": "samples within two weeks"},
        )


def publish(broker: Connection, queues: tuple[str, ...], count: int, first_seq: int) -> None:
    """Put `count` events into `queues`, each into the one of its case's partition, or all into the only one."""
    channel = broker.channel()
    channel.confirm_select()
    outstanding = 0
    confirmed: list[int] = []

    def on_ack(tag: int, multiple: bool) -> None:  # noqa: ARG001 - the library's signature
        confirmed.append(tag)

    channel.events["basic_ack"].add(on_ack)
    for event in events(count, first_seq):
        queue = queues[partition_of(event.case_id) % len(queues)]
        message = Message(event.encode(), content_type="application/json", delivery_mode=2, message_id=event.id)
        channel.basic_publish(message, exchange="", routing_key=queue)
        outstanding += 1
        if outstanding % 500 == 0:
            _await(broker, confirmed, outstanding)
    _await(broker, confirmed, outstanding)


def _await(broker: Connection, confirmed: list[int], tag: int) -> None:
    """Confirms come in order: that of the last says all."""
    while not confirmed or confirmed[-1] < tag:
        broker.drain_events(timeout=30)
