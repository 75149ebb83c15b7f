"""The work queue, and the durations of cases and their steps."""

from __future__ import annotations

from alembic import op

revision = "0006"
down_revision = "0005"

UP = """
ALTER TABLE clocks ADD COLUMN holder text;
-- Only open clocks need a holder; windows, in which somebody may act, are nobody's work.
UPDATE clocks SET holder = CASE
    WHEN limit_id IN ('intake', 'commissioning', 'report_review', 'decision', 'decision_promised',
                      'licence_decision_promised', 'delivery') THEN 'authority'
    WHEN limit_id IN ('lab_contact', 'evaluation') THEN 'laboratory'
    WHEN limit_id IN ('supplement', 'improvement', 'rectification') THEN 'applicant'
END WHERE state IN ('running', 'paused');

CREATE TABLE step_times (
    clock_id uuid PRIMARY KEY REFERENCES clocks (id),
    procedure text NOT NULL,
    limit_id text NOT NULL,
    holder text NOT NULL,
    ended_on date NOT NULL,
    days integer NOT NULL,
    in_time boolean NOT NULL
);
CREATE INDEX step_times_ended ON step_times (ended_on);

CREATE TABLE case_times (
    case_id uuid PRIMARY KEY REFERENCES tracked_cases (id),
    procedure text NOT NULL,
    ended_on date NOT NULL,
    ended_by text NOT NULL,
    decided boolean NOT NULL,
    elapsed integer NOT NULL,
    laboratory integer NOT NULL,
    applicant integer NOT NULL,
    authority integer NOT NULL,
    other integer NOT NULL,
    CONSTRAINT case_times_add_up CHECK (elapsed = laboratory + applicant + authority + other)
);
CREATE INDEX case_times_ended ON case_times (procedure, ended_on) WHERE decided;

CREATE TABLE work (
    case_id uuid NOT NULL REFERENCES tracked_cases (id),
    holder text NOT NULL,
    clock text NOT NULL,
    lead boolean NOT NULL,
    limit_id text,
    started_on date,
    due_on date,
    provisional boolean NOT NULL,
    source text NOT NULL,
    number text NOT NULL,
    procedure text NOT NULL,
    rules text NOT NULL,
    state text NOT NULL,
    applicant text NOT NULL,
    applicant_name text NOT NULL,
    assignee text,
    PRIMARY KEY (case_id, holder),
    CONSTRAINT work_clock CHECK (clock IN ('running', 'paused', 'none')),
    CONSTRAINT work_due_while_running CHECK ((clock = 'running') = (due_on IS NOT NULL))
);
CREATE INDEX work_due ON work (due_on, number) WHERE lead AND clock = 'running';
CREATE INDEX work_held ON work (holder, due_on, number) WHERE clock = 'running';
CREATE INDEX work_assigned ON work (assignee, due_on, number);
CREATE INDEX work_state ON work (procedure, state, due_on, number);
CREATE INDEX work_waiting ON work (clock, number) WHERE clock <> 'running';

WITH held AS (
    SELECT DISTINCT ON (case_id, holder) case_id, holder, state, limit_id, started_on, due_on, provisional
    FROM clocks WHERE state IN ('running', 'paused') AND holder IS NOT NULL
    ORDER BY case_id, holder, due_on, id
)
INSERT INTO work
SELECT case_id, holder, held.state, row_number() OVER (PARTITION BY case_id ORDER BY due_on, holder) = 1, limit_id,
    started_on, due_on, provisional, source, number, procedure, rules, cases.state, applicant, applicant_name, assignee
FROM held JOIN tracked_cases AS cases ON cases.id = case_id WHERE law_as_of IS NOT NULL;
"""

DOWN = """
DROP TABLE work, case_times, step_times;
ALTER TABLE clocks DROP COLUMN holder;
"""


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute(DOWN)
