"""Messaging, tracked cases, clocks, messages."""

from __future__ import annotations

from alembic import op

from shared.messaging.migrations import v1 as messaging

revision = "0001"
down_revision = None

UP = """
CREATE TABLE tracked_cases (
    id uuid PRIMARY KEY,
    source text NOT NULL,
    number text NOT NULL UNIQUE,
    procedure text NOT NULL,
    rules text NOT NULL,
    state text NOT NULL,
    applicant text NOT NULL,
    applicant_name text NOT NULL,
    email text NOT NULL,
    lab text,
    heard integer NOT NULL,
    events integer NOT NULL
) WITH (fillfactor = 80);

CREATE TABLE clocks (
    id uuid PRIMARY KEY,
    case_id uuid NOT NULL REFERENCES tracked_cases (id),
    limit_id text NOT NULL,
    started_on date NOT NULL,
    entries jsonb NOT NULL,
    state text NOT NULL,
    due_on date,
    provisional boolean NOT NULL,
    calendar text NOT NULL,
    next_at timestamptz,
    CONSTRAINT clocks_state CHECK (state IN ('running', 'paused', 'stopped')),
    CONSTRAINT clocks_due_while_running CHECK ((state = 'running') = (due_on IS NOT NULL))
) WITH (fillfactor = 80);
CREATE INDEX clocks_case ON clocks (case_id);
CREATE INDEX clocks_next ON clocks (next_at) WHERE next_at IS NOT NULL;

CREATE TABLE firings (
    clock_id uuid NOT NULL REFERENCES clocks (id),
    rung text NOT NULL,
    kind text NOT NULL,
    due_on date NOT NULL,
    fired_at timestamptz NOT NULL,
    PRIMARY KEY (clock_id, rung)
);

CREATE TABLE messages (
    id uuid PRIMARY KEY,
    case_id uuid NOT NULL REFERENCES tracked_cases (id),
    recipient text NOT NULL,
    address text,
    template text NOT NULL,
    template_version integer NOT NULL,
    subject text NOT NULL,
    body text NOT NULL,
    at timestamptz NOT NULL,
    state text NOT NULL,
    attempts integer NOT NULL DEFAULT 0,
    next_try_at timestamptz,
    sent_at timestamptz,
    error text,
    CONSTRAINT messages_state CHECK (state IN ('kept', 'queued', 'sent', 'failed')),
    CONSTRAINT messages_queued_are_tried CHECK ((state = 'queued') = (next_try_at IS NOT NULL))
);
CREATE INDEX messages_case ON messages (case_id);
CREATE INDEX messages_due ON messages (next_try_at) WHERE next_try_at IS NOT NULL;
"""

DOWN = "DROP TABLE messages, firings, clocks, tracked_cases;"


def upgrade() -> None:
    messaging.upgrade()
    op.execute(UP)


def downgrade() -> None:
    op.execute(DOWN)
    messaging.downgrade()
