"""An index for the newest cases of an applicant."""

from shared.casework.migrations import v11 as casework

revision = "0024"
down_revision = "0023"


def upgrade() -> None:
    casework.upgrade()


def downgrade() -> None:
    casework.downgrade()
