"""psycopg 3, made to prepare the statements of hot paths and no others.

Those are planned for the values sent with them, as queries with limits and filters must be.
"""

from __future__ import annotations

from typing import Any, Self

from psycopg import Cursor

from shared.sql import PREPARED


class PreparingCursor(Cursor[Any]):
    def execute(
        self, query: Any, params: Any = None, *, prepare: bool | None = None, binary: bool | None = None
    ) -> Self:
        return super().execute(query, params, prepare=prepare or query in PREPARED, binary=binary)
