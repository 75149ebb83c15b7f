"""Who decides a case: staff see what their own office decides. Until now, the province decided all."""

from __future__ import annotations

from alembic import op

revision = "0017"
down_revision = "0016"

_TABLES = ("tracked_cases", "staff", "feed", "work", "step_times", "case_times", "time_counts")
UP = """
CREATE INDEX feed_office ON feed (office, position) WHERE position IS NOT NULL AND office <> 'provincial';
CREATE INDEX work_office ON work (office, due_on, number) WHERE office <> 'provincial';
ALTER TABLE time_counts DROP CONSTRAINT time_counts_pkey,
    ADD PRIMARY KEY (grain, starts_on, procedure, step, side, office);
"""
DOWN = """
ALTER TABLE time_counts DROP CONSTRAINT time_counts_pkey;
DELETE FROM time_counts WHERE office <> 'provincial';
ALTER TABLE time_counts ADD PRIMARY KEY (grain, starts_on, procedure, step, side);
"""


def upgrade() -> None:
    for table in _TABLES:
        op.execute(f"ALTER TABLE {table} ADD COLUMN office text NOT NULL DEFAULT 'provincial'")
    op.execute(UP)


def downgrade() -> None:
    op.execute(DOWN)
    for table in _TABLES:
        op.execute(f"ALTER TABLE {table} DROP COLUMN office")
