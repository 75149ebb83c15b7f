"""Messages have their subject in both languages, whichever they were sent in."""

from __future__ import annotations

from alembic import op

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    # Those stored before are read by the subject that they were sent with: no row is written again.
    op.execute("ALTER TABLE messages ADD COLUMN subjects jsonb")


def downgrade() -> None:
    op.execute("ALTER TABLE messages DROP COLUMN subjects")
