"""The engine of a process: statements, values and failures."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING
from uuid import UUID

import pytest
from sqlalchemy import Column, MetaData, Table, Text, Uuid, bindparam, select, text
from sqlalchemy.exc import DataError, DBAPIError

from shared.messaging.doorbell import Doorbell
from shared.runtime.config import database_url
from shared.runtime.database import Store, make_engine
from shared.sql import Statement, together

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import BindParameter, Connection, Engine

    from deploy.local.backing import Backing

ID = UUID("0197a1b2-0000-7000-8000-000000000001")
AT = datetime(2013, 9, 17, 1, 0, tzinfo=UTC)
SHOWN = Statement(
    "test_shown",
    "SELECT CAST(:id AS uuid), CAST(:data AS jsonb), CAST(:data AS jsonb) ->> 'k', CAST(:at AS timestamptz),"
    " CAST(CAST(:ids AS text[]) AS uuid[]), '%' || CAST(:typed AS text), CAST(:nothing AS date)",
)
NAMED = Statement("test_named", "INSERT INTO things (id, name) VALUES (CAST(CAST(:id AS text) AS uuid), :name)")
RENAMED = Statement("test_renamed", "UPDATE things SET name = name || CAST(:more AS text)")
THINGS = Table("things", MetaData(), Column("id", Uuid(as_uuid=False)), Column("name", Text(collation="C")))


@pytest.fixture
def engine(servers: Backing) -> Iterator[Engine]:
    made = make_engine(database_url(servers.database_url, "postgres"))
    yield made
    made.dispose()


def test_an_error_does_not_tell_what_was_sent_with_the_statement(engine: Engine) -> None:
    with engine.connect() as tx, pytest.raises(DataError) as told:
        tx.execute(
            text("SELECT 1 / CAST(:nothing AS integer), CAST(:secret AS text)"), {"nothing": 0, "secret": "whsec"}
        )
    assert "division by zero" in str(told.value)
    assert "whsec" not in str(told.value)


def test_a_statement_gives_back_what_it_took_and_is_prepared_once(engine: Engine) -> None:
    sent = {"id": str(ID), "data": '{"k": "秤 100 %"}', "at": AT, "ids": [str(ID)], "typed": "5 %", "nothing": None}
    expected = (ID, {"k": "秤 100 %"}, "秤 100 %", AT, [ID], "%5 %", None)
    with engine.connect() as tx:
        for _ in range(2):
            assert tuple(SHOWN(tx, **sent).one()) == expected
        tx.execute(text("SELECT 1"))
        prepared = tx.exec_driver_sql("SELECT statement FROM pg_prepared_statements").scalars().all()
        assert len(prepared) == 1


def test_parameters_have_the_types_of_what_they_stand_beside(engine: Engine) -> None:
    with engine.begin() as tx:
        tx.execute(text('CREATE TEMP TABLE things (id uuid, name text COLLATE "C") ON COMMIT DROP'))
        tx.execute(THINGS.insert(), [{"id": str(ID), "name": "甲"}])
        after: BindParameter[str] = bindparam("after", str(UUID(int=0)))
        assert tx.execute(select(THINGS.c.name).where(THINGS.c.id > after, THINGS.c.name > "")).scalars().all() == [
            "甲"
        ]
        beside = text('SELECT name FROM things WHERE id > :after AND name > :name COLLATE "C" LIMIT :limit')
        assert tx.execute(beside, {"after": str(UUID(int=0)), "name": "", "limit": 1}).scalars().all() == ["甲"]


def test_statements_sent_together_take_effect_in_their_order_or_not_at_all(engine: Engine) -> None:
    with engine.begin() as tx:
        tx.execute(text("CREATE TEMP TABLE things (id uuid, name text) ON COMMIT DROP"))
        with together(tx):
            NAMED(tx, id=str(ID), name="甲 100 %; --")
            RENAMED(tx, more="'")
            RENAMED(tx, more="乙")
        with together(tx):
            pass
        assert tx.execute(select(THINGS.c.name)).scalars().all() == ["甲 100 %; --'乙"]
        with pytest.raises(DataError), tx.begin_nested():
            _rename_and_fail(tx)
        assert tx.execute(select(THINGS.c.name)).scalars().all() == ["甲 100 %; --'乙"]


def _rename_and_fail(tx: Connection) -> None:
    with together(tx):
        RENAMED(tx, more="丙")
        NAMED(tx, id="no uuid", name="丁")


def test_after_lost_connections_work_goes_on(engine: Engine, servers: Backing) -> None:
    store = Store(engine, Doorbell())
    with store.reading() as first, store.reading() as second:
        sessions = [tx.exec_driver_sql("SELECT pg_backend_pid()").scalar() for tx in (first, second)]
    other = make_engine(database_url(servers.database_url, "postgres"))
    with other.connect() as tx:
        for session in sessions:
            tx.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": session})
    other.dispose()
    # The one that meets it fails; nobody meets it after that.
    with pytest.raises(DBAPIError) as told, store.reading() as tx:
        tx.execute(text("SELECT 1"))
    assert told.value.connection_invalidated
    for _ in range(3):
        with store.reading() as tx:
            assert tx.execute(text("SELECT 1")).scalar() == 1


def test_a_session_that_its_driver_knows_to_be_lost_is_not_given_out(engine: Engine) -> None:
    with engine.connect() as tx:
        session = tx.connection.dbapi_connection
    assert session
    session.close()
    with Store(engine, Doorbell()).reading() as tx:
        assert tx.execute(text("SELECT 1")).scalar() == 1


def test_so_many_connections_are_kept_and_no_more(servers: Backing) -> None:
    engine = make_engine(database_url(servers.database_url, "postgres"), pool=1)
    with engine.connect(), engine.connect(), engine.connect():
        pass
    assert engine.pool.status().startswith("Pool size: 1  Connections in pool: 1 ")
    engine.dispose()
