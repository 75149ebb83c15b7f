"""Brings a service's database to the newest schema (alembic), and its exchanges and queues into being."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import orjson
from alembic import command, context, op
from alembic.config import Config
from kombu import Connection as BrokerConnection
from sqlalchemy import create_engine, make_url, text

from shared.grants import UngrantableError, grant
from shared.messaging import topology
from shared.observability import get_logger
from shared.runtime.config import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sqlalchemy import MetaData

    from shared.runtime.config import Settings
    from shared.runtime.service import Service

log = get_logger(__name__)

LOCK_TIMEOUT = "2s"
"""A migration that cannot get its locks soon gives up instead of making everybody queue up behind it."""
_ADVISORY_LOCK = 0x51_48
_BATCH = 500


def config(scripts: Path, url: str, runner: str | None = None) -> Config:
    """alembic's configuration for the folder of a service's scripts; there is no ini file to keep in step.

    `runner` is the role that its processes log in as, where that is not the one that migrates.
    """
    made = Config()
    made.set_main_option("script_location", str(scripts))
    made.set_main_option("version_path_separator", "os")
    made.attributes["url"] = url
    made.attributes["runner"] = runner
    return made


def upgrade(settings: Settings, service: Service) -> None:
    """Migrate the database, then declare what the service publishes to and reads from. Safe to repeat."""
    began = time.monotonic()
    apply(service.migrations, settings.database_url, settings.owner_url)
    with BrokerConnection(settings.amqp_url, connect_timeout=20) as broker:
        topology.declare(broker.default_channel, service.topology(), service.name)
    log.info("migrated", seconds=round(time.monotonic() - began, 2))


def apply(scripts: Path, url: str, owner: str | None) -> None:
    """Bring the database to the newest schema, and let the account of `url` do no more than it must.

    `owner` is its URL for the account that migrates, if that is another. Raises ConfigurationError.
    """
    if owner is None:
        log.warning("one_account", reason="QUANHENG_DATABASE_OWNER_URL is not set: triggers alone keep the journal")
    runner = make_url(url).username if owner else None
    try:
        command.upgrade(config(scripts, owner or url, runner), "head")
    except UngrantableError as error:
        raise ConfigurationError(f"QUANHENG_DATABASE_URL: {error}") from None


def rewrite(table: str, key: str, column: str, change: Callable[[Any], Any]) -> None:
    """In a script: replace the JSON in a column by what `change` makes of it, where that differs."""
    tx = op.get_bind()
    keys = list(tx.execute(text(f"SELECT {key}::text FROM {table} ORDER BY 1")).scalars())
    read = text(f"SELECT {key}::text, {column}::text FROM {table} WHERE {key}::text = ANY(:keys)")
    write = text(f"UPDATE {table} SET {column} = CAST(:made AS json) WHERE {key}::text = :key")
    for start in range(0, len(keys), _BATCH):
        for name, stored in tx.execute(read, {"keys": keys[start : start + _BATCH]}).all():
            was = orjson.loads(stored)
            if (made := change(was)) != was:
                tx.execute(write, {"key": name, "made": orjson.dumps(made).decode()})


def run_env(*metadata: MetaData) -> None:
    """What a service's `migrations/env.py` does: run the scripts in one transaction, one migrator at a time."""
    engine = create_engine(context.config.attributes["url"])
    with engine.connect() as connection:
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ADVISORY_LOCK})
        connection.execute(text(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'"))
        context.configure(
            connection=connection,
            target_metadata=list(metadata),
            compare_server_default=False,
        )
        with context.begin_transaction():
            context.run_migrations()
            if runner := context.config.attributes["runner"]:
                grant(connection, runner, metadata)
        connection.commit()
    engine.dispose()
