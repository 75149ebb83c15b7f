"""PostgreSQL: one engine for a process, transactions opened in one place."""

from __future__ import annotations

from contextlib import contextmanager
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import orjson
from sqlalchemy import Engine, create_engine, event, make_url
from sqlalchemy.engine.interfaces import BindTyping
from sqlalchemy.exc import DisconnectionError

from shared.runtime.config import MAX_CONNECTIONS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection

    from shared.messaging.doorbell import Doorbell, RemoteDoorbell

STATEMENT_TIMEOUT_MS = 15_000
LOCK_TIMEOUT_MS = 5_000


class Driver(StrEnum):
    """Which library speaks with PostgreSQL."""

    GREEN = "psycopg2"
    """For processes of greenthreads: eventlet makes it cooperative."""
    THREADED = "psycopg"
    """For processes of threads: psycopg 3, which prepares statements automatically."""


def make_engine(url: str, driver: Driver = Driver.GREEN, *, pool: int = MAX_CONNECTIONS) -> Engine:
    """An engine whose sessions have timeouts: nothing may hold a lock or a connection for ever.

    So many idle connections are kept as `pool` says; others, up to MAX_CONNECTIONS in all, are closed after use.
    """
    own: dict[str, Any] = {}
    planned = ""
    if driver is Driver.THREADED:
        from shared.runtime.prepared import PreparingCursor  # noqa: PLC0415 - psycopg 3 is for this driver alone

        own["cursor_factory"] = PreparingCursor
    else:
        # Left to itself, PostgreSQL plans a statement about a list of ids again at each use, because it supposes ten of
        # them. Here only hot paths prepare statements; psycopg 3 sends all others as if they were prepared, too.
        planned = " -c plan_cache_mode=force_generic_plan"
    engine = create_engine(
        make_url(url).set(drivername=f"postgresql+{driver}"),
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
                f" -c idle_in_transaction_session_timeout=60000 -c timezone=UTC -c jit=off{planned}"
            ),
            "connect_timeout": 5,
            **own,
        },
    )
    # PostgreSQL infers the types of parameters from where they stand, under either driver. SQLAlchemy would cast them
    # for psycopg 3, to VARCHAR for example, which is compared with no uuid and takes no COLLATE.
    engine.dialect.bind_typing = BindTyping.NONE
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
        with reading(self.engine) as connection:
            yield connection


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A connection on which each statement is a transaction of its own."""
    with engine.connect() as connection:
        session: Any = connection.connection.dbapi_connection
        # No transaction around single statements: that would be two more round trips. The driver is told directly:
        # SQLAlchemy's isolation level is one more each time, to put it back.
        session.autocommit = True
        try:
            yield connection
        finally:
            if not session.closed:
                session.autocommit = False
