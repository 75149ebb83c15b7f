"""A listener and a publisher on the system's own exchanges."""

from __future__ import annotations

from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from kombu import Connection

from shared.messaging.envelope import decode
from shared.messaging.topology import events_exchange
from shared.runtime.config import amqp_url

if TYPE_CHECKING:
    from collections.abc import Iterator

    from deploy.local.backing import Backing
    from shared.messaging.envelope import Event


class Ear:
    """Hears every event of some services."""

    def __init__(self, connection: Connection, *sources: str) -> None:
        self._connection = connection
        self._events: list[Event] = []
        channel = connection.default_channel
        queue, _, _ = channel.queue_declare(exclusive=True)
        for source in sources:
            channel.queue_bind(queue, events_exchange(source).name, "#")
        channel.basic_consume(queue, no_ack=True, callback=lambda message: self._events.append(decode(message.body)))

    def heard(self, case_id: str | None = None) -> list[Event]:
        """The events told so far, of one case or of all."""
        with suppress(TimeoutError):
            while True:
                self._connection.drain_events(timeout=0.05)
        return [event for event in self._events if case_id in {None, event.case_id}]


@contextmanager
def listening(servers: Backing, *sources: str) -> Iterator[Ear]:
    with Connection(amqp_url(servers.amqp_url, servers.namespace), connect_timeout=20) as connection:
        yield Ear(connection, *sources)


def say(servers: Backing, source: str, *bodies: bytes, partition: int) -> None:
    """Publish bytes as if `source` had."""
    # Confirmed, since a quorum queue may drop what a channel published just before it closed.
    confirmed = {"confirm_publish": True}
    url = amqp_url(servers.amqp_url, servers.namespace)
    with Connection(url, connect_timeout=20, transport_options=confirmed) as connection:
        producer = connection.Producer(exchange=events_exchange(source), auto_declare=False)
        for body in bodies:
            producer.publish(
                body,
                routing_key=f"said.{partition}",
                content_type="application/json",
                content_encoding="binary",
                delivery_mode=2,
            )
