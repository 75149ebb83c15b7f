"""An index for the newest cases of an applicant."""

from shared.casework.migrations import v11 as casework

revision = "0027"
down_revision = "0026"


def upgrade() -> None:
    casework.upgrade()


def downgrade() -> None:
    casework.downgrade()
