"""PostgreSQL: one engine for a process, transactions opened in one place."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import orjson
from sqlalchemy import Engine, create_engine, event
from sqlalchemy.exc import DisconnectionError

from shared.runtime.config import MAX_CONNECTIONS
from shared.sql import autocommit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection

    from shared.messaging.doorbell import Doorbell, RemoteDoorbell

STATEMENT_TIMEOUT_MS = 15_000
LOCK_TIMEOUT_MS = 5_000


def make_engine(url: str, *, pool: int = MAX_CONNECTIONS) -> Engine:
    """An engine whose sessions have timeouts: nothing may hold a lock or a connection for ever.

    So many idle connections are kept as `pool` says; others, up to MAX_CONNECTIONS in all, are closed after use.
    """
    engine = create_engine(
        url,
        pool_size=pool,
        max_overflow=MAX_CONNECTIONS - pool,
        pool_timeout=10,
        # An error is logged with its statement; what was sent with it may be secret, or somebody's own.
        hide_parameters=True,
        json_deserializer=orjson.loads,
        connect_args={
            "options": (
                f"-c statement_timeout={STATEMENT_TIMEOUT_MS} -c lock_timeout={LOCK_TIMEOUT_MS}"
                # Statements here take milliseconds; to compile one takes tens of them.
                " -c idle_in_transaction_session_timeout=60000 -c timezone=UTC -c jit=off"
                # Left to itself, PostgreSQL plans a prepared statement about a list of ids anew at each use, because
                # it supposes ten of them; a search costs several times as much to plan as to run.
                " -c plan_cache_mode=force_generic_plan"
            ),
            "connect_timeout": 5,
        },
    )
    event.listen(engine, "checkout", _refuse_closed)
    return engine


def _refuse_closed(session: Any, _record: object, _proxy: object) -> None:
    """Have the pool open another connection in place of one that its driver already knows to be lost."""
    if session.closed:
        raise DisconnectionError


class Store:
    """What a service method works with: transactions, and the bell that wakes the relay after each."""

    def __init__(self, engine: Engine, bell: Doorbell | RemoteDoorbell) -> None:
        self.engine = engine
        self.bell = bell

    @contextmanager
    def transaction(self, *, dry_run: bool = False) -> Iterator[Connection]:
        """A transaction that commits at the end of the block, or is undone if that raises or is only a dry run."""
        with self.engine.connect() as connection, connection.begin() as transaction:
            yield connection
            if dry_run:
                transaction.rollback()
        if not dry_run:
            self.bell.ring()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection for queries only, each of which sees what is committed by then."""
        with autocommit(self.engine) as connection:
            yield connection
