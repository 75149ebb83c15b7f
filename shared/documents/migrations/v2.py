"""Notices are issued like certificates and licences."""

from __future__ import annotations

from alembic import op


def upgrade() -> None:
    op.execute("ALTER TABLE issues ADD COLUMN notice text")


def downgrade() -> None:
    op.execute("ALTER TABLE issues DROP COLUMN notice")
