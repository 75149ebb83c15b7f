"""Summaries, for lists and search, of the cases that are stored; and how a service makes those of its permits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from alembic import op
from sqlalchemy import text

from shared.casework import summaries
from shared.casework.models import case_summaries

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Row, Table

UP = """
CREATE TABLE {name} (
    id uuid PRIMARY KEY,
    shown json NOT NULL,
    said text NOT NULL,
    tokens text[] NOT NULL
) WITH (fillfactor = 90);
"""
# The index is made of all at once. The reference comes last: it holds up whoever writes a case.
FILLED = """
-- Without a list of what is still to be indexed, which every search would have to look through.
CREATE INDEX {name}_tokens ON {name} USING gin (tokens) WITH (fastupdate = off);
ALTER TABLE {name} ADD CONSTRAINT {name}_id_fkey FOREIGN KEY (id) REFERENCES cases (id);
"""
CASES = (
    "SELECT id::text, number, applicant, jsonb_build_object('form', data -> 'form', 'assignee', data -> 'assignee',"
    " 'received_on', data -> 'received_on') AS data FROM cases"
)
BATCH = 500


def make(table: Table, stored: str, summary: Callable[[Row[Any]], summaries.Summary]) -> None:
    """A table of summaries of all that the query `stored` finds; its rows have an `id`."""
    op.execute(UP.format(name=table.name))
    tx = op.get_bind()
    for row in tx.execute(text(stored), execution_options={"yield_per": BATCH}):
        summaries.keep(tx, table, row.id, summary(row))
    op.execute(FILLED.format(name=table.name))


def upgrade() -> None:
    make(case_summaries, CASES, lambda row: summaries.of_case(row.number, row.applicant, row.data))


def downgrade() -> None:
    op.execute("DROP TABLE case_summaries;")
