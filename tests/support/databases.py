"""Databases for tests on the test run's server, and their names."""

from __future__ import annotations

import os
from contextlib import contextmanager
from hashlib import sha256
from inspect import getfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from alembic import command
from psycopg2.extensions import cursor
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from shared.grants import RUNNER_OF_TRIALS
from shared.runtime.config import database_url
from shared.runtime.migrations import config
from shared.sql import Statement

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from sqlalchemy import Connection, Engine

RUN = os.environ.get("QUANHENG_TEST_NAMESPACE", "quanheng_test")
"""The name prefix of a test run's virtual hosts and databases. Different names let two checkouts be tested at once."""
WORKER = os.environ.get("PYTEST_XDIST_WORKER", "")
NAMESPACE = f"{RUN}_{WORKER}" if WORKER else RUN
"""The prefix of this worker: each worker of a run has its own system."""
FRESH = f"{RUN}_fresh"
"""That of a system beside those of the workers, for one worker at a time: PostgreSQL admits a hundred connections."""
LOCK_TIMEOUT_MS = 10_000
SEEDS: dict[str, Callable[[Connection], None]] = {}
"""By service, what its databases have from the start."""
_ROOT = Path(__file__).resolve().parents[2]
_RUNNER = text("SELECT rolname FROM pg_roles WHERE rolname = :role")
_TABLES = text(
    "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY relname"
)


def before_statements(session: Any, act: Callable[[str], object]) -> None:
    """Have `act` called with each statement before this connection of the driver sends it, from now on."""

    class Announcing(cursor):
        def execute(self, query: Any, vars: Any = None) -> None:  # noqa: A002 - the driver's name
            act(str(query))
            super().execute(query, vars)

    session.cursor_factory = Announcing


def engine_of(server: str, name: str) -> Engine:
    """An engine for the database `name`, with timeouts so that no test hangs."""
    options = f"-c timezone=UTC -c lock_timeout={LOCK_TIMEOUT_MS} -c statement_timeout=30000"
    # Keep one connection only: the server allows a hundred for all workers and their systems.
    return create_engine(
        database_url(server, name),
        connect_args={"options": options},
        pool_size=1,
        max_overflow=20,
    )


@contextmanager
def database(server: str, name: str, service: str | None = None) -> Iterator[Engine]:
    """A new database called `name`, with the schema of `service` or empty; dropped at the end."""
    create(server, name, service)
    engine = engine_of(server, name)
    try:
        yield engine
    finally:
        engine.dispose()
        with _administering(server) as admin:
            admin.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))


def create(server: str, name: str, service: str | None = None) -> None:
    """Drop and create the database `name`, with the schema of `service` or empty."""
    with _administering(server) as admin:
        admin.execute(text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
        if service is None:
            _create_empty(admin, name)
        else:
            _copy(admin, server, name, service)
        # It need not survive a crash of the server, so no commit waits for the disk.
        admin.execute(text(f"ALTER DATABASE {name} SET synchronous_commit = off"))


def _copy(admin: Connection, server: str, name: str, service: str) -> None:
    # The lock keeps others from creating or copying a template meanwhile.
    admin.execute(text("SELECT pg_advisory_lock(hashtext(:run))"), {"run": f"templates of {RUN}"})
    admin.execute(text(f"CREATE DATABASE {name} TEMPLATE {_template(admin, server, service)}"))


def _template(admin: Connection, server: str, service: str) -> str:
    """A template database migrated with the current scripts: copying it takes a tenth of the time of a migration."""
    name = f"{RUN}_template_{service}"
    runner = admin.execute(_RUNNER, {"role": RUNNER_OF_TRIALS}).scalar()
    made_by = f"{_digest(service)} {runner}"
    found = text("SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = :name")
    if admin.execute(found, {"name": name}).scalar() != made_by:
        admin.execute(text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
        _create_empty(admin, name)
        scripts = _ROOT / "services" / service / "migrations"
        command.upgrade(config(scripts, database_url(server, name), runner), "head")
        _fill(server, name, service)
        # Last, so that an unfinished template is created again.
        admin.execute(text(f"COMMENT ON DATABASE {name} IS '{made_by}'"))
    return name


def _fill(server: str, name: str, service: str) -> None:
    if service in SEEDS:
        engine = create_engine(database_url(server, name), poolclass=NullPool)
        with engine.begin() as tx:
            SEEDS[service](tx)


def _digest(service: str) -> str:
    seed = [Path(getfile(SEEDS[service]))] if service in SEEDS else []
    grants = [*_ROOT.glob("shared/*/models.py"), *_ROOT.glob("services/*/models.py"), _ROOT / "shared" / "grants.py"]
    scripts = [
        *seed,
        *grants,
        *_ROOT.glob(f"services/{service}/migrations/**/*.py"),
        *_ROOT.glob("shared/*/migrations/**/*.py"),
    ]
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
    """The database of a running service, to inspect it, and to force what would take long."""
    engine = engine_of(server, f"{namespace}_{service}")
    try:
        yield engine
    finally:
        engine.dispose()


def snapshot(tx: Connection) -> dict[str, str | None]:
    """A fingerprint of each table: any write changes it, even one that writes the same values."""
    asked = tx.info.get("snapshot")
    if asked is None:
        # To plan so many queries takes longer than to run them.
        asked = tx.info["snapshot"] = _fingerprints(list(tx.execute(_TABLES).scalars()))
    return dict(asked(tx).one()._mapping)


def _fingerprints(tables: Sequence[str]) -> Statement:
    # What is written gets the number of a transaction that began after all that is there.
    versions = (f"(SELECT count(*) || ' ' || max(xmin::text::bigint) FROM {table}) AS {table}" for table in tables)
    return Statement("snapshot", f"SELECT {', '.join(versions)}")
