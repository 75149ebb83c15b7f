"""Parked events: list them, retry them, or discard them with a reason.

Retries and discards are logged permanently, with the event as it was.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import text

from shared.problems import Problem
from shared.text import Text, as_numbered

if TYPE_CHECKING:
    from sqlalchemy import Connection, RowMapping

MAX_ID = 2**63 - 1
"""The largest bigint of PostgreSQL."""
_COLUMNS = "SELECT id, source, case_id::text, case_seq, type, subject, attempts, error, held_at, parked_at"
_PARKED = "FROM held WHERE parked_at IS NOT NULL"
_LIST = text(f"{_COLUMNS} {_PARKED} AND id > :after ORDER BY id LIMIT :limit")
_ONE = text(f"{_COLUMNS}, body {_PARKED} AND id = :id FOR UPDATE")
_LOG = (
    "INSERT INTO parked_log (action, actor, reason, held_id, source, case_id, case_seq, type, subject, body, error)"
    " SELECT :action, :actor, :reason, id, source, case_id, case_seq, type, subject, body, error FROM gone"
)
_REDRIVE = text(
    "WITH gone AS (UPDATE held SET parked_at = NULL, attempts = 0, next_try_at = clock_timestamp()"
    " WHERE parked_at IS NOT NULL AND case_id IS NOT NULL AND (CAST(:id AS bigint) IS NULL OR id = :id)"
    " AND (CAST(:subject AS text) IS NULL OR subject IN (:subject, :number)) RETURNING held.*)"
    f" {_LOG}"
)
_DISCARD = text(f"WITH gone AS (DELETE FROM held WHERE id = :id RETURNING held.*) {_LOG}")
_SKIP = text(
    "UPDATE inbox SET last_seq = greatest(last_seq, :case_seq), held = held - 1"
    " WHERE source = :source AND case_id = CAST(:case_id AS uuid)"
)
_WAKE_NEXT = text(
    "UPDATE held SET next_try_at = clock_timestamp() WHERE source = :source AND case_id = CAST(:case_id AS uuid)"
    " AND case_seq = :case_seq + 1 AND parked_at IS NULL"
)


def list_parked(tx: Connection, *, after: int = 0, limit: int = 100) -> list[dict[str, Any]]:
    """Parked events without their bytes, oldest first, those after the one with id `after`."""
    rows = tx.execute(_LIST, {"after": after, "limit": limit}).mappings()
    return [_present(row) for row in rows]


def get_parked(tx: Connection, held_id: int) -> dict[str, Any]:
    """One parked event with its bytes. Raises Problem."""
    row = tx.execute(_ONE, {"id": held_id}).mappings().first() if held_id <= MAX_ID else None
    if row is None:
        raise Problem("not_found", Text(f"此处没有搁置事件{held_id}", f"no event {held_id} is parked here"))
    return _view(row)


def _view(row: RowMapping) -> dict[str, Any]:
    """A row for display. Bytes that are not UTF-8 are shown with replacement characters."""
    return {**_present(row), "body": bytes(row["body"]).decode(errors="replace")}


def _present(row: RowMapping) -> dict[str, Any]:
    return {str(key): value for key, value in row.items() if value is not None}


def redrive(tx: Connection, actor: str, *, held_id: int | None = None, subject: str | None = None) -> int:
    """Retry one parked event, all of a case, or all; returns how many. Messages that are not events stay parked."""
    if held_id is not None and held_id > MAX_ID:
        return 0
    which = {"id": held_id, "subject": subject, "number": subject and as_numbered(subject)}
    parameters = {"action": "redriven", "actor": actor, "reason": None, **which}
    return tx.execute(_REDRIVE, parameters).rowcount


def discard(tx: Connection, actor: str, held_id: int, reason: str) -> None:
    """Discard one parked event: it never takes effect, and the later events of its case proceed. Raises Problem."""
    event = get_parked(tx, held_id)
    tx.execute(_DISCARD, {"action": "discarded", "actor": actor, "reason": reason, "id": held_id})
    if "case_id" in event:
        tx.execute(_SKIP, event)
        tx.execute(_WAKE_NEXT, event)
