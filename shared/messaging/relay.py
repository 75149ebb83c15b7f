"""Publish the outbox: persistent and mandatory messages, in order per partition, with pipelined publisher confirms.

A row is deleted once the broker has confirmed its event. After a crash in between the event is published again, and
consumers drop the duplicate. Independent of greenthreads: `shared.messaging.entrypoints` runs the loop.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from amqp import Message
from amqp.exceptions import MessageNacked

from shared.messaging.topology import events_exchange
from shared.observability import get_logger, metrics
from shared.sql import Statement, autocommit

if TYPE_CHECKING:
    from collections.abc import Collection

    from amqp.channel import Channel
    from sqlalchemy import Engine

log = get_logger(__name__)

BATCH = 500
RETRY_UNROUTABLE = "5 seconds"
CONFIRM_TIMEOUT = 10.0

_CLAIM = Statement(
    "outbox_claim",
    "SELECT id, routing_key, event_id::text, body FROM outbox"
    " WHERE partition = ANY(CAST(:partitions AS int[])) AND (retry_at IS NULL OR retry_at <= clock_timestamp())"
    " ORDER BY id LIMIT :batch",
)
_FORGET = Statement("outbox_forget", "DELETE FROM outbox WHERE id = ANY(CAST(:ids AS bigint[]))")
_POSTPONE = Statement(
    "outbox_postpone",
    f"UPDATE outbox SET retry_at = clock_timestamp() + interval '{RETRY_UNROUTABLE}'"
    " WHERE event_id = ANY(CAST(CAST(:events AS text[]) AS uuid[]))",
)


class ConfirmingChannel:
    """An AMQP channel that publishes many messages and then waits for all their confirms."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._last_tag = 0
        self._outstanding: set[int] = set()
        self._nacked = False
        self._returned: set[str] = set()
        channel.confirm_select()
        channel.events["basic_ack"].add(self._on_ack)
        channel.events["basic_nack"].add(self._on_nack)
        channel.events["basic_return"].add(self._on_return)

    def publish(self, exchange: str, routing_key: str, event_id: str, body: str) -> None:
        message = Message(
            body,
            content_type="application/json",
            content_encoding="utf-8",
            delivery_mode=2,
            message_id=event_id,
        )
        self._channel.basic_publish(message, exchange=exchange, routing_key=routing_key, mandatory=True)
        self._last_tag += 1
        self._outstanding.add(self._last_tag)

    def confirmed(self) -> set[str]:
        """Wait for the confirms of all published messages; returns the ids of those that the broker could not route.

        Raises MessageNacked if the broker refused one, or the connection's error if it is lost. The state of this batch
        is then unknown, and it must be published again.
        """
        while self._outstanding:
            self._channel.connection.drain_events(timeout=CONFIRM_TIMEOUT)
        if self._nacked:
            self._nacked = False
            raise MessageNacked
        returned, self._returned = self._returned, set()
        return returned

    def keep_alive(self) -> None:
        """Read what the broker sent while nothing was published, mainly heartbeats, and send ours."""
        connection = self._channel.connection
        try:
            while True:
                connection.drain_events(timeout=0)
        except (TimeoutError, BlockingIOError):
            connection.heartbeat_tick()

    def _on_ack(self, delivery_tag: int, multiple: bool) -> None:
        if multiple:
            self._outstanding = {tag for tag in self._outstanding if tag > delivery_tag}
        else:
            self._outstanding.discard(delivery_tag)

    def _on_nack(self, delivery_tag: int, multiple: bool) -> None:
        self._nacked = True
        self._on_ack(delivery_tag, multiple)

    def _on_return(self, _exception: Any, _exchange: str, _routing_key: str, message: Message) -> None:
        self._returned.add(message.properties["message_id"])


def publish_pending(engine: Engine, channel: ConfirmingChannel, source: str, partitions: Collection[int]) -> int:
    """Publish one batch from partitions that only the caller publishes; returns the number of rows."""
    # No transaction is open while waiting for the broker: it would hold back vacuum.
    with autocommit(engine) as connection:
        rows = _CLAIM(connection, partitions=list(partitions), batch=BATCH).all()
        if not rows:
            return 0
        exchange = events_exchange(source).name
        for row in rows:
            channel.publish(exchange, row.routing_key, row.event_id, row.body)
        returned = channel.confirmed()
        gone = [row.id for row in rows if row.event_id not in returned]
        if gone:
            _FORGET(connection, ids=gone)
        if returned:
            _POSTPONE(connection, events=sorted(returned))
            log.error("events_unroutable", count=len(returned), events=sorted(returned)[:5])
        metrics.published.inc(len(gone))
        metrics.unroutable.inc(len(returned))
    return len(rows)
