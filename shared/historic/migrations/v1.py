"""The files from which historic permits were entered."""

from __future__ import annotations

from alembic import op

UP = """
CREATE TABLE permit_loads (
    id uuid PRIMARY KEY,
    at timestamptz NOT NULL,
    actor text NOT NULL,
    actor_name text NOT NULL,
    source text NOT NULL,
    sha256 text NOT NULL,
    file bytea NOT NULL,
    entered integer NOT NULL
);
CREATE FUNCTION permit_loads_are_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a file from which permits were entered is kept';
END $$;
CREATE TRIGGER permit_loads_are_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON permit_loads
    FOR EACH STATEMENT EXECUTE FUNCTION permit_loads_are_kept();
"""


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute("DROP TABLE permit_loads; DROP FUNCTION permit_loads_are_kept();")
