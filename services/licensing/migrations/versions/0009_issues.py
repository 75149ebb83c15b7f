"""Every version of every document, as it was decided and as it was made."""

from shared.documents.migrations import v1 as documents

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    documents.upgrade("licences")


def downgrade() -> None:
    documents.downgrade()
