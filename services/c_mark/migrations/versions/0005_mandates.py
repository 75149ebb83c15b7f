"""Copies of mandates."""

from services.mandates.migrations import v1 as mandates

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    mandates.upgrade()


def downgrade() -> None:
    mandates.downgrade()
