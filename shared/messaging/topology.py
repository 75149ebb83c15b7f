"""Exchanges and queues: who publishes, who consumes, and the names.

Everything is durable and every queue is a quorum queue, available in RabbitMQ 3.10 to 4.x. The arguments of a queue
cannot be changed, so there are few and the name contains a version; adjustable limits belong in a broker policy.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kombu import Exchange, Queue

from shared.messaging.envelope import PARTITIONS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from kombu.transport.base import StdChannel

DELIVERY_LIMIT = 1_000_000
"""Effectively unlimited; no setting for "unlimited" works on both RabbitMQ 3 and 4. The broker counts a return for
every unacknowledged message of a consumer that crashed or lost its database, so a low limit would dead-letter hundreds
of good events during a longer outage. Our own consumer parks faulty events in PostgreSQL."""


_ALL_TYPES = "#"


@dataclass(frozen=True, slots=True)
class Topology:
    """`consumers[source]` are the services that consume all events of `source`; `partly[source]` those that consume one
    type of them, by their names. Cases with events of other types too are not told partly: their readers would wait for
    the others."""

    consumers: Mapping[str, tuple[str, ...]]
    partly: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def sources_of(self, consumer: str) -> tuple[str, ...]:
        return tuple(source for source in self.consumers if consumer in self._types_by_reader(source))

    def queues_from(self, source: str) -> Iterator[Queue]:
        """All queues that must exist before `source` publishes; otherwise an event could miss one of its consumers."""
        for consumer in self._types_by_reader(source):
            yield from self.queues_between(source, consumer)

    def queues_between(self, source: str, consumer: str) -> Iterator[Queue]:
        """The queues with the events of `source` that `consumer` reads."""
        for partition in range(PARTITIONS):
            yield partition_queue(consumer, source, partition, self._types_by_reader(source)[consumer])

    def _types_by_reader(self, source: str) -> Mapping[str, str]:
        return {**dict.fromkeys(self.consumers[source], _ALL_TYPES), **self.partly.get(source, {})}


def events_exchange(source: str) -> Exchange:
    """The exchange of a service's events. Name and type follow nameko, so that its `@event_handler` can bind."""
    return Exchange(f"{source}.events", type="topic", durable=True, delivery_mode="persistent")


def queue_name(consumer: str, source: str, partition: int) -> str:
    return f"{consumer}.from.{source}.{partition}.v2"


def partition_queue(consumer: str, source: str, partition: int, types: str = _ALL_TYPES) -> Queue:
    """The queue with one partition of `source`'s events of these `types` for `consumer`; a single active consumer keeps
    the order."""
    return Queue(
        queue_name(consumer, source, partition),
        exchange=events_exchange(source),
        routing_key=f"{types}.{partition}",
        queue_arguments={
            "x-queue-type": "quorum",
            "x-single-active-consumer": True,
            "x-delivery-limit": DELIVERY_LIMIT,
            "x-dead-letter-exchange": dead_letter_exchange(consumer).name,
        },
    )


def dead_letter_exchange(consumer: str) -> Exchange:
    return Exchange(f"{consumer}.dead", type="fanout", durable=True, delivery_mode="persistent")


def dead_letter_queue(consumer: str) -> Queue:
    return Queue(
        f"{consumer}.dead.v1", exchange=dead_letter_exchange(consumer), queue_arguments={"x-queue-type": "quorum"}
    )


def declare(channel: StdChannel, topology: Topology, service: str) -> None:
    """Declare everything that `service` publishes to and reads from. Idempotent."""
    events_exchange(service)(channel).declare()
    for queue in topology.queues_from(service):
        _declare_queue(channel, queue)
    for source in topology.sources_of(service):
        for queue in topology.queues_between(source, service):
            _declare_queue(channel, queue)


def _declare_queue(channel: StdChannel, queue: Queue) -> None:
    consumer = queue.name.partition(".")[0]
    dead_letter_queue(consumer)(channel).declare()
    queue(channel).declare()
