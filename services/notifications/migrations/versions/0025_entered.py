"""Whether a case began as a permit of before this system: without a clock, that is no open work."""

from __future__ import annotations

from alembic import op

revision = "0025"
down_revision = "0024"


def upgrade() -> None:
    op.execute("ALTER TABLE tracked_cases ADD COLUMN entered boolean NOT NULL DEFAULT false")
    # Their cases have series of numbers of their own.
    op.execute("UPDATE tracked_cases SET entered = true WHERE number LIKE 'TR-%' OR number LIKE 'MR-%'")
    op.execute("DELETE FROM work USING tracked_cases WHERE case_id = id AND entered AND holder = 'nobody'")


def downgrade() -> None:
    op.execute("ALTER TABLE tracked_cases DROP COLUMN entered")
