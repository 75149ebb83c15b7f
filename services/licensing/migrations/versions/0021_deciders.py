"""Whoever examined a case does not decide it."""

from shared.casework.migrations import v9 as casework

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    casework.upgrade()


def downgrade() -> None:
    casework.downgrade()
