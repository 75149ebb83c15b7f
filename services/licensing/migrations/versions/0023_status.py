"""The signed list of what has ended."""

from shared.documents.migrations import v3 as documents

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    documents.upgrade()


def downgrade() -> None:
    documents.downgrade()
