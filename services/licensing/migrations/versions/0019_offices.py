"""The office that decides a case."""

from shared.casework.migrations import v8 as casework

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    casework.upgrade()


def downgrade() -> None:
    casework.downgrade()
