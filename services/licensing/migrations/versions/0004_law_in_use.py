"""The rules of the law that cases use."""

from shared.casework.migrations import v3 as casework

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    casework.upgrade()


def downgrade() -> None:
    casework.downgrade()
