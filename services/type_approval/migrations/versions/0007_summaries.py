"""Summaries of cases and certificates, for lists and search."""

from alembic import op

from services.type_approval.models import certificate_summaries
from shared.casework import summaries
from shared.casework.migrations import v6 as casework

revision = "0007"
down_revision = "0006"

CERTIFICATES = "SELECT case_id::text AS id, content FROM certificates"


def upgrade() -> None:
    casework.upgrade()
    casework.make(certificate_summaries, CERTIFICATES, lambda row: summaries.of_permit(row.content))


def downgrade() -> None:
    op.execute("DROP TABLE certificate_summaries;")
    casework.downgrade()
