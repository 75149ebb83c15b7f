"""An index for the certificates of a holder in the order of their ends."""

from alembic import op

revision = "0027"
down_revision = "0026"

UP = """
CREATE INDEX certificates_party ON certificates (party(holder), case_id);
DROP INDEX certificates_holder;
"""
DOWN = """
CREATE INDEX certificates_holder ON certificates (holder);
DROP INDEX certificates_party;
"""


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute(DOWN)
