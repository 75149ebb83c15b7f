"""Broker and database of the bench: private ones, so that nobody else's work is in their CPU time."""

from __future__ import annotations

import json
import os
import time
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit, urlunsplit

import amqp
import psycopg2

from deploy.local import backing
from shared.runtime.config import database_url
from shared.runtime.database import make_engine
from tests.bench import cpu
from tests.bench.part import Rate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime

    from psycopg2.extensions import connection
    from sqlalchemy import Engine

ROOT = Path(__file__).resolve().parents[2]
RUN = ROOT / ".run" / "bench"
NAMESPACE = "quanheng_bench"


class Servers:
    """What `backing.ensure` found, and short ways to it."""

    def __init__(self, found: backing.Backing) -> None:
        RUN.mkdir(parents=True, exist_ok=True)
        self.backing = found
        self.producer, self.consumer = self.named("type_approval"), self.named("notifications")
        self._processes = {title: pid for title in ("PostgreSQL", "RabbitMQ") if (pid := _private(title))}

    @property
    def amqp_url(self) -> str:
        return self.backing.amqp_url

    def named(self, database: str) -> str:
        """The name of a database of this run's own."""
        return f"{self.backing.namespace}_{database}"

    def database_url(self, name: str) -> str:
        return urlunsplit(urlsplit(self.backing.database_url)._replace(path="/" + name))

    def database(self, name: str) -> connection:
        session = psycopg2.connect(self.database_url(name))
        session.autocommit = True
        return session

    def engine(self, name: str) -> Engine:
        """What a process of ours works with."""
        return make_engine(database_url(self.backing.database_url, name))

    def execute(self, database: str, *statements: str) -> None:
        session = self.database(database)
        with session.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
        session.close()

    def scalar(self, session: connection, query: str) -> int:
        with session.cursor() as cursor:
            cursor.execute(query)
            return _one(cursor)

    def moments(self, session: connection, query: str) -> dict[str, datetime]:
        with session.cursor() as cursor:
            cursor.execute(query)
            return dict(cursor.fetchall())

    def broker(self) -> amqp.Connection:
        return broker(self.amqp_url)

    def purge(self, queues: Sequence[str]) -> None:
        with self.broker() as session:
            for queue in queues:
                session.channel().queue_purge(queue)

    def readers(self, queues: Sequence[str]) -> int:
        """How many of the queues somebody reads."""
        with self.broker() as session:
            channel = session.channel()
            return sum(channel.queue_declare(queue, passive=True).consumer_count > 0 for queue in queues)

    @contextmanager
    def without_indexes(self, database: str, tables: Sequence[str]) -> Iterator[None]:
        """Filling these tables is quick without indexes and keys, which are as they were at the end."""
        with closing(self.database(database)) as session, session.cursor() as cursor:
            cursor.execute(_INDEXES, {"tables": list(tables)})
            dropped, made = zip(*cursor.fetchall(), strict=True)
        self.execute(database, *dropped)
        yield
        self.execute(database, "SET maintenance_work_mem = '1GB'", *reversed(made))

    def tidy(self, *databases: str) -> None:
        """Leave no work of an earlier round to the next: outboxes that nobody relays, dead rows, dirty pages."""
        for database in databases:
            self.execute(database, "TRUNCATE outbox", "VACUUM", "CHECKPOINT")

    def version(self) -> str:
        with self.broker() as session, closing(self.database("postgres")) as database, database.cursor() as cursor:
            cursor.execute("SHOW server_version")
            row = cursor.fetchone()
            return f"PostgreSQL {row[0] if row else '?'}, RabbitMQ {session.server_properties['version']}"

    def cpu(self) -> dict[str, float]:
        """CPU seconds so far, of those that are private."""
        return {title: cpu.seconds(pid) for title, pid in self._processes.items()}

    def timed(self, count: int, work: Callable[[], object]) -> Rate:
        """The result of this process doing something `count` times."""
        before, own, began = self.cpu(), time.process_time(), time.monotonic()
        work()
        took = time.monotonic() - began
        used = {"process": time.process_time() - own}
        used |= {name: seconds - before[name] for name, seconds in self.cpu().items()}
        return Rate(count / took, {name: 1000 * seconds / count for name, seconds in used.items()})


# Keys that refer to others first: nothing that is referred to can go before. They are not checked when they come back.
_INDEXES = """
WITH tables AS (SELECT oid FROM pg_class WHERE relname = ANY(%(tables)s)),
keys AS (SELECT conrelid::regclass AS owner, conname, contype, pg_get_constraintdef(oid) AS definition
 FROM pg_constraint WHERE contype IN ('p', 'u', 'f')
 AND (conrelid IN (SELECT oid FROM tables) OR confrelid IN (SELECT oid FROM tables))),
others AS (SELECT indexrelid::regclass AS name, pg_get_indexdef(indexrelid) AS definition FROM pg_index
 WHERE indrelid IN (SELECT oid FROM tables) AND NOT indisunique)
SELECT dropped, made FROM (
 SELECT CASE contype WHEN 'f' THEN 0 ELSE 2 END AS place, format('ALTER TABLE %%s DROP CONSTRAINT %%I', owner, conname)
  AS dropped, format('ALTER TABLE %%s ADD CONSTRAINT %%I %%s%%s', owner, conname, definition,
  CASE contype WHEN 'f' THEN ' NOT VALID' END) AS made FROM keys
 UNION ALL SELECT 1, format('DROP INDEX %%s', name), definition FROM others) AS found ORDER BY place
"""


def broker(amqp_url: str) -> amqp.Connection:
    url = urlsplit(amqp_url)
    session = amqp.Connection(
        f"{url.hostname}:{url.port}", userid=url.username, password=url.password, virtual_host=url.path[1:]
    )
    session.connect()
    return session


def ensure() -> Servers:
    os.environ |= {"QUANHENG_BACKING": "private", "QUANHENG_RUN_DIR": str(RUN)}
    for name in ("QUANHENG_AMQP_URL", "QUANHENG_DATABASE_URL"):
        os.environ.pop(name, None)
    return Servers(backing.ensure(NAMESPACE, fresh=True))


def _private(title: str) -> int | None:
    """The process of a private server; None where it is another's."""
    record = RUN / title.lower() / "server.json"
    return int(json.loads(record.read_text(encoding="utf-8"))["process"]["pid"]) if record.exists() else None


def _one(cursor: Any) -> int:
    row = cursor.fetchone()
    assert row is not None
    return int(row[0])
