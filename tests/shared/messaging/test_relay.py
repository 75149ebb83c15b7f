"""The outbox is published after the commit, in order, and at least once."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest
from kombu import Connection as BrokerConnection
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from shared.messaging import outbox
from shared.messaging.doorbell import Doorbell, RemoteDoorbell, listen
from shared.messaging.envelope import PARTITIONS, decode, new_id
from shared.messaging.inbox import take
from shared.messaging.relay import BATCH, ConfirmingChannel, publish_pending
from shared.messaging.topology import Topology, dead_letter_queue, declare, events_exchange, partition_queue
from shared.observability import metrics
from shared.runtime.config import amqp_url
from tests.shared.messaging.parts import Handler, effects, make, rows, story
from tests.support import wait_for

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sqlalchemy import Engine

    from deploy.local.backing import Backing
    from shared.messaging.envelope import Event

SOURCE, READER = "probe", "reader"
TOPOLOGY = Topology({SOURCE: (READER,), READER: ()})
ALL = range(PARTITIONS)


@pytest.fixture
def broker(servers: Backing) -> Iterator[BrokerConnection]:
    with BrokerConnection(amqp_url(servers.amqp_url, servers.namespace), connect_timeout=20) as connection:
        yield connection
        channel = connection.channel()
        for partition in ALL:
            channel.queue_delete(partition_queue(READER, SOURCE, partition).name)
        channel.queue_delete(dead_letter_queue(READER).name)
        for exchange in (f"{SOURCE}.events", f"{READER}.events", f"{READER}.dead"):
            channel.exchange_delete(exchange)


@pytest.fixture
def channel(broker: BrokerConnection) -> ConfirmingChannel:
    declare(broker.default_channel, TOPOLOGY, SOURCE)
    return ConfirmingChannel(broker.channel())


def commit(engine: Engine, *events: Event) -> None:
    with engine.begin() as tx:
        outbox.add(tx, events)


def delivered(broker: BrokerConnection, count: int, partitions: Iterable[int] = ALL) -> list[Any]:
    """The `count` messages in the reader's queues of the partitions, by queue; it is an error if there are more."""
    found: list[Any] = []
    with broker.channel() as channel:
        for partition in partitions:
            channel.basic_consume(partition_queue(READER, SOURCE, partition).name, no_ack=True, callback=found.append)
        wait_for(lambda: drained(broker, found, count), what=f"{count} messages")
        with suppress(TimeoutError):
            broker.drain_events(timeout=0.1)
    assert len(found) == count
    return sorted(found, key=lambda message: message.delivery_info["routing_key"])


def drained(broker: BrokerConnection, found: list[Any], count: int) -> bool:
    with suppress(TimeoutError):
        while len(found) < count:
            broker.drain_events(timeout=0.1)
    return len(found) >= count


def arrived(broker: BrokerConnection, count: int, partitions: Iterable[int] = ALL) -> list[Event]:
    return [decode(message.body) for message in delivered(broker, count, partitions)]


def test_nothing_is_published_before_the_commit(
    engine: Engine, broker: BrokerConnection, channel: ConfirmingChannel
) -> None:
    (event,) = story(1)
    with engine.connect() as tx:
        outbox.add(tx, [event])
        assert publish_pending(engine, channel, SOURCE, ALL) == 0
        tx.commit()
    assert publish_pending(engine, channel, SOURCE, ALL) == 1
    assert arrived(broker, 1) == [event]


def test_what_is_rolled_back_is_never_published(
    engine: Engine, broker: BrokerConnection, channel: ConfirmingChannel
) -> None:
    with engine.connect() as tx:
        outbox.add(tx, story(2))
        tx.rollback()
    assert publish_pending(engine, channel, SOURCE, ALL) == 0
    assert arrived(broker, 0) == []


def test_a_published_event_is_gone_from_the_outbox_and_whole_in_the_queue(
    engine: Engine, broker: BrokerConnection, channel: ConfirmingChannel
) -> None:
    (event,) = story(1)
    commit(engine, event)
    publish_pending(engine, channel, SOURCE, ALL)
    assert rows(engine, "SELECT * FROM outbox") == []
    (message,) = delivered(broker, 1)
    assert decode(message.body) == event
    assert message.properties["delivery_mode"] == 2, "persistent"
    assert message.properties["message_id"] == event.id
    assert message.properties["content_type"] == "application/json"
    assert message.delivery_info["routing_key"] == f"thing.happened.{event.partition}"


def test_only_the_partitions_asked_for_are_published(
    engine: Engine, broker: BrokerConnection, channel: ConfirmingChannel
) -> None:
    events = [make(new_id(), 1) for _ in range(40)]
    commit(engine, *events)
    publish_pending(engine, channel, SOURCE, {1})
    wanted = [event for event in events if event.partition == 1]
    assert arrived(broker, len(wanted)) == wanted
    assert rows(engine, "SELECT DISTINCT partition FROM outbox ORDER BY 1") == [(0,), (2,), (3,)]
    assert publish_pending(engine, channel, SOURCE, set()) == 0


