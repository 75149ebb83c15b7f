"""Every version of every document, as it was decided and as it was made."""

from shared.documents.migrations import v1 as documents

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    documents.upgrade("certificates")


def downgrade() -> None:
    documents.downgrade()
