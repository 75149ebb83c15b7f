"""Staff, their absences, and the contacts of organisations."""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"

UP = """
CREATE TABLE staff (
    subject text PRIMARY KEY,
    name text NOT NULL,
    email text NOT NULL,
    posts text[] NOT NULL,
    language text NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT staff_language CHECK (language IN ('zh', 'en', 'both'))
);

CREATE TABLE absences (
    id uuid PRIMARY KEY,
    subject text NOT NULL REFERENCES staff (subject),
    first date NOT NULL,
    last date NOT NULL,
    cover text NOT NULL REFERENCES staff (subject),
    noted_by text NOT NULL,
    noted_at timestamptz NOT NULL,
    CONSTRAINT absences_days CHECK (first <= last),
    CONSTRAINT absences_covered_by_another CHECK (subject <> cover)
);
CREATE INDEX absences_subject ON absences (subject);

CREATE TABLE contacts (
    side text NOT NULL,
    organisation text NOT NULL,
    email text NOT NULL,
    language text NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (side, organisation),
    CONSTRAINT contacts_side CHECK (side IN ('applicant', 'lab')),
    CONSTRAINT contacts_language CHECK (language IN ('zh', 'en', 'both'))
);
"""


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute("DROP TABLE contacts, absences, staff;")
