"""Statements on hot paths: planned once per connection, and sent without a layer in between.

Under load PostgreSQL spends more on parsing and planning a short statement than on carrying it out, and SQLAlchemy as
much again on compiling its parameters.
"""

from __future__ import annotations

import re
import zlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sqlalchemy import Connection

_PARAMETER = re.compile(r"(?<!:):([a-z_]+)")


class Statement:
    """One SQL statement with parameters written `:name`; operators meet it in PostgreSQL by the name it is given here.

    PostgreSQL infers their types from where they stand. A list of texts arrives as text[]: where something else is
    wanted, say so twice, as in `CAST(CAST(:ids AS text[]) AS uuid[])`.
    """

    def __init__(self, name: str, sql: str) -> None:
        names = list(dict.fromkeys(_PARAMETER.findall(sql)))
        numbered = _PARAMETER.sub(lambda match: f"${names.index(match[1]) + 1}", sql)
        self._names = names
        # Two versions of the code may share a pooled session: the digest keeps their plans apart.
        self._name = f"{name}_{zlib.crc32(sql.encode()):08x}"
        self._prepare = f"PREPARE {self._name} AS {numbered}".replace("%", "%%")
        self._execute = f"EXECUTE {self._name}" + (f" ({', '.join(['%s'] * len(names))})" if names else "")

    def __call__(self, tx: Connection, **parameters: Any) -> Any:
        """Carry it out; the result is a CursorResult. JSON columns come as data, bytea as memoryview, uuid as UUID."""
        planned = tx.info.setdefault("statements", set())
        if self._name not in planned:
            # A prepared statement stays when its transaction is undone.
            tx.exec_driver_sql(self._prepare)
            planned.add(self._name)
        return tx.exec_driver_sql(self._execute, tuple(parameters[name] for name in self._names))
