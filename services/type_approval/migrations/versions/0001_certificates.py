"""Cases, messaging, certificates."""

from __future__ import annotations

from alembic import op

from shared.casework.migrations import v1 as casework
from shared.messaging.migrations import v1 as messaging

revision = "0001"
down_revision = None

UP = """
CREATE TABLE certificates (
    number text PRIMARY KEY,
    case_id uuid NOT NULL UNIQUE REFERENCES cases (id),
    holder text NOT NULL,
    status text NOT NULL,
    granted_on date NOT NULL,
    content json NOT NULL,
    CONSTRAINT certificates_status CHECK (status IN ('in_force'))
);
CREATE INDEX certificates_holder ON certificates (holder);
"""

DOWN = "DROP TABLE certificates;"


def upgrade() -> None:
    casework.upgrade()
    messaging.upgrade()
    op.execute(UP)


def downgrade() -> None:
    op.execute(DOWN)
    messaging.downgrade()
    casework.downgrade()
