"""Leaves, nodes and checkpoints of a log."""

from __future__ import annotations

from alembic import op

UP = """
CREATE TABLE log_leaves (
    place bigint PRIMARY KEY,
    name text NOT NULL,
    hash bytea NOT NULL,
    CONSTRAINT log_leaves_once UNIQUE (name)
);
CREATE TABLE log_nodes (
    level smallint NOT NULL,
    place bigint NOT NULL,
    hash bytea NOT NULL,
    PRIMARY KEY (level, place)
);
CREATE TABLE checkpoints (
    size bigint PRIMARY KEY,
    note text NOT NULL,
    made_at timestamptz NOT NULL
);
CREATE FUNCTION log_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the log is append-only';
END $$;
CREATE TRIGGER log_leaves_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON log_leaves
    FOR EACH STATEMENT EXECUTE FUNCTION log_is_append_only();
CREATE TRIGGER log_nodes_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON log_nodes
    FOR EACH STATEMENT EXECUTE FUNCTION log_is_append_only();
CREATE TRIGGER checkpoints_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON checkpoints
    FOR EACH STATEMENT EXECUTE FUNCTION log_is_append_only();
"""


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute("DROP TABLE checkpoints, log_nodes, log_leaves; DROP FUNCTION log_is_append_only();")
