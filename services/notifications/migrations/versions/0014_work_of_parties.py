"""Applicants and laboratories find their own work."""

from __future__ import annotations

from alembic import op

revision = "0014"
down_revision = "0013"

UP = """
CREATE INDEX work_party ON work (party(applicant));
CREATE INDEX tracked_cases_lab_party ON tracked_cases (party(lab)) WHERE lab IS NOT NULL;
"""


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute("DROP INDEX work_party, tracked_cases_lab_party")
