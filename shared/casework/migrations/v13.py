"""An index that finds the cases of a laboratory that the office named for what is asked about a permit in force."""

from __future__ import annotations

from alembic import op


def upgrade() -> None:
    op.execute("CREATE INDEX cases_checker ON cases (party(data #>> '{checker,lab}')) WHERE data ? 'checker'")


def downgrade() -> None:
    op.execute("DROP INDEX cases_checker")
