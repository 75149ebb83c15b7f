"""Copies of mandates."""

from services.mandates.migrations import v1 as mandates

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    mandates.upgrade()


def downgrade() -> None:
    mandates.downgrade()
