"""An index for the newest cases of an applicant."""

from shared.casework.migrations import v11 as casework

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    casework.upgrade()


def downgrade() -> None:
    casework.downgrade()
