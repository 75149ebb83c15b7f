"""An index that finds the cases of an expert."""

from shared.casework.migrations import v12 as casework

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    casework.upgrade()


def downgrade() -> None:
    casework.downgrade()
