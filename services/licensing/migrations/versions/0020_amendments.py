"""The application that gives a licence new items or other conditions."""

from __future__ import annotations

from alembic import op

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    op.execute("ALTER TABLE licences ADD COLUMN amendment uuid UNIQUE REFERENCES cases (id)")


def downgrade() -> None:
    op.execute("ALTER TABLE licences DROP COLUMN amendment")
