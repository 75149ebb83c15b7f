"""PostgreSQL, as a nameko dependency: one engine for a process, transactions opened in one place."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import orjson
from nameko.extensions import DependencyProvider
from sqlalchemy import Engine, create_engine

from shared.messaging.doorbell import Doorbell, RemoteDoorbell
from shared.runtime.container import Role

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection

POOL_SIZE = 16
STATEMENT_TIMEOUT_MS = 15_000
LOCK_TIMEOUT_MS = 5_000


def make_engine(url: str) -> Engine:
    """An engine whose sessions give up by themselves: nothing may hold a lock or a connection for ever."""
    return create_engine(
        url,
        pool_size=POOL_SIZE,
        max_overflow=4,
        pool_timeout=10,
        # An error is logged with its statement; what was sent with it may be secret, or somebody's own.
        hide_parameters=True,
        json_deserializer=orjson.loads,
        connect_args={
            "options": (
                f"-c statement_timeout={STATEMENT_TIMEOUT_MS} -c lock_timeout={LOCK_TIMEOUT_MS}"
                " -c idle_in_transaction_session_timeout=60000 -c timezone=UTC"
            ),
            "connect_timeout": 5,
        },
    )


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
        with self.engine.connect() as connection:
            session: Any = connection.connection.dbapi_connection
            # No transaction around single statements: that would be two more round trips. The driver is told by itself:
            # SQLAlchemy's isolation level is one more each time, to put it back.
            session.autocommit = True
            try:
                yield connection
            finally:
                if not session.closed:
                    session.autocommit = False


class Database(DependencyProvider):
    """Injects a Store."""

    def setup(self) -> None:
        settings = self.container.settings
        engine = make_engine(settings.database_url)
        self.bell = Doorbell() if Role.RELAY in self.container.roles else RemoteDoorbell(engine)
        self.store = Store(engine, self.bell)

    def start(self) -> None:
        self.bell.start()

    def stop(self) -> None:
        self.bell.stop()
        self.store.engine.dispose()

    def get_dependency(self, worker_ctx: Any) -> Store:  # noqa: ARG002 - nameko's signature
        return self.store
