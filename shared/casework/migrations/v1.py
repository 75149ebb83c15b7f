"""Cases, journal, number series, idempotency keys."""

from __future__ import annotations

from alembic import op

UP = """
CREATE TABLE cases (
    id uuid PRIMARY KEY,
    number text UNIQUE,
    procedure text NOT NULL,
    state text NOT NULL,
    version integer NOT NULL,
    entries integer NOT NULL,
    events integer NOT NULL,
    applicant text NOT NULL,
    lab text,
    rules text,
    done_by jsonb NOT NULL,
    data jsonb NOT NULL,
    head bytea NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT cases_decider_is_not_examiner
        CHECK (NOT (done_by ? 'grant' AND done_by ->> 'grant' = done_by ->> 'review')),
    CONSTRAINT cases_number_when_submitted CHECK (state = 'draft' OR number IS NOT NULL)
) WITH (fillfactor = 80);
CREATE INDEX cases_applicant ON cases (applicant, id);
CREATE INDEX cases_lab ON cases (lab, id) WHERE lab IS NOT NULL;
CREATE INDEX cases_state ON cases (state, id);

CREATE TABLE journal (
    case_id uuid NOT NULL REFERENCES cases (id),
    seq integer NOT NULL,
    at timestamptz NOT NULL,
    actor text NOT NULL,
    actor_name text NOT NULL,
    role text NOT NULL,
    action text NOT NULL,
    from_state text NOT NULL,
    to_state text NOT NULL,
    reason text,
    data text NOT NULL,
    hash bytea NOT NULL,
    PRIMARY KEY (case_id, seq)
);

-- Grants do not bind the owner of a table; the trigger binds everybody who does not drop it first.
CREATE FUNCTION journal_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the journal is append-only';
END $$;
CREATE TRIGGER journal_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON journal
    FOR EACH STATEMENT EXECUTE FUNCTION journal_is_append_only();

CREATE TABLE number_series (
    series text PRIMARY KEY,
    next integer NOT NULL
) WITH (fillfactor = 50);

CREATE TABLE idempotency (
    subject text NOT NULL,
    key text NOT NULL,
    fingerprint bytea NOT NULL,
    status smallint NOT NULL,
    body text NOT NULL,
    headers jsonb NOT NULL,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (subject, key)
);
CREATE INDEX idempotency_age ON idempotency (created_at);
"""

DOWN = """
DROP TABLE idempotency, number_series, journal, cases;
DROP FUNCTION journal_is_append_only();
"""


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute(DOWN)
