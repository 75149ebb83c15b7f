"""nameko entry points for events: `consume` handles batches of messages, `relay` publishes the outbox.

Only this module and `shared.runtime` depend on nameko and greenthreads.
"""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from functools import partial
from threading import Event as Signal
from typing import TYPE_CHECKING, Any

import psycopg2
from amqp.exceptions import AMQPError
from kombu import Connection as BrokerConnection
from kombu.exceptions import KombuError
from nameko.extensions import Entrypoint
from sqlalchemy.exc import SQLAlchemyError

from shared.messaging import topology as topologies
from shared.messaging.doorbell import Doorbell, listen
from shared.messaging.envelope import PARTITIONS
from shared.messaging.relay import BATCH, ConfirmingChannel, publish_pending
from shared.messaging.shares import Share
from shared.messaging.watermark import WatermarkMovedError
from shared.observability import get_logger, metrics
from shared.runtime.roles import ProcessRole

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from amqp import Message
    from amqp.channel import Channel

    from shared.messaging.topology import Topology
    from shared.runtime.database import Store

log = get_logger(__name__)

POLL_SECONDS = 0.5
REST_SECONDS = 0.01
"""Pause after a batch of several events that was not full, so that those arriving meanwhile share the next transaction
and round trip. Events that arrive one at a time are not delayed."""
REBALANCE_SECONDS = 2.0
LAG_SECONDS = 5.0
RETRY_SECONDS = 1.0
MAX_BACKOFF_SECONDS = 5.0
RECEIVE_SECONDS = 0.005
YIELD_EVERY = 16
DRAIN_SECONDS = 5.0
HEARTBEAT_SECONDS = 30

OUTAGES = (AMQPError, KombuError, OSError, SQLAlchemyError, psycopg2.Error, WatermarkMovedError)
"""Broker or database is unavailable, or another consumer was faster: wait and start a new session."""


class _Loop(Entrypoint):
    """Runs sessions with broker and database, and starts a new one after an outage."""

    def __init__(self, topology: Topology, **kwargs: Any) -> None:
        self.topology = topology
        self.stopping = False
        self.connected = False
        self.finished = Signal()
        super().__init__(**kwargs)

    @property
    def store(self) -> Store:
        return self.container.store  # type: ignore[no-any-return]

    def start(self) -> None:
        self.container.spawn_managed_thread(self._run, identifier=self.role)

    def stop(self) -> None:
        self.stopping = True
        self.finished.wait()

    def _run(self) -> None:
        backoff = 0.1
        while not self.stopping:
            began = time.monotonic()
            try:
                self.session()
            except OUTAGES as error:
                self.connected = False
                log.warning("session_lost", role=self.role, error=repr(error))
                if time.monotonic() - began > MAX_BACKOFF_SECONDS:
                    backoff = 0.1
                time.sleep(backoff)
                backoff = min(backoff * 2, MAX_BACKOFF_SECONDS)
        self.finished.set()

    @contextmanager
    def connect(self) -> Iterator[BrokerConnection]:
        connection = BrokerConnection(
            self.container.settings.amqp_url,
            heartbeat=HEARTBEAT_SECONDS,
            connect_timeout=5,
            transport_options={"client_properties": {"connection_name": f"{self.container.service_name}.{self.role}"}},
        )
        try:
            connection.connect()
            # Time out if the peer disappears without closing the connection.
            connection.connection.transport.sock.settimeout(HEARTBEAT_SECONDS)
            yield connection
        except BaseException:
            # No orderly close either: it would wait for the peer's answer.
            connection.collect()
            raise
        connection.release()

    def session(self) -> None:
        raise NotImplementedError


class Relay(_Loop):
    """Publishes the service's outbox. On shutdown it also publishes what running workers still commit."""

    role = ProcessRole.RELAY

    def start(self) -> None:
        super().start()
        threading.Thread(target=self._listen, daemon=True).start()

    @property
    def bell(self) -> Doorbell:
        """The doorbell of this process; a process with a relay has its own."""
        bell = self.store.bell
        assert isinstance(bell, Doorbell)  # noqa: S101 - the database dependency makes one for this role
        return bell

    def stop(self) -> None:
        self.stopping = True
        self.bell.ring()
        self.finished.wait()

    def session(self) -> None:
        with self.connect() as broker, self.store.engine.connect() as locks:
            topologies.declare(broker.default_channel, self.topology, self.container.service_name)
            channel = ConfirmingChannel(broker.channel())
            share = Share(locks, "relay", PARTITIONS)
            self.connected = True
            rebalance_at = 0.0
            while True:
                if time.monotonic() >= rebalance_at:
                    share.give(share.rebalance())
                    channel.keep_alive()
                    rebalance_at = time.monotonic() + REBALANCE_SECONDS
                published = publish_pending(self.store.engine, channel, self.container.service_name, share.held)
                if published == BATCH:
                    continue
                if self.stopping:
                    self._last_events(channel, share)
                    return
                if published > 1:
                    time.sleep(REST_SECONDS)
                self.bell.wait(POLL_SECONDS)

    def _last_events(self, channel: ConfirmingChannel, share: Share) -> None:
        """Publish what running workers still commit, for at most `DRAIN_SECONDS`."""
        deadline = time.monotonic() + DRAIN_SECONDS
        while self.container.busy and time.monotonic() < deadline:
            self.bell.wait(0.05)
        while publish_pending(self.store.engine, channel, self.container.service_name, share.held):
            if time.monotonic() > deadline:
                return

    def _listen(self) -> None:
        while not self.stopping:
            try:
                listen(self.store.engine, self.bell, seconds=60)
            except OUTAGES as error:
                log.warning("doorbell_lost", error=repr(error))
                time.sleep(1)


