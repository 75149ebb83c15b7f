"""Who handles a case; what each step told."""

from shared.casework.migrations import v2 as casework

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    casework.upgrade()


def downgrade() -> None:
    casework.downgrade()
