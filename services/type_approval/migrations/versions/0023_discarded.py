"""Drafts that were thrown away."""

from shared.casework.migrations import v10 as casework

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    casework.upgrade()


def downgrade() -> None:
    casework.downgrade()
