"""The order of the summaries of cases and licences, for search."""

from shared.casework.migrations import v7 as casework

revision = "0012"
down_revision = "0011"

TABLES = ("case_summaries", "licence_summaries")


def upgrade() -> None:
    casework.upgrade(*TABLES)


def downgrade() -> None:
    casework.downgrade(*TABLES)
