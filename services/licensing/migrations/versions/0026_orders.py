"""Orders that are in force on a certificate."""

from alembic import op

revision = "0026"
down_revision = "0025"

UP = "ALTER TABLE type_approvals ADD COLUMN orders jsonb NOT NULL DEFAULT '[]'"
DOWN = "ALTER TABLE type_approvals DROP COLUMN orders"


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute(DOWN)
