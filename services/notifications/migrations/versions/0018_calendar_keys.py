"""Keys with which calendar programs read what is due."""

from __future__ import annotations

from alembic import op

revision = "0018"
down_revision = "0017"

UP = """
CREATE TABLE calendar_keys (
    side text NOT NULL,
    organisation text NOT NULL,
    subject text NOT NULL,
    digest bytea NOT NULL,
    made_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (side, organisation, subject),
    CONSTRAINT calendar_keys_side CHECK (side IN ('applicant', 'lab', 'staff'))
);
CREATE UNIQUE INDEX calendar_keys_digest ON calendar_keys (digest);
"""


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute("DROP TABLE calendar_keys;")
