"""Rungs fire once per last day, and clocks store the day whose law they follow."""

from __future__ import annotations

from alembic import op

revision = "0010"
down_revision = "0009"

# Clocks so far were counted by the law in force on the day they started.
UP = """
ALTER TABLE clocks ADD COLUMN law_on date, ADD COLUMN moved_on date;
UPDATE clocks SET law_on = started_on;
ALTER TABLE clocks ALTER COLUMN law_on SET NOT NULL;
ALTER TABLE work RENAME COLUMN started_on TO law_on;
ALTER TABLE firings DROP CONSTRAINT firings_pkey, ADD PRIMARY KEY (clock_id, rung, due_on), ADD COLUMN day date;
UPDATE firings SET day = (fired_at AT TIME ZONE 'Asia/Shanghai')::date;
ALTER TABLE firings ALTER COLUMN day SET NOT NULL;
"""

# The older code knows only one row per rung.
DOWN = """
DELETE FROM firings USING firings AS later
    WHERE firings.clock_id = later.clock_id AND firings.rung = later.rung AND firings.due_on < later.due_on;
ALTER TABLE firings DROP CONSTRAINT firings_pkey, ADD PRIMARY KEY (clock_id, rung), DROP COLUMN day;
ALTER TABLE work RENAME COLUMN law_on TO started_on;
ALTER TABLE clocks DROP COLUMN law_on, DROP COLUMN moved_on;
"""


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute(DOWN)
