"""Cases, messaging, licences, and known type approvals."""

from __future__ import annotations

from alembic import op

from shared.casework.migrations import v1 as casework
from shared.messaging.migrations import v1 as messaging

revision = "0001"
down_revision = None

UP = """
CREATE TABLE type_approvals (
    case_id uuid PRIMARY KEY,
    application text NOT NULL,
    holder text NOT NULL,
    status text NOT NULL,
    certificate text,
    lines jsonb NOT NULL,
    CONSTRAINT type_approvals_status CHECK (status IN ('running', 'in_force', 'ended')),
    CONSTRAINT type_approvals_certificate CHECK ((status = 'in_force') = (certificate IS NOT NULL))
);
CREATE INDEX type_approvals_holder ON type_approvals (holder);

CREATE TABLE licences (
    number text PRIMARY KEY,
    case_id uuid NOT NULL UNIQUE REFERENCES cases (id),
    holder text NOT NULL,
    status text NOT NULL,
    granted_on date NOT NULL,
    valid_until date NOT NULL,
    content json NOT NULL,
    CONSTRAINT licences_status CHECK (status IN ('valid'))
);
CREATE INDEX licences_holder ON licences (holder);
"""

DOWN = "DROP TABLE licences, type_approvals;"


def upgrade() -> None:
    casework.upgrade()
    messaging.upgrade()
    op.execute(UP)


def downgrade() -> None:
    op.execute(DOWN)
    messaging.downgrade()
    casework.downgrade()
