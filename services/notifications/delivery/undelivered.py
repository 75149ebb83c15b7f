"""Undelivered messages: list them and, once the cause is fixed, send them again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import text

from shared.casework.queries import is_id
from shared.observability import get_logger
from shared.problems import Problem
from shared.text import Text

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

log = get_logger(__name__)

FIRST = "00000000-0000-0000-0000-000000000000"

_LIST = text(
    "SELECT messages.id::text, number, recipient, address, template, at, attempts, error FROM messages"
    " LEFT JOIN tracked_cases ON tracked_cases.id = case_id"
    " WHERE messages.state = 'failed' AND messages.id > :after ORDER BY messages.id LIMIT :limit"
)
# A wrong address is the usual cause, so use the reader's current address.
_RETRY = text(
    "UPDATE messages SET state = 'queued', attempts = 0, next_try_at = :now, address = coalesce("
    "(SELECT email FROM staff WHERE inbox IN ('staff:' || subject, 'digest:' || subject)),"
    " (SELECT email FROM contacts WHERE inbox_of(inbox) = side || ':' || party(organisation) ORDER BY updated_at DESC"
    " LIMIT 1), address)"
    " WHERE state = 'failed' AND (CAST(:id AS uuid) IS NULL OR id = :id)"
)


def list_undelivered(tx: Connection, *, after: str = FIRST, limit: int) -> list[dict[str, Any]]:
    """Undelivered messages with an id above `after`, oldest first; without their text, which operators may not read."""
    rows = tx.execute(_LIST, {"after": after, "limit": limit}).mappings()
    return [{str(key): value for key, value in row.items() if value is not None} for row in rows]


def retry_all(tx: Connection, actor: str, now: datetime) -> int:
    """Queue all of them again; returns how many."""
    return _retry(tx, actor, None, now)


def retry_one(tx: Connection, actor: str, message_id: str, now: datetime) -> int:
    """Queue one again. Raises Problem."""
    if not is_id(message_id) or not _retry(tx, actor, message_id, now):
        raise Problem("not_found", Text(f"没有未送达通知{message_id}", f"there is no undelivered message {message_id}"))
    return 1


def _retry(tx: Connection, actor: str, message_id: str | None, now: datetime) -> int:
    retried = tx.execute(_RETRY, {"id": message_id, "now": now}).rowcount
    log.info("delivery_retried", actor=actor, message=message_id, retried=retried)
    return retried
