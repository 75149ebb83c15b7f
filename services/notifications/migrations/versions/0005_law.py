"""Expired clocks, the assignee of a case, and the newest change of the law published for it."""

from __future__ import annotations

from alembic import op

revision = "0005"
down_revision = "0004"

# For cases tracked so far it is unknown whether they have ended; the owning service checks every change of the law.
UP = """
ALTER TABLE clocks
    DROP CONSTRAINT clocks_state,
    ADD CONSTRAINT clocks_state CHECK (state IN ('running', 'paused', 'stopped', 'expired')) NOT VALID;
ALTER TABLE clocks VALIDATE CONSTRAINT clocks_state;

ALTER TABLE tracked_cases
    ADD COLUMN assignee text,
    ADD COLUMN law_as_of date;
UPDATE tracked_cases SET law_as_of =
    coalesce((SELECT max(started_on) FROM clocks WHERE case_id = tracked_cases.id), current_date);
CREATE INDEX tracked_cases_law ON tracked_cases (procedure, law_as_of) WHERE law_as_of IS NOT NULL;
"""

DOWN = """
DROP INDEX tracked_cases_law;
ALTER TABLE tracked_cases DROP COLUMN assignee, DROP COLUMN law_as_of;
UPDATE clocks SET state = 'stopped' WHERE state = 'expired';
ALTER TABLE clocks
    DROP CONSTRAINT clocks_state,
    ADD CONSTRAINT clocks_state CHECK (state IN ('running', 'paused', 'stopped'));
"""


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute(DOWN)
