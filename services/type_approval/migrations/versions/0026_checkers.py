"""An index that finds the cases of a laboratory that the office named."""

from shared.casework.migrations import v13 as casework

revision = "0026"
down_revision = "0025"


def upgrade() -> None:
    casework.upgrade()


def downgrade() -> None:
    casework.downgrade()
