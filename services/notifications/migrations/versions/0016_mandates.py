"""Copies of mandates."""

from services.mandates.migrations import v1 as mandates

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    mandates.upgrade()


def downgrade() -> None:
    mandates.downgrade()
