"""Summaries of cases and licences, for lists and search."""

from alembic import op

from services.licensing.models import licence_summaries
from shared.casework import summaries
from shared.casework.migrations import v6 as casework

revision = "0008"
down_revision = "0007"

LICENCES = "SELECT case_id::text AS id, content FROM licences"


def upgrade() -> None:
    casework.upgrade()
    casework.make(licence_summaries, LICENCES, lambda row: summaries.of_permit(row.content))


def downgrade() -> None:
    op.execute("DROP TABLE licence_summaries;")
    casework.downgrade()
