"""Who is signed in.

Sessions are rows, so that they survive restarts and any number of processes share them. The browser has a random id
alone, and what rows hold is encrypted.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from hashlib import sha256
from secrets import token_urlsafe
from typing import TYPE_CHECKING, Any

import orjson
from joserfc import jwe
from joserfc.errors import JoseError
from sqlalchemy import delete, insert, select, update
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import DBAPIError

from services.portal.models import kept, sessions
from shared.runtime.database import make_engine
from shared.sql import Statement, autocommit

if TYPE_CHECKING:
    from joserfc.jwk import OctKey
    from sqlalchemy import Connection

IDLE = timedelta(minutes=30)
"""A session ends when nothing was asked in it for so long."""
LONGEST = timedelta(hours=10)
KEPT = timedelta(hours=1)
"""What was typed too late waits so long for its writer to sign in again."""
REFRESH = timedelta(seconds=60)
"""An access token is changed for a new one when it has no longer to live."""
_SEEN_EVERY = timedelta(minutes=1)
_POOL_SIZE = 8
_OPENED = 1000
"""So many sessions are kept decrypted, which takes longer than to read them."""
_FIND = Statement("session", "SELECT subject, content, created_at, seen_at FROM sessions WHERE id = :id")


@dataclass(frozen=True, slots=True)
class Tokens:
    """What the issuer gave. `expires_at` is that of the access token."""

    access: str
    refresh: str
    identity: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody signed in. `key` is what the cookie holds."""

    key: str
    subject: str
    created_at: datetime
    tokens: Tokens

    def stale(self, now: datetime) -> bool:
        return self.tokens.expires_at - now < REFRESH


class Sessions:
    """The store. Its methods wait for the database: call them in a thread."""

    def __init__(self, url: str, key: OctKey) -> None:
        self._key = key
        self._tokens = lru_cache(_OPENED)(lambda sealed: _read(self._opened(sealed)))
        self.engine = make_engine(url, pool=_POOL_SIZE)

    def begin(self, subject: str, tokens: Tokens, now: datetime) -> Session:
        """A new session, always with a new id; what has had its time is deleted by the way."""
        session = Session(token_urlsafe(32), subject, now, tokens)
        with self.engine.begin() as tx:
            for table in (sessions, kept):
                tx.execute(delete(table).where(table.c.delete_at < now))
            tx.execute(
                insert(sessions).values(
                    id=_digest(session.key),
                    subject=subject,
                    content=self._sealed(_written(tokens)),
                    created_at=now,
                    seen_at=now,
                    delete_at=now + LONGEST + KEPT,
                )
            )
        return session

    def find(self, key: str, now: datetime) -> Session | None:
        """The session of that cookie, if it has not ended; that it was used is noted."""
        try:
            return self._find(key, now)
        except DBAPIError as error:
            if not error.connection_invalidated:
                raise
            # The database was started anew since this connection was used: the next is a new one.
            return self._find(key, now)

    def _find(self, key: str, now: datetime) -> Session | None:
        with autocommit(self.engine) as tx:
            row = _FIND(tx, id=_digest(key)).first()
            if row is None or now - row.seen_at > IDLE or now - row.created_at > LONGEST:
                return None
            tokens = self._tokens(bytes(row.content))
            if tokens is None:
                return None
            if now - row.seen_at > _SEEN_EVERY:
                tx.execute(update(sessions).where(sessions.c.id == _digest(key)).values(seen_at=now))
        return Session(key, row.subject, row.created_at, tokens)

    def ended(self, key: str) -> str | None:
        """Whose session that was, for as long as it is remembered; None if nobody knows."""
        with self.engine.connect() as tx:
            return tx.execute(select(sessions.c.subject).where(sessions.c.id == _digest(key))).scalar()

    def renew(self, session: Session, tokens: Tokens) -> Session:
        with self.engine.begin() as tx:
            content = self._sealed(_written(tokens))
            tx.execute(update(sessions).where(sessions.c.id == _digest(session.key)).values(content=content))
        return Session(session.key, session.subject, session.created_at, tokens)

    def end(self, key: str) -> None:
        with self.engine.begin() as tx:
            tx.execute(delete(sessions).where(sessions.c.id == _digest(key)))

    def keep(self, key: str, content: dict[str, Any], until: datetime) -> None:
        """Keep `content` under `key`, in place of what was there."""
        row = {"content": self._sealed(content), "delete_at": until}
        with self.engine.begin() as tx:
            statement = postgresql.insert(kept).values(id=_digest(key), **row)
            tx.execute(statement.on_conflict_do_update(index_elements=[kept.c.id], set_=row))

    def kept(self, key: str, now: datetime) -> dict[str, Any] | None:
        with self.engine.connect() as tx:
            return self._kept(tx, key, now)

    def take(self, key: str, now: datetime) -> dict[str, Any] | None:
        """What was kept under `key`, once."""
        with self.engine.begin() as tx:
            found = self._kept(tx, key, now)
            tx.execute(delete(kept).where(kept.c.id == _digest(key)))
            return found

    def alive(self) -> bool:
        """Whether the database answers."""
        with self.engine.connect() as tx:
            return tx.execute(select(1)).scalar() == 1

    def _kept(self, tx: Connection, key: str, now: datetime) -> dict[str, Any] | None:
        row = tx.execute(select(kept.c.content).where(kept.c.id == _digest(key), kept.c.delete_at > now)).first()
        return self._opened(row.content) if row else None

    def _sealed(self, content: dict[str, Any]) -> bytes:
        header = {"alg": "dir", "enc": "A256GCM"}
        return jwe.encrypt_compact(header, orjson.dumps(content), self._key).encode()

    def _opened(self, sealed: bytes) -> dict[str, Any] | None:
        """None for what was sealed with another key: whoever is signed in then signs in again."""
        try:
            opened = jwe.decrypt_compact(bytes(sealed), self._key).plaintext
        except JoseError:
            return None
        return dict(orjson.loads(opened or b"{}"))


def _digest(key: str) -> bytes:
    return sha256(key.encode()).digest()


def _written(tokens: Tokens) -> dict[str, Any]:
    expires_at = tokens.expires_at.isoformat()
    return {"access": tokens.access, "refresh": tokens.refresh, "identity": tokens.identity, "expires_at": expires_at}


def _read(content: dict[str, Any] | None) -> Tokens | None:
    if content is None:
        return None
    return Tokens(**{**content, "expires_at": datetime.fromisoformat(content["expires_at"]).astimezone(UTC)})
