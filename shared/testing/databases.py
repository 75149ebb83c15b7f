"""Databases of a test's own on the test run's server."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from alembic import command
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from shared.runtime.config import database_url
from shared.runtime.migrations import config

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection, Engine

LOCK_TIMEOUT_MS = 10_000
_TABLES = text(
    "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY relname"
)


def engine_of(server: str, name: str) -> Engine:
    """An engine on the database `name`, with sessions that give up instead of hanging a test."""
    options = f"-c timezone=UTC -c lock_timeout={LOCK_TIMEOUT_MS} -c statement_timeout=30000"
    return create_engine(database_url(server, name), connect_args={"options": options}, pool_pre_ping=True)


@contextmanager
def database(server: str, name: str, service: str | None = None) -> Iterator[Engine]:
    """A new database called `name`, migrated as `service` is, or empty; it is dropped at the end."""
    admin = create_engine(database_url(server, "postgres"), poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C.UTF-8'"))
    engine = engine_of(server, name)
    try:
        if service is not None:
            command.upgrade(config(service, database_url(server, name)), "head")
        yield engine
    finally:
        engine.dispose()
        with admin.connect() as connection:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))


@contextmanager
def service_engine(server: str, namespace: str, service: str) -> Iterator[Engine]:
    """The database of a running service, to look at and to force what would take long."""
    engine = engine_of(server, f"{namespace}_{service}")
    try:
        yield engine
    finally:
        engine.dispose()


def snapshot(tx: Connection) -> dict[str, str]:
    """By table, a digest of all its rows."""
    tables = list(tx.execute(_TABLES).scalars())
    digests = ", ".join(
        f"(SELECT coalesce(md5(string_agg(r::text, '|' ORDER BY r::text)), '') FROM {table} r)" for table in tables
    )
    return dict(zip(tables, tx.execute(text(f"SELECT {digests}")).one(), strict=True))
