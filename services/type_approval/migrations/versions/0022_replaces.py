"""Which certificates take the place of another."""

from alembic import op

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    op.execute(
        "CREATE INDEX certificates_replaces ON certificates ((content ->> 'replaces'))"
        " WHERE content ->> 'replaces' IS NOT NULL"
    )


def downgrade() -> None:
    op.execute("DROP INDEX certificates_replaces")
