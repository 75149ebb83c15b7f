"""Notices are issued like licences."""

from shared.documents.migrations import v2 as documents

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    documents.upgrade()


def downgrade() -> None:
    documents.downgrade()
