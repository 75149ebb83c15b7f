"""Takes events in: each takes effect once, in the order of its case, or is put aside where it can be seen.

A batch is one transaction: watermarks locked and moved, the service's handler called with what is new. If the handler
fails, the batch is halved until the culprit is alone; that one is held with a time for its next try, and every later
event of its case queues up behind it. Other cases do not notice. Knows no broker and no greenthreads.
"""

from __future__ import annotations

import time
from collections import Counter
from typing import TYPE_CHECKING, Protocol

from shared.messaging import held, watermark
from shared.messaging.envelope import Event, MalformedEventError, decode
from shared.messaging.failures import is_transient
from shared.messaging.versions import CURRENT, Versions
from shared.observability import metrics

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection, Engine


class Handler(Protocol):
    """What a service does with events: one call for many, in order per case, inside one transaction."""

    def __call__(self, tx: Connection, events: Sequence[Event], /) -> None: ...


def take(engine: Engine, handler: Handler, bodies: Sequence[bytes | str], versions: Versions = CURRENT) -> None:
    """Give every message in `bodies` its effect, or hold or park it; when this returns they may be acknowledged.
    An empty list, which the consumer gives now and then, asks to try again what was held and is due.

    Raises what the database raises when the work should simply be done again: then nothing of the failed part is
    settled, and the same messages may be given again.
    """

    def handle(tx: Connection, fresh: Sequence[Event]) -> None:
        handler(tx, [versions.read(event) for event in fresh])

    events = []
    for body in bodies:
        try:
            events.append(decode(body))
        except MalformedEventError as error:
            held.park_bytes(engine, body if isinstance(body, bytes) else body.encode(), str(error))
    # Order matters within a case only, and this order is right for each.
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
    """Move the watermarks over `events`: those to be handled now, and those that took effect before."""
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
    """When the producer made the event, by its machine's clock, in seconds since 1970: a UUIDv7 carries it."""
    return int(event.id[:8] + event.id[9:13], 16) / 1000
