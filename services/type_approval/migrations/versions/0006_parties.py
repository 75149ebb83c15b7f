"""Organisations are identified as parties, whichever of their codes is stored."""

from shared.casework.migrations import v5 as casework
from shared.identity.migrations import v1 as identity

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    identity.upgrade()
    casework.upgrade()


def downgrade() -> None:
    casework.downgrade()
    identity.downgrade()
