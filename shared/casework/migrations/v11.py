"""An index that finds the cases of an organisation to which something was done last, however many it has."""

from __future__ import annotations

from alembic import op


def upgrade() -> None:
    op.execute("CREATE INDEX cases_party_updated ON cases (party(applicant), updated_at, id)")


def downgrade() -> None:
    op.execute("DROP INDEX cases_party_updated")
