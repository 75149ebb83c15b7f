"""Drafts that were thrown away."""

from shared.casework.migrations import v10 as casework

revision = "0025"
down_revision = "0024"


def upgrade() -> None:
    casework.upgrade()


def downgrade() -> None:
    casework.downgrade()
