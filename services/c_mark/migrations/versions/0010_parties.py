"""An index for the marks of a holder in the order of their ends."""

from alembic import op

revision = "0010"
down_revision = "0009"

UP = """
CREATE INDEX marks_party ON marks (party(holder), coalesce(valid_until, '9999-12-31'::date), case_id);
DROP INDEX marks_holder;
"""
DOWN = """
CREATE INDEX marks_holder ON marks (holder);
DROP INDEX marks_party;
"""


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute(DOWN)
