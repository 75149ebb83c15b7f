"""Documents that applicants send."""

from shared.uploads.migrations import v1 as uploads

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    uploads.upgrade()


def downgrade() -> None:
    uploads.downgrade()
