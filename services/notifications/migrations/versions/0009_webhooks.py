"""Webhooks and their delivery log."""

from __future__ import annotations

from alembic import op

revision = "0009"
down_revision = "0008"

UP = """
CREATE TABLE webhooks (
    id uuid PRIMARY KEY,
    side text NOT NULL,
    organisation text NOT NULL,
    url text NOT NULL,
    types text[] NOT NULL,
    secret text NOT NULL,
    old_secret text,
    old_secret_until timestamptz,
    cursor bigint NOT NULL,
    head bigint NOT NULL,
    tries integer NOT NULL DEFAULT 0,
    next_try_at timestamptz NOT NULL,
    state text NOT NULL DEFAULT 'enabled',
    reason text,
    disabled_at timestamptz,
    version integer NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL,
    created_by text NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT webhooks_side CHECK (side IN ('applicant', 'lab')),
    CONSTRAINT webhooks_state CHECK (state IN ('enabled', 'disabled')),
    CONSTRAINT webhooks_reason CHECK (reason IN ('failing', 'gone')),
    CONSTRAINT webhooks_disabled_for_a_reason
        CHECK ((state = 'disabled') = (reason IS NOT NULL) AND (reason IS NULL) = (disabled_at IS NULL)),
    CONSTRAINT webhooks_old_secret_ends CHECK ((old_secret IS NULL) = (old_secret_until IS NULL))
);
CREATE INDEX webhooks_owner ON webhooks (side, organisation);
CREATE INDEX webhooks_due ON webhooks (next_try_at) WHERE state = 'enabled' AND head > cursor;

CREATE TABLE webhook_deliveries (
    id uuid PRIMARY KEY,
    webhook_id uuid NOT NULL REFERENCES webhooks (id) ON DELETE CASCADE,
    at timestamptz NOT NULL,
    kind text NOT NULL,
    tries integer NOT NULL,
    outcome text NOT NULL,
    status integer,
    milliseconds integer,
    error text,
    events integer NOT NULL,
    first bigint,
    last bigint,
    CONSTRAINT webhook_deliveries_kind CHECK (kind IN ('events', 'test'))
);
CREATE INDEX webhook_deliveries_log ON webhook_deliveries (webhook_id, id);
CREATE INDEX webhook_deliveries_at ON webhook_deliveries (at);
"""


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute("DROP TABLE webhook_deliveries, webhooks;")
