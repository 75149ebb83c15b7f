"""`Idempotency-Key`: a repeated request takes effect once and gets the first response again."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson

from shared.problems import Problem
from shared.sql import Statement
from shared.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection

MAX_KEY = 255

# The lock lasts until the transaction ends; if it is taken, the same request is in progress. It needs a separate
# statement: a combined one would not see a response committed just before the lock was granted.
_LOCK = Statement(
    "idempotency_lock",
    "SELECT pg_try_advisory_xact_lock(hashtextextended(CAST(:subject AS text) || ' ' || CAST(:key AS text), 0))",
)
_FIND = Statement(
    "idempotency_find",
    "SELECT fingerprint, status, body, headers FROM idempotency WHERE subject = :subject AND key = :key",
)
# Responses are kept for a day. Each new one deletes up to ten expired ones, so few accumulate.
_KEEP = Statement(
    "idempotency_keep",
    "WITH old AS (SELECT ctid FROM idempotency WHERE created_at < now() - interval '24 hours'"
    " ORDER BY created_at LIMIT 10 FOR UPDATE SKIP LOCKED),"
    " gone AS (DELETE FROM idempotency WHERE ctid = ANY (ARRAY(SELECT ctid FROM old)))"
    " INSERT INTO idempotency (subject, key, fingerprint, status, body, headers)"
    " VALUES (:subject, :key, :fingerprint, :status, :body, CAST(:headers AS jsonb))",
)


class Once(NamedTuple):
    """A request to be carried out once: the caller, the key, and a hash of the request."""

    subject: str
    key: str
    fingerprint: bytes

    @classmethod
    def of(cls, subject: str, key: str, request: bytes) -> Once:
        """Raises Problem if the key is not valid."""
        if not (0 < len(key) <= MAX_KEY and key.isascii() and key.isprintable()):
            raise Problem(
                "malformed", f"Idempotency-Key: use 1 to {MAX_KEY} printable ASCII characters, for example a UUID"
            )
        return cls(subject, key, sha256(request).digest())

    def earlier(self, tx: Connection) -> tuple[Any, int, dict[str, str]] | None:
        """Body, status and headers of the response that this request already got; None if it has not.

        Raises Problem: key_reused if the key belongs to another request, in_progress if the same request is still
        running.
        """
        mine = _LOCK(tx, subject=self.subject, key=self.key).scalar_one()
        found = _FIND(tx, subject=self.subject, key=self.key).first()
        if found is None:
            if not mine:
                raise Problem(
                    "in_progress",
                    Text(
                        "同一请求正在办理：请稍后重发",
                        "the same request is still being processed: send it again in a moment",
                    ),
                )
            return None
        if bytes(found.fingerprint) != self.fingerprint:
            raise Problem(
                "key_reused",
                Text(
                    "该Idempotency-Key已用于另一请求：请换用新的",
                    "this Idempotency-Key was already used for another request: use a new one",
                ),
            )
        body = None if found.body == "null" else orjson.Fragment(found.body)
        return body, found.status, {**found.headers, "Idempotent-Replay": "true"}

    def keep(self, tx: Connection, body: Any, status: int, headers: Mapping[str, str]) -> None:
        """Store the response in the transaction of the change it reports."""
        _KEEP(
            tx,
            **self._asdict(),
            status=status,
            body=orjson.dumps(body).decode(),
            headers=orjson.dumps(dict(headers)).decode(),
        )
