"""Holiday notices."""

from __future__ import annotations

from alembic import op

UP = """
CREATE TABLE calendars (
    version integer PRIMARY KEY,
    id uuid NOT NULL UNIQUE,
    year integer NOT NULL,
    area text NOT NULL,
    days jsonb NOT NULL,
    sources text[] NOT NULL,
    published_by text NOT NULL,
    published_at timestamptz NOT NULL,
    CONSTRAINT calendars_version CHECK (version BETWEEN 1 AND 9999),
    CONSTRAINT calendars_from_somewhere CHECK (cardinality(sources) > 0)
);

CREATE FUNCTION calendars_are_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'calendars are append-only: publish a newer one';
END $$;
CREATE TRIGGER calendars_are_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON calendars
    FOR EACH STATEMENT EXECUTE FUNCTION calendars_are_append_only();
"""

DOWN = """
DROP TABLE calendars;
DROP FUNCTION calendars_are_append_only();
"""


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute(DOWN)
