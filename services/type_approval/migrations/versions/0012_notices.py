"""Notices are issued like certificates."""

from shared.documents.migrations import v2 as documents

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    documents.upgrade()


def downgrade() -> None:
    documents.downgrade()
