"""Experts have a contact, as organisations have."""

from __future__ import annotations

from alembic import op

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    _sides("'applicant', 'lab', 'expert'")


def downgrade() -> None:
    op.execute("DELETE FROM contacts WHERE side = 'expert'")
    _sides("'applicant', 'lab'")


def _sides(sides: str) -> None:
    op.execute("ALTER TABLE contacts DROP CONSTRAINT contacts_side")
    op.execute(f"ALTER TABLE contacts ADD CONSTRAINT contacts_side CHECK (side IN ({sides}))")
