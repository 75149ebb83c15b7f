"""Query plans of PostgreSQL."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection, Select


def rows_read(tx: Connection, query: Select[Any]) -> int:
    """How many rows the scans look at when the query is run."""
    compiled = query.compile(tx, compile_kwargs={"literal_binds": True})
    (plan,) = tx.exec_driver_sql(f"EXPLAIN (ANALYZE, FORMAT JSON) {compiled}").scalar_one()
    return _looked_at(plan["Plan"])


def _looked_at(plan: Mapping[str, Any]) -> int:
    own = plan.get("Actual Rows", 0) + plan.get("Rows Removed by Filter", 0) if "Scan" in plan["Node Type"] else 0
    return int(own) + sum(_looked_at(part) for part in plan.get("Plans", ()))
