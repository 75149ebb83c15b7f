"""Type approvals whose certificate has ended."""

from alembic import op

revision = "0015"
down_revision = "0014"

UP = """
ALTER TABLE type_approvals
    ADD COLUMN ended jsonb,
    DROP CONSTRAINT type_approvals_certificate,
    ADD CONSTRAINT type_approvals_certificate CHECK (CASE status WHEN 'running' THEN certificate IS NULL
        WHEN 'in_force' THEN certificate IS NOT NULL ELSE (certificate IS NULL) = (ended IS NULL) END);
"""

DOWN = """
UPDATE type_approvals SET certificate = NULL WHERE status = 'ended';
ALTER TABLE type_approvals
    DROP CONSTRAINT type_approvals_certificate,
    ADD CONSTRAINT type_approvals_certificate CHECK ((status = 'in_force') = (certificate IS NOT NULL)),
    DROP COLUMN ended;
"""


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute(DOWN)
