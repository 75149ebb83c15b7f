"""The signed list of what has ended."""

from shared.documents.migrations import v3 as documents

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    documents.upgrade()


def downgrade() -> None:
    documents.downgrade()
