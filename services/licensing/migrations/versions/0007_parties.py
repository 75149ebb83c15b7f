"""Organisations are identified as parties, whichever of their codes is stored."""

from alembic import op

from shared.casework.migrations import v5 as casework
from shared.identity.migrations import v1 as identity

revision = "0007"
down_revision = "0006"

UP = """
CREATE INDEX type_approvals_party ON type_approvals (party(holder));
DROP INDEX type_approvals_holder;
"""

DOWN = """
CREATE INDEX type_approvals_holder ON type_approvals (holder);
DROP INDEX type_approvals_party;
"""


def upgrade() -> None:
    identity.upgrade()
    casework.upgrade()
    op.execute(UP)


def downgrade() -> None:
    op.execute(DOWN)
    casework.downgrade()
    identity.downgrade()
