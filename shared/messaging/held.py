"""Held events: a failed event waits for its next try, and later events of its case wait behind it.

An event that failed too often, or a message that is not an event, is parked: it waits for a person.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from sqlalchemy import text

from shared.messaging import watermark
from shared.messaging.envelope import decode
from shared.messaging.failures import describe, is_transient
from shared.messaging.versions import UnreadableVersionError
from shared.observability import bind, get_logger, metrics

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection, Engine, Row

    from shared.messaging.envelope import Event

log = get_logger(__name__)

RETRY_SECONDS = (1, 5, 30, 120, 600, 1800)
"""Delays before each retry of a failed event; after the last one fails, the event is parked."""

_HOLD = text(
    "INSERT INTO held (source, case_id, case_seq, type, subject, body, attempts, error, next_try_at, parked_at)"
    " VALUES (:source, :case_id, :case_seq, :type, :subject, :body, :attempts, :error,"
    " clock_timestamp() + make_interval(secs => :wait), CASE WHEN :parked THEN clock_timestamp() END)"
    " ON CONFLICT ON CONSTRAINT held_event DO NOTHING"
)
_PARK_BYTES = text(
    "INSERT INTO held (type, subject, body, error, parked_at) VALUES ('', '', :body, :error, clock_timestamp())"
)
_DUE = text(
    "SELECT id, source, case_id::text, case_seq, body, attempts FROM held WHERE next_try_at <= clock_timestamp()"
    " ORDER BY next_try_at, id LIMIT 1 FOR UPDATE SKIP LOCKED"
)
_WAIT = text("UPDATE held SET next_try_at = NULL WHERE id = :id")
_TRY_LATER = text(
    "UPDATE held SET attempts = attempts + 1, error = :error,"
    " next_try_at = clock_timestamp() + make_interval(secs => :wait) WHERE id = :id"
)
_PARK = text(
    "UPDATE held SET attempts = attempts + 1, error = :error, next_try_at = NULL, parked_at = clock_timestamp()"
    " WHERE id = :id"
)
_FORGET = text("DELETE FROM held WHERE id = :id")
_WAKE_NEXT = text(
    "UPDATE held SET next_try_at = clock_timestamp() WHERE source = :source AND case_id = :case_id"
    " AND case_seq = :case_seq AND parked_at IS NULL"
)


class Handler(Protocol):
    """The service's event handler: one call for many events, in order within each case, in one transaction."""

    def __call__(self, tx: Connection, events: Sequence[Event], /) -> None: ...


def hold_in_turn(tx: Connection, event: Event, last_seq: int) -> int:
    """Hold an event that must wait for earlier ones of its case; returns 1 if it is new, 0 if it was held already.

    The next event in sequence is due at once (it fills a gap, or its predecessor just succeeded); others wait to be
    woken.
    """
    wait = 0 if event.case_seq == last_seq + 1 else None
    return _hold(tx, event, f"waits for event {last_seq + 1} of its case", attempts=0, wait=wait)


def hold_failed(engine: Engine, event: Event, error: Exception) -> None:
    """Hold an event whose handling failed until its next try; park it at once if no retry can help."""
    hopeless = isinstance(error, UnreadableVersionError)
    with bind(correlation_id=event.correlation_id, subject=event.subject):
        log.warning("event_held", type=event.type, case_seq=event.case_seq, error=repr(error))
    with engine.begin() as tx:
        marks = watermark.lock(tx, [event])
        mark = marks[event.source, event.case_id]
        if event.case_seq > mark.last_seq:
            wait = None if hopeless else RETRY_SECONDS[0]
            mark.held += _hold(tx, event, describe(error), attempts=1, wait=wait, parked=hopeless)
        watermark.move(tx, marks)


def park_bytes(engine: Engine, body: bytes, error: str) -> None:
    """Park a message that is not an event."""
    log.error("message_parked", error=error, size=len(body))
    with engine.begin() as tx:
        tx.execute(_PARK_BYTES, {"body": body, "error": error})


def retry_due(engine: Engine, handler: Handler, limit: int = 1000) -> int:
    """Retry what is due, in order within each case; returns how many were tried."""
    for tried in range(limit):
        if not _retry_one(engine, handler):
            return tried
    return limit


def _retry_one(engine: Engine, handler: Handler) -> bool:
    with engine.begin() as tx:
        row = tx.execute(_DUE).first()
        if row is None:
            return False
        event = decode(row.body)
        marks = watermark.lock(tx, [event])
        mark = marks[event.source, event.case_id]
        if event.case_seq > mark.last_seq + 1:
            tx.execute(_WAIT, {"id": row.id})
        elif event.case_seq <= mark.last_seq or _succeeds(tx, handler, event, row):
            mark.last_seq = max(mark.last_seq, event.case_seq)
            mark.held -= 1
            tx.execute(_FORGET, {"id": row.id})
            following = {"source": event.source, "case_id": event.case_id, "case_seq": mark.last_seq + 1}
            tx.execute(_WAKE_NEXT, following)
        watermark.move(tx, marks)
    return True


def _succeeds(tx: Connection, handler: Handler, event: Event, row: Row[tuple[object, ...]]) -> bool:
    metrics.retried.inc()
    try:
        with tx.begin_nested(), bind(correlation_id=event.correlation_id, subject=event.subject):
            handler(tx, [event])
    except Exception as error:
        if is_transient(error):
            raise
        _failed_again(tx, event, row, error)
        return False
    metrics.consumed.labels(event.source).inc()
    return True


def _failed_again(tx: Connection, event: Event, row: Row[tuple[object, ...]], error: Exception) -> None:
    if row.attempts < len(RETRY_SECONDS) and not isinstance(error, UnreadableVersionError):
        tx.execute(_TRY_LATER, {"id": row.id, "error": describe(error), "wait": RETRY_SECONDS[row.attempts]})
        return
    tx.execute(_PARK, {"id": row.id, "error": describe(error)})
    with bind(correlation_id=event.correlation_id, subject=event.subject):
        log.error("event_parked", type=event.type, case_seq=event.case_seq, error=repr(error))


def _hold(tx: Connection, event: Event, error: str, *, attempts: int, wait: float | None, parked: bool = False) -> int:
    return tx.execute(
        _HOLD,
        {
            "source": event.source,
            "case_id": event.case_id,
            "case_seq": event.case_seq,
            "type": event.type,
            "subject": event.subject,
            "body": event.encode().encode(),
            "attempts": attempts,
            "error": error,
            "wait": wait,
            "parked": parked,
        },
    ).rowcount
