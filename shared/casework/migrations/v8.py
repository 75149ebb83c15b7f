"""Says of each case which office decides it: until now, the province decided all."""

from __future__ import annotations

from alembic import op

UP = """
ALTER TABLE cases ADD COLUMN office text NOT NULL DEFAULT 'provincial';
CREATE INDEX cases_office ON cases (office, id) WHERE office <> 'provincial';
"""


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute("ALTER TABLE cases DROP COLUMN office")
