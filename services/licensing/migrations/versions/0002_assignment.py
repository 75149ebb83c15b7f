"""The assignee of a case, and the event data of each step."""

from shared.casework.migrations import v2 as casework

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    casework.upgrade()


def downgrade() -> None:
    casework.downgrade()
