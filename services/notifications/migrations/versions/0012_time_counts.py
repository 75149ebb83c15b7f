"""Distributions of the days that cases and steps took, by day and by month."""

from __future__ import annotations

from alembic import op

revision = "0012"
down_revision = "0011"

UP = """
CREATE TABLE time_counts (
    grain text NOT NULL,
    starts_on date NOT NULL,
    procedure text NOT NULL,
    step text NOT NULL,
    side text NOT NULL,
    counts jsonb NOT NULL,
    in_time integer NOT NULL,
    PRIMARY KEY (grain, starts_on, procedure, step, side),
    CONSTRAINT time_counts_grain CHECK (grain IN ('day', 'month'))
);
-- Concurrent endings wait until this is done.
LOCK TABLE step_times, case_times IN SHARE MODE;
WITH facts AS (
    SELECT procedure, limit_id AS step, holder AS side, ended_on, days, in_time FROM step_times
    UNION ALL
    SELECT procedure, '', side, ended_on, days, false FROM case_times
    CROSS JOIN LATERAL (VALUES ('elapsed', elapsed), ('laboratory', laboratory), ('applicant', applicant),
        ('authority', authority), ('other', other)) AS held (side, days)
    WHERE decided
), counted AS (
    SELECT grain, starts_on, procedure, step, side, days, count(*) AS times,
        count(*) FILTER (WHERE in_time) AS in_time
    FROM facts
    CROSS JOIN LATERAL (VALUES ('day', ended_on), ('month', date_trunc('month', ended_on)::date))
        AS grains (grain, starts_on)
    GROUP BY grain, starts_on, procedure, step, side, days
)
INSERT INTO time_counts
SELECT grain, starts_on, procedure, step, side, jsonb_object_agg(days, times), sum(in_time)
FROM counted GROUP BY grain, starts_on, procedure, step, side;
DROP INDEX step_times_ended;
"""

DOWN = """
CREATE INDEX step_times_ended ON step_times (ended_on);
DROP TABLE time_counts;
"""


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute(DOWN)
