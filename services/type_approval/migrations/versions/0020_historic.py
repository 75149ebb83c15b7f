"""The files from which historic permits were entered."""

from shared.historic.migrations import v1 as historic

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    historic.upgrade()


def downgrade() -> None:
    historic.downgrade()
