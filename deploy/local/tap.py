"""Listens to the events of all services, in order to display them."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Self
from uuid import uuid4

from kombu import Connection, Consumer, Queue

from shared.messaging.envelope import Event, decode
from shared.messaging.topology import events_exchange

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import TracebackType

PATIENCE_SECONDS = 5.0
QUIET_SECONDS = 0.1
"""A step may tell several events, which are published together."""


class Tap:
    """A temporary queue on every exchange, deleted with the connection."""

    def __init__(self, amqp_url: str, sources: Sequence[str]) -> None:
        self._connection = Connection(amqp_url)
        self._sources = sources
        self._heard: list[Event] = []

    def __enter__(self) -> Self:
        channel = self._connection.channel()
        queues = [
            Queue(f"tap.{uuid4()}", exclusive=True, durable=False, exchange=exchange, routing_key="#")
            for exchange in map(events_exchange, self._sources)
        ]
        consumer = Consumer(channel, queues, on_message=self._hear, no_ack=True)
        consumer.consume()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._connection.release()

    def heard(self, case: str) -> list[Event]:
        """The events of `case` since the last call; waits a few seconds for the first, and until no more follow."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                self._connection.drain_events(timeout=QUIET_SECONDS)
            except TimeoutError:
                about = [event for event in self._heard if event.subject == case]
                if about or time.monotonic() > deadline:
                    break
        self._heard = [event for event in self._heard if event.subject != case]
        return about

    def _hear(self, message: Any) -> None:
        self._heard.append(decode(message.body))
