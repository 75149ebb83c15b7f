"""Drafts that were thrown away."""

from shared.casework.migrations import v10 as casework

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    casework.upgrade()


def downgrade() -> None:
    casework.downgrade()
