"""The progress of each case: the newest event of a (source, case) that was handled, and how many are held."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy.exc import IntegrityError

from shared.sql import Statement

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sqlalchemy import Connection

    from shared.messaging.envelope import Event

Key = tuple[str, str]
"""(source, case id)."""


class WatermarkMovedError(Exception):
    """Another consumer inserted the same case first; the work must be repeated."""


@dataclass(slots=True)
class Watermark:
    """`duplicates` counts repeats in this transaction; the table keeps the sum."""

    last_seq: int = 0
    held: int = 0
    duplicates: int = 0
    stored: bool = False


_KEYS = "unnest(CAST(:sources AS text[]), CAST(CAST(:cases AS text[]) AS uuid[])"
_READ = Statement(
    "inbox_lock",
    "SELECT source, case_id::text, last_seq, held FROM inbox"
    f" WHERE (source, case_id) IN (SELECT * FROM {_KEYS})) ORDER BY source, case_id FOR UPDATE",
)
_COLUMNS = (
    f"{_KEYS}, CAST(:last_seqs AS int[]), CAST(:helds AS int[]), CAST(:duplicates AS int[]))"
    " AS new (source, case_id, last_seq, held, duplicates)"
)
_ADD = Statement(
    "inbox_add", f"INSERT INTO inbox (source, case_id, last_seq, held, duplicates) SELECT * FROM {_COLUMNS}"
)
_MOVE = Statement(
    "inbox_move",
    "UPDATE inbox SET last_seq = new.last_seq, held = new.held, duplicates = inbox.duplicates + new.duplicates"
    f" FROM {_COLUMNS} WHERE inbox.source = new.source AND inbox.case_id = new.case_id",
)


def lock(tx: Connection, events: Iterable[Event]) -> dict[Key, Watermark]:
    """The watermarks of the events' cases, locked until the transaction ends; in a fixed order to avoid deadlocks."""
    marks = {(event.source, event.case_id): Watermark() for event in events}
    rows = _READ(tx, sources=[key[0] for key in marks], cases=[key[1] for key in marks])
    for source, case_id, last_seq, held in rows:
        marks[source, case_id] = Watermark(last_seq, held, stored=True)
    return marks


def move(tx: Connection, marks: Mapping[Key, Watermark]) -> None:
    """Store the watermarks that `lock` returned and the caller changed. Raises WatermarkMovedError."""
    stored = {key: mark for key, mark in marks.items() if mark.stored}
    if stored:
        _MOVE(tx, **_columns(stored))
    new = {key: mark for key, mark in marks.items() if not mark.stored}
    if new:
        try:
            _ADD(tx, **_columns(new))
        except IntegrityError:
            raise WatermarkMovedError from None


def _columns(marks: Mapping[Key, Watermark]) -> dict[str, list[Any]]:
    return {
        "sources": [key[0] for key in marks],
        "cases": [key[1] for key in marks],
        "last_seqs": [mark.last_seq for mark in marks.values()],
        "helds": [mark.held for mark in marks.values()],
        "duplicates": [mark.duplicates for mark in marks.values()],
    }
