"""Prepared statements for hot paths: planned once per connection, and sent without SQLAlchemy's compiler.

Under load PostgreSQL spends more time on parsing and planning a short statement than on executing it, and SQLAlchemy as
much again on compiling its parameters.
"""

from __future__ import annotations

import re
import zlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sqlalchemy import Connection

PREPARED: set[str] = set()
"""What psycopg 3 prepares when it first meets it."""
_PARAMETER = re.compile(r"(?<!:):([a-z_]+)")


class Statement:
    """An SQL statement with parameters written `:name`. psycopg 3 prepares it automatically; with psycopg2 it is
    prepared here, and operators see it in PostgreSQL under `name`.

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
        self._named = _PARAMETER.sub(r"%(\1)s", sql.replace("%", "%%"))
        PREPARED.add(self._named)

    def __call__(self, tx: Connection, **parameters: Any) -> Any:
        """Execute it; returns a CursorResult. JSON arrives as data, uuid as UUID, bytea as bytes or memoryview."""
        if tx.dialect.driver == "psycopg":
            return tx.exec_driver_sql(self._named, parameters)
        planned = tx.info.setdefault("statements", set())
        if self._name not in planned:
            # A prepared statement survives the rollback of its transaction.
            tx.exec_driver_sql(self._prepare)
            planned.add(self._name)
        return tx.exec_driver_sql(self._execute, tuple(parameters[name] for name in self._names))
