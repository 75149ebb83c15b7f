"""The notices of holidays, and which clocks are counted by an older calendar than the newest."""

from __future__ import annotations

from alembic import op

from shared.calendars.migrations import v1 as calendars

revision = "0008"
down_revision = "0007"

# Another collation of the same type rewrites nothing.
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
