"""Limits that are about days that are planned have the first of them, beside the last."""

from __future__ import annotations

from alembic import op

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    for table in ("clocks", "work"):
        op.execute(f"ALTER TABLE {table} ADD COLUMN begins_on date")


def downgrade() -> None:
    for table in ("work", "clocks"):
        op.execute(f"ALTER TABLE {table} DROP COLUMN begins_on")
