"""A draft that was thrown away has no number either."""

from __future__ import annotations

from alembic import op

_CHANGE = """
ALTER TABLE cases DROP CONSTRAINT cases_number_when_submitted,
    ADD CONSTRAINT cases_number_when_submitted CHECK ({numberless} OR number IS NOT NULL);
"""


def upgrade() -> None:
    op.execute(_CHANGE.format(numberless="state IN ('draft', 'discarded')"))


def downgrade() -> None:
    """What was thrown away is a draft again."""
    op.execute("UPDATE cases SET state = 'draft' WHERE state = 'discarded'")
    op.execute(_CHANGE.format(numberless="state = 'draft'"))
