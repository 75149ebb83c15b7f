"""The status of a certificate is the state of its case."""

from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    op.execute("ALTER TABLE certificates DROP COLUMN status")


def downgrade() -> None:
    op.execute(
        "ALTER TABLE certificates ADD COLUMN status text NOT NULL DEFAULT 'in_force' CHECK (status = 'in_force')"
    )
