"""Applicants and laboratories see first what waits for them."""

from __future__ import annotations

from alembic import op

revision = "0021"
down_revision = "0020"

UP = """
ALTER TABLE work ADD COLUMN lab text, ADD COLUMN leads_applicant boolean NOT NULL DEFAULT true,
    ADD COLUMN leads_lab boolean NOT NULL DEFAULT true;
UPDATE work SET lab = ranked.lab, leads_applicant = ranked.leads_applicant, leads_lab = ranked.leads_lab
FROM (
    SELECT case_id, holder, cases.lab,
        row_number() OVER (PARTITION BY case_id
            ORDER BY clock = 'running' AND holder = 'applicant' DESC, due_on, holder) = 1 AS leads_applicant,
        row_number() OVER (PARTITION BY case_id
            ORDER BY clock = 'running' AND holder = 'laboratory' DESC, due_on, holder) = 1 AS leads_lab
    FROM work JOIN tracked_cases AS cases ON cases.id = case_id
) AS ranked WHERE (work.case_id, work.holder) = (ranked.case_id, ranked.holder);
CREATE INDEX work_applicant ON work
    (party(applicant), clock, leads_applicant, (holder <> 'applicant'), due_on, number);
CREATE INDEX work_lab ON work (party(lab), clock, leads_lab, (holder <> 'laboratory'), due_on, number);
DROP INDEX work_party;
"""
DOWN = """
CREATE INDEX work_party ON work (party(applicant));
DROP INDEX work_applicant, work_lab;
ALTER TABLE work DROP COLUMN lab, DROP COLUMN leads_applicant, DROP COLUMN leads_lab;
"""


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute(DOWN)
