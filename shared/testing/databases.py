"""Databases of a test's own on the test run's server, and what names them."""

from __future__ import annotations

import os
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from alembic import command
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from shared.runtime.config import database_url
from shared.runtime.migrations import config

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection, Engine

RUN = os.environ.get("QUANHENG_TEST_NAMESPACE", "quanheng_test")
"""What a test run names its virtual hosts and databases after; another name lets two checkouts be tested at once."""
WORKER = os.environ.get("PYTEST_XDIST_WORKER", "")
NAMESPACE = f"{RUN}_{WORKER}" if WORKER else RUN
"""That of this worker: each of those that share a run has a system of its own."""
LOCK_TIMEOUT_MS = 10_000
_ROOT = Path(__file__).resolve().parents[2]
_TABLES = text(
    "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY relname"
)


def engine_of(server: str, name: str) -> Engine:
    """An engine on the database `name`, with sessions that give up instead of hanging a test."""
    options = f"-c timezone=UTC -c lock_timeout={LOCK_TIMEOUT_MS} -c statement_timeout=30000"
    # One connection is kept: a server takes a hundred from all workers and their systems.
    return create_engine(
        database_url(server, name),
        connect_args={"options": options},
        pool_pre_ping=True,
        pool_size=1,
        max_overflow=20,
    )


@contextmanager
def database(server: str, name: str, service: str | None = None) -> Iterator[Engine]:
    """A new database called `name`, migrated as `service` is, or empty; it is dropped at the end."""
    create(server, name, service)
    engine = engine_of(server, name)
    try:
        yield engine
    finally:
        engine.dispose()
        with _administering(server) as admin:
            admin.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))


def create(server: str, name: str, service: str | None = None) -> None:
    """Make the database `name` anew, migrated as `service` is, or empty."""
    with _administering(server) as admin:
        admin.execute(text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
        if service is None:
            _create_empty(admin, name)
            return
        # Nobody else makes or copies a template meanwhile.
        admin.execute(text("SELECT pg_advisory_lock(hashtext(:run))"), {"run": f"templates of {RUN}"})
        admin.execute(text(f"CREATE DATABASE {name} TEMPLATE {_template(admin, server, service)}"))


def _template(admin: Connection, server: str, service: str) -> str:
    """A database to copy, migrated by the scripts as they stand: a copy takes a tenth of the time of a migration."""
    name = f"{RUN}_template_{service}"
    made_by = _digest(service)
    found = text("SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = :name")
    if admin.execute(found, {"name": name}).scalar() != made_by:
        admin.execute(text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
        _create_empty(admin, name)
        command.upgrade(config(service, database_url(server, name)), "head")
        # Last, so that one that was not finished is made again.
        admin.execute(text(f"COMMENT ON DATABASE {name} IS '{made_by}'"))
    return name


def _digest(service: str) -> str:
    scripts = [*_ROOT.glob(f"services/{service}/migrations/**/*.py"), *_ROOT.glob("shared/*/migrations/**/*.py")]
    return sha256(b"".join(path.read_bytes() for path in sorted(scripts))).hexdigest()


def _create_empty(admin: Connection, name: str) -> None:
    admin.execute(text(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C.UTF-8'"))


@contextmanager
def _administering(server: str) -> Iterator[Connection]:
    engine = create_engine(database_url(server, "postgres"), poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        yield connection


@contextmanager
def service_engine(server: str, namespace: str, service: str) -> Iterator[Engine]:
    """The database of a running service, to look at and to force what would take long."""
    engine = engine_of(server, f"{namespace}_{service}")
    try:
        yield engine
    finally:
        engine.dispose()


def snapshot(tx: Connection) -> dict[str, str | None]:
    """By table, which versions of which rows it holds: whatever is written, even the same again, makes another one."""
    tables = list(tx.execute(_TABLES).scalars())
    versions = ", ".join(
        f"(SELECT count(*) || ' ' || sum(hashtextextended(ctid::text, xmin::text::bigint)) FROM {table})"
        for table in tables
    )
    return dict(zip(tables, tx.execute(text(f"SELECT {versions}")).one(), strict=True))
