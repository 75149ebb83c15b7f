"""`Idempotency-Key`: a request that is sent again has its effect once, and gets the first answer again."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson

from shared.problems import Problem
from shared.sql import Statement

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection

MAX_KEY = 255

# It is had until the transaction ends, so whoever does not get it has met the same request under way. A statement of
# its own: looked for in the same one, an answer that was given just before the lock was had would not be seen.
_LOCK = Statement(
    "idempotency_lock",
    "SELECT pg_try_advisory_xact_lock(hashtextextended(CAST(:subject AS text) || ' ' || CAST(:key AS text), 0))",
)
_FIND = Statement(
    "idempotency_find",
    "SELECT fingerprint, status, body, headers FROM idempotency WHERE subject = :subject AND key = :key",
)
# Answers are kept for a day; each new one sweeps out a few old ones, so that there are never many too old.
_KEEP = Statement(
    "idempotency_keep",
    "WITH old AS (SELECT ctid FROM idempotency WHERE created_at < now() - interval '24 hours'"
    " ORDER BY created_at LIMIT 10 FOR UPDATE SKIP LOCKED),"
    " gone AS (DELETE FROM idempotency WHERE ctid = ANY (ARRAY(SELECT ctid FROM old)))"
    " INSERT INTO idempotency (subject, key, fingerprint, status, body, headers)"
    " VALUES (:subject, :key, :fingerprint, :status, :body, CAST(:headers AS jsonb))",
)


class Once(NamedTuple):
    """A request that is to be carried out once: whose it is, under which key, and what it asks for."""

    subject: str
    key: str
    fingerprint: bytes

    @classmethod
    def of(cls, subject: str, key: str, request: bytes) -> Once:
        """Raises Problem when the key cannot be one."""
        if not (0 < len(key) <= MAX_KEY and key.isascii() and key.isprintable()):
            raise Problem("malformed", f"Idempotency-Key: use 1 to {MAX_KEY} visible ASCII characters, as a UUID has")
        return cls(subject, key, sha256(request).digest())

    def earlier(self, tx: Connection) -> tuple[Any, int, dict[str, str]] | None:
        """Body, status and headers of the answer this request already got, if it did.

        Raises Problem: key_reused for another request, in_progress where the same is still being carried out.
        """
        mine = _LOCK(tx, subject=self.subject, key=self.key).scalar_one()
        found = _FIND(tx, subject=self.subject, key=self.key).first()
        if found is None:
            if not mine:
                raise Problem("in_progress", "the same request is still being carried out: send it again in a moment")
            return None
        if bytes(found.fingerprint) != self.fingerprint:
            raise Problem("key_reused", "this Idempotency-Key was sent with another request: make a new one")
        body = None if found.body == "null" else orjson.Fragment(found.body)
        return body, found.status, {**found.headers, "Idempotent-Replay": "true"}

    def keep(self, tx: Connection, body: Any, status: int, headers: Mapping[str, str]) -> None:
        """Keep the answer in the transaction of what it tells of."""
        _KEEP(
            tx,
            **self._asdict(),
            status=status,
            body=orjson.dumps(body).decode(),
            headers=orjson.dumps(dict(headers)).decode(),
        )
