"""The laboratory that the office named for what is asked once a permit is granted, and whose limits that has."""

from __future__ import annotations

from alembic import op

revision = "0024"
down_revision = "0023"

_HELD = """
UPDATE clocks SET holder = '{new}' WHERE holder = '{old}' AND limit_id IN ('conformity_check', 'change_opinion');
UPDATE work SET holder = '{new}' WHERE holder = '{old}' AND limit_id IN ('conformity_check', 'change_opinion');
UPDATE step_times SET holder = '{new}' WHERE holder = '{old}' AND limit_id IN ('conformity_check', 'change_opinion');
UPDATE time_counts SET side = '{new}' WHERE side = '{old}' AND step IN ('conformity_check', 'change_opinion');
DROP INDEX work_lab;
CREATE INDEX work_lab ON work (party(lab), clock, leads_lab, ({others}), due_on, number);
"""


def upgrade() -> None:
    op.execute("ALTER TABLE tracked_cases ADD COLUMN named text")
    op.execute("ALTER TABLE feed ADD COLUMN named text")
    # Nobody was named yet: the index is empty, and made at once.
    op.execute(
        "CREATE INDEX feed_named_party ON feed (party(named), position)"
        " WHERE position IS NOT NULL AND named IS NOT NULL"
    )
    op.execute(_HELD.format(old="laboratory", new="checker", others="holder <> 'laboratory' AND holder <> 'checker'"))


def downgrade() -> None:
    op.execute(_HELD.format(old="checker", new="laboratory", others="holder <> 'laboratory'"))
    op.execute("ALTER TABLE feed DROP COLUMN named")
    op.execute("ALTER TABLE tracked_cases DROP COLUMN named")
