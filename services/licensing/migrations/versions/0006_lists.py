"""Indexes for lists of cases: by number, by time of change, and without an assignee."""

from shared.casework.migrations import v4 as casework

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    casework.upgrade()


def downgrade() -> None:
    casework.downgrade()
