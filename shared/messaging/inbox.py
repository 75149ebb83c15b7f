"""Handle incoming events: each takes effect once, in the order of its case, or is held where people can see it.

A batch is one transaction: lock the watermarks, move them, call the service's handler with the new events. If the
handler fails, the batch is halved until the faulty event is alone. That event is held until its next try, and later
events of its case queue behind it; other cases go on. Independent of broker and greenthreads.
"""

from __future__ import annotations

import time
from collections import Counter
from typing import TYPE_CHECKING

from shared.messaging import held, watermark
from shared.messaging.envelope import Event, MalformedEventError, decode
from shared.messaging.failures import is_transient
from shared.messaging.versions import FIRST, Versions
from shared.observability import metrics

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection, Engine

    from shared.messaging.held import Handler


def take(engine: Engine, handler: Handler, bodies: Sequence[bytes | str], versions: Versions = FIRST) -> None:
    """Handle, hold or park every message in `bodies`; once this returns they may be acknowledged. An empty list retries
    held events that are due; the consumer passes one regularly.

    Raises transient database errors: then nothing of the failed part is committed, and the same messages may be passed
    again.
    """

    def handle(tx: Connection, fresh: Sequence[Event]) -> None:
        handler(tx, [versions.read(event) for event in fresh])

    events = []
    for body in bodies:
        try:
            events.append(decode(body))
        except MalformedEventError as error:
            held.park_bytes(engine, body if isinstance(body, bytes) else body.encode(), str(error))
    # Order matters only within a case, and this sort is right for each case.
    events.sort(key=lambda event: event.case_seq)
    if events:
        _take(engine, handle, events)
    if not bodies:
        held.retry_due(engine, handle)


def _take(engine: Engine, handler: Handler, events: Sequence[Event]) -> None:
    try:
        with engine.begin() as tx:
            fresh, duplicates = _admit(tx, events)
            if fresh:
                handler(tx, fresh)
    except Exception as error:
        if is_transient(error):
            raise
        if len(events) == 1:
            held.hold_failed(engine, events[0], error)
            return
        middle = len(events) // 2
        _take(engine, handler, events[:middle])
        _take(engine, handler, events[middle:])
    else:
        _count(fresh, duplicates)


def _admit(tx: Connection, events: Sequence[Event]) -> tuple[list[Event], list[Event]]:
    """Move the watermarks past `events`; returns the events to handle now, and the duplicates."""
    marks = watermark.lock(tx, events)
    fresh, duplicates = [], []
    for event in events:
        mark = marks[event.source, event.case_id]
        if event.case_seq <= mark.last_seq:
            mark.duplicates += 1
            duplicates.append(event)
        elif mark.held or event.case_seq > mark.last_seq + 1:
            mark.held += held.hold_in_turn(tx, event, mark.last_seq)
        else:
            mark.last_seq = event.case_seq
            fresh.append(event)
    watermark.move(tx, marks)
    return fresh, duplicates


def _count(fresh: Sequence[Event], duplicates: Sequence[Event]) -> None:
    metrics.batch_size.observe(len(fresh) + len(duplicates))
    now = time.time()
    for event in fresh:
        metrics.commit_to_consumed.observe(max(0.0, now - committed(event)))
    for source, count in Counter(event.source for event in fresh).items():
        metrics.consumed.labels(source).inc(count)
    for source, count in Counter(event.source for event in duplicates).items():
        metrics.duplicates.labels(source).inc(count)


def committed(event: Event) -> float:
    """When the producer created the event, by its machine's clock, in seconds since 1970; part of the UUIDv7."""
    return int(event.id[:8] + event.id[9:13], 16) / 1000
