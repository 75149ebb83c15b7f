"""Events, a handler with countable effects, and queries of the tables."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import text

from shared.messaging import held
from shared.messaging.envelope import Event, new_id
from shared.messaging.inbox import take

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection, Engine

NOW = datetime(2013, 9, 17, 1, 0, tzinfo=UTC)
SOURCE = "probe"
_EFFECT = text("INSERT INTO effects (source, case_id, case_seq) VALUES (:source, :case_id, :case_seq)")


def make(case_id: str, case_seq: int, source: str = SOURCE, **data: Any) -> Event:
    return Event(
        id=new_id(),
        source=source,
        type="thing.happened",
        version=1,
        subject=f"X-{case_id[-4:]}",
        time=NOW,
        actor="somebody",
        case_id=case_id,
        case_seq=case_seq,
        correlation_id="correlation",
        causation_id="",
        data=data,
    )


def story(length: int, source: str = SOURCE) -> list[Event]:
    """All events of a new case."""
    case_id = new_id()
    return [make(case_id, seq, source) for seq in range(1, length + 1)]


class Handler:
    """Writes a row per event; fails, after having written, for the events in `poison`."""

    def __init__(self, *poison: Event) -> None:
        self.poison = {event.id for event in poison}

    def __call__(self, tx: Connection, events: Sequence[Event], /) -> None:
        for event in events:
            tx.execute(_EFFECT, {"source": event.source, "case_id": event.case_id, "case_seq": event.case_seq})
            if event.id in self.poison:
                raise ValueError(f"cannot digest {event.case_seq}")


def effects(engine: Engine) -> dict[tuple[str, str], list[int]]:
    """What took effect, by source and case, in the order in which it did."""
    found: dict[tuple[str, str], list[int]] = {}
    with engine.connect() as tx:
        for source, case_id, case_seq in tx.execute(
            text("SELECT source, case_id::text, case_seq FROM effects ORDER BY n")
        ):
            found.setdefault((source, case_id), []).append(case_seq)
    return found


def rows(engine: Engine, query: str, **parameters: Any) -> list[tuple[Any, ...]]:
    with engine.begin() as tx:
        result = tx.execute(text(query), parameters)
        return [tuple(row) for row in result] if result.returns_rows else []


def attempt_all(engine: Engine, handler: Handler) -> None:
    """Try whatever waits for a time as if that time had come, again and again, until nothing waits for one."""
    while rows(engine, "UPDATE held SET next_try_at = clock_timestamp() WHERE next_try_at IS NOT NULL RETURNING id"):
        held.retry_due(engine, handler)


def bodies(events: Sequence[Event]) -> list[bytes]:
    return [event.encode().encode() for event in events]


def give(engine: Engine, handler: Handler, *events: Event) -> None:
    take(engine, handler, bodies(events))
