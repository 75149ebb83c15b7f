"""Experts have the days of their assessments, and keys with which calendar programs read them."""

from __future__ import annotations

from alembic import op

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    op.execute("ALTER TABLE tracked_cases ADD COLUMN team text[] NOT NULL DEFAULT '{}'")
    # Nobody has a team yet: the index is empty, and made at once.
    op.execute("CREATE INDEX tracked_cases_team ON tracked_cases USING gin (team) WHERE team <> '{}'")
    _sides("'applicant', 'lab', 'expert', 'staff'")


def downgrade() -> None:
    op.execute("DELETE FROM calendar_keys WHERE side = 'expert'")
    _sides("'applicant', 'lab', 'staff'")
    op.execute("ALTER TABLE tracked_cases DROP COLUMN team")


def _sides(sides: str) -> None:
    op.execute("ALTER TABLE calendar_keys DROP CONSTRAINT calendar_keys_side")
    op.execute(f"ALTER TABLE calendar_keys ADD CONSTRAINT calendar_keys_side CHECK (side IN ({sides}))")