class Consume(_Loop):
    """Calls the service's method with lists of message bodies, and acknowledges each list when the method returns."""

    role = ProcessRole.CONSUME

    def __init__(self, topology: Topology, **kwargs: Any) -> None:
        self._partitions: frozenset[int] = frozenset()
        super().__init__(topology, **kwargs)

    def start(self) -> None:
        super().start()
        threading.Thread(target=self._measure, daemon=True).start()

    def session(self) -> None:
        with self.connect() as broker, self.store.engine.connect() as locks:
            channel = broker.default_channel
            topologies.declare(channel, self.topology, self.container.service_name)
            channel.basic_qos(0, 2 * BATCH, False)  # noqa: FBT003 - the client library's signature
            reader = _Reader(channel, self.container.service_name, self.topology)
            share = Share(locks, "consume", PARTITIONS)
            self.connected = True
            rebalance_at = retry_at = 0.0
            while not self.stopping:
                now = time.monotonic()
                if now >= rebalance_at:
                    excess = share.rebalance()
                    reader.read_only(share.held - excess)
                    self._take(broker, reader)
                    share.give(excess)
                    self._partitions = frozenset(share.held)
                    broker.heartbeat_check()
                    rebalance_at = now + REBALANCE_SECONDS
                reader.gather(broker, timeout=POLL_SECONDS)
                if 1 < self._take(broker, reader) < BATCH:
                    time.sleep(REST_SECONDS)
                if now >= retry_at:
                    self._call([])
                    retry_at = now + RETRY_SECONDS
            # Start nothing new. Unacknowledged messages that were not started return to their queue.
            reader.read_only(set())

    def _measure(self) -> None:
        """Keep the gauges of what waits in the queues read here up to date, on a connection of their own: a busy broker
        answers late, and no event is to wait for that."""
        while not self.stopping:
            try:
                with self.connect() as broker:
                    while not self.stopping:
                        self._measure_lag(broker.default_channel)
                        broker.heartbeat_check()
                        time.sleep(LAG_SECONDS)
            except OUTAGES as error:
                log.warning("lag_not_measured", error=repr(error))
                time.sleep(LAG_SECONDS)

    def _measure_lag(self, channel: Channel) -> None:
        consumer, partitions = self.container.service_name, self._partitions
        for source in self.topology.sources_of(consumer):
            queues = [topologies.queue_name(consumer, source, partition) for partition in partitions]
            waiting = (channel.queue_declare(queue, passive=True).message_count for queue in queues)
            metrics.lag.labels(source).set(sum(waiting))

    def _take(self, broker: BrokerConnection, reader: _Reader) -> int:
        """Handle and acknowledge the gathered messages; returns how many. Under load, gather the next batch
        meanwhile."""
        bodies = reader.take_up()
        if bodies:
            self._call(bodies, partial(reader.receive, broker) if len(bodies) >= BATCH else None)
            reader.settle()
        return len(bodies)

    def _call(self, bodies: list[bytes], meanwhile: Callable[[Signal], None] | None = None) -> None:
        """Run the service method in a worker, and `meanwhile` beside it; raises what either raised."""
        done = Signal()
        outcome: list[Any] = []

        def handle_result(_worker: Any, result: Any, exc_info: Any) -> Any:
            outcome.append(exc_info)
            done.set()
            return result, exc_info

        self.container.spawn_worker(self, (bodies,), {}, handle_result=handle_result)
        try:
            if meanwhile:
                meanwhile(done)
        finally:
            done.wait()
        if outcome[0]:
            raise outcome[0][1]


class _Reader:
    """The queues that this process reads, and its unacknowledged messages."""

    def __init__(self, channel: Channel, consumer: str, topology: Topology) -> None:
        self._channel = channel
        self._consumer = consumer
        self._sources = topology.sources_of(consumer)
        self._reading: set[int] = set()
        self._messages: list[Message] = []
        self._in_hand: list[Message] = []

    def take_up(self) -> list[bytes]:
        """Move the gathered messages to the current batch; returns their bodies."""
        self._in_hand = self._messages[:]
        self._messages.clear()
        return [message.body for message in self._in_hand]

    def read_only(self, partitions: set[int]) -> None:
        """Consume exactly the queues of these partitions. Call between batches, when no batch is in progress."""
        for partition in self._reading - partitions:
            for queue in self._queues(partition):
                self._channel.basic_cancel(queue)
        for partition in partitions - self._reading:
            for queue in self._queues(partition):
                self._channel.basic_consume(queue, consumer_tag=queue, callback=self._messages.append)
        self._reading = set(partitions)

    def gather(self, broker: BrokerConnection, timeout: float) -> None:
        """Wait for a message, then gather all that are available, up to a batch."""
        try:
            if not self._messages:
                broker.drain_events(timeout=timeout)
            while len(self._messages) < BATCH:
                broker.drain_events(timeout=0)
        except (TimeoutError, BlockingIOError):
            return

    def receive(self, broker: BrokerConnection, done: Signal) -> None:
        """Gather the next batch until the current one is `done`."""
        while not done.is_set() and len(self._messages) < BATCH:
            try:
                broker.drain_events(timeout=RECEIVE_SECONDS)
            except TimeoutError:
                continue
            if len(self._messages) % YIELD_EVERY == 0:
                # Data that has arrived is read without waiting; without this yield the worker would never run.
                time.sleep(0)

    def settle(self) -> None:
        """Acknowledge the current batch, and no message that arrived after it."""
        self._channel.basic_ack(self._in_hand[-1].delivery_tag, multiple=True)
        self._in_hand = []

    def _queues(self, partition: int) -> list[str]:
        return [topologies.queue_name(self._consumer, source, partition) for source in self._sources]


consume = Consume.decorator
relay = Relay.decorator
