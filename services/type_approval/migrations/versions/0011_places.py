"""The order of the summaries of cases and certificates, for search."""

from shared.casework.migrations import v7 as casework

revision = "0011"
down_revision = "0010"

TABLES = ("case_summaries", "certificate_summaries")


def upgrade() -> None:
    casework.upgrade(*TABLES)


def downgrade() -> None:
    casework.downgrade(*TABLES)
