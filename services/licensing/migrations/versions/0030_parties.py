"""An index for the licences of a holder in the order of their ends."""

from alembic import op

revision = "0030"
down_revision = "0029"

UP = """
CREATE INDEX licences_party ON licences (party(holder), valid_until, case_id);
DROP INDEX licences_holder;
"""
DOWN = """
CREATE INDEX licences_holder ON licences (holder);
DROP INDEX licences_party;
"""


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute(DOWN)
