"""Holiday notices, and an index for clocks counted by an older calendar."""

from __future__ import annotations

from alembic import op

from shared.calendars.migrations import v1 as calendars

revision = "0008"
down_revision = "0007"

# Changing the collation does not rewrite the table.
UP = """
ALTER TABLE clocks ALTER COLUMN calendar TYPE text COLLATE "C";
CREATE INDEX clocks_calendar ON clocks (calendar) WHERE state IN ('running', 'paused');
"""

DOWN = """
DROP INDEX clocks_calendar;
ALTER TABLE clocks ALTER COLUMN calendar TYPE text;
"""


def upgrade() -> None:
    calendars.upgrade()
    op.execute(UP)


def downgrade() -> None:
    op.execute(DOWN)
    calendars.downgrade()
