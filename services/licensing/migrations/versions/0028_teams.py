"""An index that finds the cases of an expert."""

from shared.casework.migrations import v12 as casework

revision = "0028"
down_revision = "0027"


def upgrade() -> None:
    casework.upgrade()


def downgrade() -> None:
    casework.downgrade()
