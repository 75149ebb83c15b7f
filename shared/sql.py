"""Prepared statements for hot paths: planned once per connection, and sent by the driver.

Under load PostgreSQL spends more time on parsing and planning a short statement than on executing it, and SQLAlchemy as
much again on compiling its parameters and describing its result.
"""

from __future__ import annotations

import re
import zlib
from contextlib import contextmanager
from itertools import chain
from typing import TYPE_CHECKING, Any

import orjson
import psycopg2
from sqlalchemy import IteratorResult, text
from sqlalchemy.engine.result import SimpleResultMetaData

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sqlalchemy import Connection, Engine, Table
    from sqlalchemy.exc import DBAPIError

LOCKED = "55P03"
"""Others held a lock for longer than anybody waits for one."""
_PARAMETER = re.compile(r"(?<!:):([a-z_]+)")


def sqlstate(error: DBAPIError) -> str | None:
    """PostgreSQL's code of the error; None if the connection was lost."""
    code = getattr(error.orig, "pgcode", None)
    return None if code is None else str(code)


class Rows(IteratorResult[Any]):
    """What a statement returned; `rowcount` is how many rows it read or changed."""

    rowcount: int


class Statement:
    """An SQL statement with parameters written `:name`, prepared once per connection; operators see it in PostgreSQL
    under `name`.

    PostgreSQL infers the types of parameters from their context. A list of strings arrives as text[]; for another type
    cast twice, as in `CAST(CAST(:ids AS text[]) AS uuid[])`.
    """

    def __init__(self, name: str, sql: str) -> None:
        names = list(dict.fromkeys(_PARAMETER.findall(sql)))
        numbered = _PARAMETER.sub(lambda match: f"${names.index(match[1]) + 1}", sql)
        self._names = names
        # Two versions of the code may share a pooled session, so the name contains a digest of the statement.
        self._name = f"{name}_{zlib.crc32(sql.encode()):08x}"
        self._prepare = f"PREPARE {self._name} AS {numbered}".replace("%", "%%")
        self._execute = f"EXECUTE {self._name}" + (f" ({', '.join(['%s'] * len(names))})" if names else "")
        self._columns: SimpleResultMetaData | None = None

    def __call__(self, tx: Connection, **parameters: Any) -> Any:
        """Execute it; returns `Rows`. JSON arrives as data, uuid as UUID, bytea as bytes or memoryview.

        Within `together` it waits for the end of the block, and there is no result.
        """
        planned = tx.info.setdefault("statements", set())
        if self._name not in planned:
            # A prepared statement survives the rollback of its transaction.
            tx.exec_driver_sql(self._prepare)
            planned.add(self._name)
        values = tuple(parameters[name] for name in self._names)
        if (waiting := tx.info.get("together")) is not None:
            waiting.append((self._execute, values))
            return None
        return self._rows(tx, values)

    def _rows(self, tx: Connection, values: tuple[Any, ...]) -> Rows:
        if not tx.in_transaction():
            tx.begin()
        cursor: Any = tx.connection.cursor()
        try:
            cursor.execute(self._execute, values)
        except psycopg2.Error as error:
            # Wraps the error, and empties the pool if the connection was lost.
            tx._handle_dbapi_exception(error, self._execute, values, cursor, None)  # noqa: SLF001 - no public name
        described = cursor.description
        if self._columns is None:
            self._columns = SimpleResultMetaData([column.name for column in described or ()])
        rows = Rows(self._columns, iter(cursor.fetchall() if described else ()))
        rows.rowcount = cursor.rowcount
        cursor.close()
        return rows


@contextmanager
def autocommit(engine: Engine) -> Iterator[Connection]:
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


@contextmanager
def together(tx: Connection) -> Iterator[None]:
    """Send the statements of the block in one round trip when it ends, in their order; only writes belong into it."""
    waiting: list[tuple[str, tuple[Any, ...]]] = []
    tx.info["together"] = waiting
    try:
        yield
    finally:
        del tx.info["together"]
    if waiting:
        tx.exec_driver_sql("; ".join(sql for sql, _ in waiting), tuple(chain.from_iterable(row for _, row in waiting)))


AT_ONCE = 1000
"""Rows that one statement writes, at most."""


def insert_all(tx: Connection, table: Table, rows: Sequence[Mapping[str, Any]], conflict: str = "") -> None:
    """Insert rows, which all have the same columns, a thousand by one statement.

    JSON is given as data, and keeps the order of its fields where the column does. `conflict` is an ON CONFLICT clause.
    """
    _write(tx, rows, f"INSERT INTO {table.name} ({{names}}) SELECT {{names}} FROM {_given(table)} {conflict}")


def update_all(tx: Connection, table: Table, rows: Sequence[Mapping[str, Any]], key: str = "id") -> None:
    """Give rows these values, in the same way; the `key` is among them."""
    _write(tx, rows, f"UPDATE {table.name} SET {{sets}} FROM {_given(table)} WHERE {table.name}.{key} = given.{key}")


def in_place(*names: str) -> str:
    """What an ON CONFLICT clause sets so that these columns are as was to be inserted."""
    return "DO UPDATE SET " + ", ".join(f"{name} = excluded.{name}" for name in names)


def _given(table: Table) -> str:
    return f"json_populate_recordset(CAST(NULL AS {table.name}), CAST(CAST(:rows AS text) AS json)) AS given"


def _write(tx: Connection, rows: Sequence[Mapping[str, Any]], template: str) -> None:
    if not rows:
        return
    names = [*rows[0]]
    sets = ", ".join(f"{name} = given.{name}" for name in names)
    statement = text(template.format(names=", ".join(names), sets=sets))
    for begin in range(0, len(rows), AT_ONCE):
        part = [*rows[begin : begin + AT_ONCE]]
        tx.execute(statement, {"rows": orjson.dumps(part, default=_bytea).decode()})


def _bytea(value: Any) -> str:
    if isinstance(value, bytes):
        return f"\\x{value.hex()}"
    raise TypeError(f"{type(value).__name__} is not a value of a column")