def test_events_of_a_case_leave_in_order_whoever_commits_meanwhile(
    engine: Engine, broker: BrokerConnection, channel: ConfirmingChannel
) -> None:
    stories = [story(40) for _ in range(6)]

    def live(one: list[Event]) -> None:
        for event in one:
            commit(engine, event)

    with ThreadPoolExecutor(6) as pool:
        running = [pool.submit(live, one) for one in stories]
        while any(not one.done() for one in running):
            publish_pending(engine, channel, SOURCE, ALL)
        for one in running:
            one.result()
    publish_pending(engine, channel, SOURCE, ALL)
    seen: dict[str, list[int]] = {}
    for event in arrived(broker, 240):
        seen.setdefault(event.case_id, []).append(event.case_seq)
    assert seen == {one[0].case_id: list(range(1, 41)) for one in stories}


def test_a_backlog_leaves_in_batches(engine: Engine, broker: BrokerConnection, channel: ConfirmingChannel) -> None:
    events = story(BATCH + 20)
    commit(engine, *events)
    assert publish_pending(engine, channel, SOURCE, ALL) == BATCH
    assert publish_pending(engine, channel, SOURCE, ALL) == 20
    assert arrived(broker, len(events)) == events


def test_an_event_that_no_queue_takes_stays_and_is_reported(
    engine: Engine, broker: BrokerConnection, channel: ConfirmingChannel
) -> None:
    lost, other = (
        next(event for event in iter(lambda: make(new_id(), 1), None) if event.partition == partition)
        for partition in (0, 1)
    )
    broker.default_channel.queue_delete(partition_queue(READER, SOURCE, 0).name)
    before = metrics.unroutable._value.get()
    commit(engine, lost, other)
    publish_pending(engine, channel, SOURCE, ALL)
    assert rows(engine, "SELECT event_id::text, retry_at > clock_timestamp() FROM outbox") == [(lost.id, True)]
    assert metrics.unroutable._value.get() == before + 1
    assert arrived(broker, 1, [1]) == [other]
    assert publish_pending(engine, channel, SOURCE, ALL) == 0, "it is not tried again at once"

    declare(broker.default_channel, TOPOLOGY, SOURCE)
    rows(engine, "UPDATE outbox SET retry_at = clock_timestamp()")
    assert publish_pending(engine, channel, SOURCE, ALL) == 1
    assert arrived(broker, 1, [0]) == [lost]
    assert rows(engine, "SELECT * FROM outbox") == []


def test_a_crash_between_publishing_and_marking_publishes_again_and_the_inbox_absorbs_it(
    engine: Engine, broker: BrokerConnection, channel: ConfirmingChannel
) -> None:
    class Severed(ConfirmingChannel):
        """Loses the database as soon as the broker has confirmed."""

        def confirmed(self) -> set[str]:
            returned = super().confirmed()
            rows(
                engine,
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()",
            )
            return returned

    events = story(3)
    commit(engine, *events)
    with pytest.raises(DBAPIError):
        publish_pending(engine, Severed(broker.channel()), SOURCE, ALL)
    assert rows(engine, "SELECT count(*) FROM outbox") == [(3,)]
    assert publish_pending(engine, channel, SOURCE, ALL) == 3
    take(engine, Handler(), [message.body for message in delivered(broker, 6)])
    assert effects(engine) == {(SOURCE, events[0].case_id): [1, 2, 3]}


def test_a_connection_lost_before_the_confirm_leaves_all_in_the_outbox(
    engine: Engine, servers: Backing, channel: ConfirmingChannel
) -> None:
    commit(engine, *story(3))
    other = BrokerConnection(amqp_url(servers.amqp_url, servers.namespace), connect_timeout=20)
    cut = ConfirmingChannel(other.channel())
    other.connection.sock.close()
    with pytest.raises((OSError, *other.connection_errors)):
        publish_pending(engine, cut, SOURCE, ALL)
    assert rows(engine, "SELECT count(*) FROM outbox") == [(3,)]
    assert publish_pending(engine, channel, SOURCE, ALL) == 3


def test_queues_are_durable_quorum_queues_with_one_active_reader(
    broker: BrokerConnection, channel: ConfirmingChannel
) -> None:
    assert channel
    declare(broker.default_channel, TOPOLOGY, READER)
    for partition in ALL:
        queue = partition_queue(READER, SOURCE, partition)
        assert queue.durable
        assert queue.queue_arguments["x-queue-type"] == "quorum"
        assert queue.queue_arguments["x-single-active-consumer"] is True
        broker.channel().queue_declare(queue.name, passive=True)
    assert events_exchange(SOURCE).durable


def test_the_bell_remembers_rings_as_one() -> None:
    bell = Doorbell()
    bell.ring()
    bell.ring()
    assert bell.wait(0)
    assert not bell.wait(0)


def test_a_commit_in_another_process_rings_here(engine: Engine) -> None:
    here, there = Doorbell(), RemoteDoorbell(engine)
    listener = threading.Thread(target=listen, args=(engine, here, 1.0))
    listener.start()
    there.start()
    try:
        # The listener may still be on its way to LISTEN when the first ring is sent.
        wait_for(lambda: there.ring() or here.wait(0.1), what="the bell to ring")  # type: ignore[func-returns-value]
    finally:
        there.stop()
        listener.join(20)
    assert not listener.is_alive()


def test_a_ring_waits_for_no_transaction(engine: Engine) -> None:
    with engine.connect() as tx:
        tx.execute(text("LOCK TABLE outbox IN ACCESS EXCLUSIVE MODE"))
        test_a_commit_in_another_process_rings_here(engine)
