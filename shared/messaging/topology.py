"""Exchanges and queues, as one table: who publishes, who consumes, what the queues are called.

Everything is durable and every queue is a quorum queue, which RabbitMQ 3.10 to 4.x all have. Arguments of a queue
can never be changed, so they are few and the name carries a version; tunable limits belong in a broker policy.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kombu import Exchange, Queue

from shared.messaging.envelope import PARTITIONS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from kombu.transport.base import StdChannel

DELIVERY_LIMIT = 1_000_000
"""In effect none, which RabbitMQ 3 and 4 cannot both be told. The broker counts a return for every message that a
consumer had in hand when it crashed or lost its database, so a low limit takes hundreds of good events out of their
cases during a longer outage. A bad event is parked in PostgreSQL by our own consumer."""


@dataclass(frozen=True, slots=True)
class Topology:
    """`consumers[source]` are the services that read the events of `source`."""

    consumers: Mapping[str, tuple[str, ...]]

    def sources_of(self, consumer: str) -> tuple[str, ...]:
        return tuple(source for source, consumers in self.consumers.items() if consumer in consumers)

    def queues_from(self, source: str) -> Iterator[Queue]:
        """All queues that must exist before `source` publishes, or an event could reach one reader and miss another."""
        for consumer in self.consumers[source]:
            for partition in range(PARTITIONS):
                yield partition_queue(consumer, source, partition)


def events_exchange(source: str) -> Exchange:
    """The exchange of a service's events, named and typed as nameko's, so that a stock `@event_handler` can bind."""
    return Exchange(f"{source}.events", type="topic", durable=True, delivery_mode="persistent")


def queue_name(consumer: str, source: str, partition: int) -> str:
    return f"{consumer}.from.{source}.{partition}.v2"


def partition_queue(consumer: str, source: str, partition: int) -> Queue:
    """The queue with one partition of `source`'s events for `consumer`; one active reader keeps it in order."""
    return Queue(
        queue_name(consumer, source, partition),
        exchange=events_exchange(source),
        routing_key=f"#.{partition}",
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
    """Make sure that everything `service` publishes to and reads from exists. Does nothing where it does."""
    events_exchange(service)(channel).declare()
    for queue in topology.queues_from(service):
        _declare_queue(channel, queue)
    for source in topology.sources_of(service):
        for partition in range(PARTITIONS):
            _declare_queue(channel, partition_queue(service, source, partition))


def _declare_queue(channel: StdChannel, queue: Queue) -> None:
    consumer = queue.name.partition(".")[0]
    dead_letter_queue(consumer)(channel).declare()
    queue(channel).declare()
