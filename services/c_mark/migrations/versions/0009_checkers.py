"""An index that finds the cases of a laboratory that the office named."""

from shared.casework.migrations import v13 as casework

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    casework.upgrade()


def downgrade() -> None:
    casework.downgrade()
