"""An index that finds an organisation's cases by any of its codes."""

from __future__ import annotations

from alembic import op

UP = """
CREATE INDEX cases_party ON cases (party(applicant), id);
CREATE INDEX cases_lab_party ON cases (party(lab), id) WHERE lab IS NOT NULL;
DROP INDEX cases_applicant, cases_lab;
"""

DOWN = """
CREATE INDEX cases_applicant ON cases (applicant, id);
CREATE INDEX cases_lab ON cases (lab, id) WHERE lab IS NOT NULL;
DROP INDEX cases_party, cases_lab_party;
"""


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute(DOWN)
