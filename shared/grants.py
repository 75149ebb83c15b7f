"""What the account that processes run as may do with a service's tables. Another account owns and migrates them.

A table says so itself: `Table(…, info=KEPT)`. One that says nothing is the processes' own business: they
may add, change and delete its rows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Connection, MetaData

RUNNER_OF_TRIALS = "quanheng_runner"
"""What the account is called on a developer's machine, where one server has the databases of all trials and tests."""
_MAY = "may"
_ALL = ("SELECT", "INSERT", "UPDATE", "DELETE")
KEPT: dict[str, Any] = {_MAY: ("SELECT", "INSERT")}
"""Rows are added, never changed or deleted."""
LASTING: dict[str, Any] = {_MAY: ("SELECT", "INSERT", "UPDATE")}
"""Rows are added and changed, never deleted."""
# What stands in the way of grants: they do not bind the owner of a table, nor whoever may act as the owner.
_OWNER = text(
    "SELECT 1 FROM pg_tables WHERE schemaname = 'public' AND pg_has_role(:role, tableowner, 'MEMBER') LIMIT 1"
)
_TABLES = text("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")
_KNOWN = text("SELECT FROM pg_roles WHERE rolname = :role")


class UngrantableError(Exception):
    """Grants to this role would not bind it, or there is no such role; the text says what to do."""


def kept_but(*columns: str) -> dict[str, Any]:
    """Rows are never deleted, and only these columns of them are changed."""
    return {_MAY: ("SELECT", "INSERT", f"UPDATE ({', '.join(columns)})")}


def grant(tx: Connection, role: str, known: Iterable[MetaData]) -> None:
    """Let `role` do with each table what the table says, and nothing else. Raises UngrantableError."""
    if tx.execute(_KNOWN, {"role": role}).first() is None:
        raise UngrantableError(f"there is no role {role}: CREATE ROLE \"{role}\" LOGIN PASSWORD '…'")
    if tx.execute(_OWNER, {"role": role}).first() is not None:
        raise UngrantableError(f"the role {role} owns tables, or may act as their owner: migrate as another role")
    said = {name: table.info.get(_MAY, _ALL) for tables in known for name, table in tables.tables.items()}
    named = tx.dialect.identifier_preparer.quote_identifier
    runner = named(role)
    tx.execute(text(f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {runner}"))
    tx.execute(text(f"GRANT USAGE ON SCHEMA public TO {runner}"))
    tx.execute(text(f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {runner}"))
    for table in tx.execute(_TABLES).scalars():
        # Of tables that are not the code's, as alembic's, it reads what they say.
        may = ", ".join(said.get(table, ("SELECT",)))
        tx.execute(text(f"GRANT {may} ON {named(table)} TO {runner}"))
