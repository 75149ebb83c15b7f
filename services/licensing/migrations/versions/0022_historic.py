"""The files from which historic permits were entered."""

from shared.historic.migrations import v1 as historic

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    historic.upgrade()


def downgrade() -> None:
    historic.downgrade()
