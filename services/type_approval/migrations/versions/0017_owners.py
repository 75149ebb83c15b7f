"""Whose an entry of a register is, under the name that all services use."""

from __future__ import annotations

from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    op.execute("ALTER TABLE register_entries RENAME COLUMN lab TO owner")


def downgrade() -> None:
    op.execute("ALTER TABLE register_entries RENAME COLUMN owner TO lab")
