"""Indexes for lists of cases: by number, by time of change, and without an assignee."""

from shared.casework.migrations import v4 as casework

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    casework.upgrade()


def downgrade() -> None:
    casework.downgrade()
