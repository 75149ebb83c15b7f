"""Indexes for lists of cases: by number, by time of change, and without an assignee."""

from __future__ import annotations

from alembic import op

UP = """
-- Sorted by code point, independent of the database's locale, so that the index also serves prefix searches.
CREATE INDEX cases_number_order ON cases (number COLLATE "C") WHERE number IS NOT NULL;
CREATE INDEX cases_updated ON cases (updated_at, id) WHERE state <> 'draft';
CREATE INDEX cases_unassigned ON cases (id) WHERE assignee IS NULL AND state <> 'draft';
"""

DOWN = """
DROP INDEX cases_number_order, cases_updated, cases_unassigned;
"""


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute(DOWN)
