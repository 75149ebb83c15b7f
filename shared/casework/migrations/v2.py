"""The assignee of a case, and the event data of each step in the journal."""

from __future__ import annotations

from alembic import op

UP = """
ALTER TABLE cases ADD COLUMN assignee text;
CREATE INDEX cases_assignee ON cases (assignee, id) WHERE assignee IS NOT NULL;
ALTER TABLE journal ADD COLUMN told text;
"""

DOWN = """
ALTER TABLE journal DROP COLUMN told;
ALTER TABLE cases DROP COLUMN assignee;
"""


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute(DOWN)
