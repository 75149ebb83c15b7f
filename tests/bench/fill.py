"""Backlogs: events in queues, published with pipelined confirms."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from amqp import Message

from shared.messaging.envelope import Event, new_id
from tests.bench import prepare

if TYPE_CHECKING:
    from collections.abc import Iterator

    from amqp import Connection

BATCH = 500
CASES = len(prepare.BACKLOG)
"""Over how many cases the events of a backlog are spread."""


def events(count: int, first_seq: int, cases: range = prepare.BACKLOG) -> Iterator[Event]:
    """In order per case; every case gets its next event before any gets its second next."""
    now = datetime.now(UTC)
    for number in range(count):
        case = prepare.case_id(cases[number % len(cases)])
        yield Event(
            id=new_id(),
            source="type_approval",
            type="evaluation.arranged",
            version=1,
            subject=f"BENCH-{number % CASES}",
            time=now,
            actor="engineer-1",
            case_id=case,
            case_seq=first_seq + number // len(cases),
            correlation_id=new_id(),
            causation_id="",
            data={"on": "2026-11-23", "state": "arranged", "plan": "samples within two weeks"},
        )


class Publisher:
    """Publishes mandatory, persistent messages, and waits for the confirms of so many together."""

    def __init__(self, broker: Connection, together: int = BATCH) -> None:
        self._broker = broker
        self._together = together
        self._channel = broker.channel()
        self._channel.confirm_select()
        self._channel.events["basic_ack"].add(self._on_ack)
        self._channel.events["basic_return"].add(self._on_return)
        self._last = 0
        self._outstanding: set[int] = set()

    def publish(self, body: str, event_id: str, exchange: str, routing_key: str) -> None:
        message = Message(
            body, content_type="application/json", content_encoding="utf-8", delivery_mode=2, message_id=event_id
        )
        self._channel.basic_publish(message, exchange=exchange, routing_key=routing_key, mandatory=True)
        self._last += 1
        self._outstanding.add(self._last)
        if len(self._outstanding) == self._together:
            self.confirmed()

    def confirmed(self) -> None:
        while self._outstanding:
            self._broker.drain_events(timeout=30)

    def _on_ack(self, tag: int, multiple: bool) -> None:
        if multiple:
            self._outstanding = {one for one in self._outstanding if one > tag}
        else:
            self._outstanding.discard(tag)

    def _on_return(self, *_arguments: Any) -> None:
        raise RuntimeError("a message reached no queue")


def publish(broker: Connection, queues: tuple[str, ...], count: int, first_seq: int) -> None:
    """Put `count` events into `queues`, each into the one of its case's partition, or all into the only one."""
    publisher = Publisher(broker)
    for event in events(count, first_seq):
        queue = queues[event.partition % len(queues)]
        publisher.publish(event.encode(), event.id, "", queue)
    publisher.confirmed()
