"""A reader of all events that writes down what it takes, in the order in which it takes it.

It stands on the same entry point and inbox as the services, and its one table has no constraint: an event that is
lost, taken twice or taken out of turn shows there exactly.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from services.catalogue import TOPOLOGY, VERSIONS
from shared.messaging.entrypoints import consume
from shared.messaging.inbox import take
from shared.messaging.migrations import v1
from shared.messaging.topology import Topology
from shared.runtime.config import database_url
from shared.runtime.dependencies import Database

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from shared.messaging.envelope import Event

NAME = "witness"
READS = Topology(consumers={**dict.fromkeys(TOPOLOGY.consumers, (NAME,)), NAME: ()})
_TABLE = (
    "CREATE TABLE witness (n bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, source text NOT NULL,"
    " case_id uuid NOT NULL, case_seq integer NOT NULL, at timestamptz NOT NULL DEFAULT clock_timestamp())"
)
_SAW = text("INSERT INTO witness (source, case_id, case_seq) VALUES (:source, :case_id, :case_seq)")


def react(tx: Connection, events: Sequence[Event], /) -> None:
    seen = [{"source": event.source, "case_id": event.case_id, "case_seq": event.case_seq} for event in events]
    tx.execute(_SAW, seen)


class Service:
    """Hosted as the services are."""

    name = NAME
    store = Database()

    @consume(READS)  # type: ignore[untyped-decorator]
    def take(self, bodies: Sequence[bytes]) -> None:
        take(self.store.engine, react, bodies, VERSIONS)


def make_database(server: str, namespace: str) -> None:
    """A new, empty database for the witness."""
    remove_database(server, namespace)
    name = f"{namespace}_{NAME}"
    admin = create_engine(database_url(server, "postgres"), poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C.UTF-8'"))
    with create_engine(database_url(server, name), poolclass=NullPool).begin() as tx:
        tx.execute(text(v1.UP))
        tx.execute(text(_TABLE))


def remove_database(server: str, namespace: str) -> None:
    admin = create_engine(database_url(server, "postgres"), poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE IF EXISTS {namespace}_{NAME} WITH (FORCE)"))
