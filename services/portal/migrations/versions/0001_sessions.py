"""Sessions, and what is kept for a while."""

from __future__ import annotations

from alembic import op

revision = "0001"
down_revision = None

UP = """
CREATE TABLE sessions (
    id bytea PRIMARY KEY,
    subject text NOT NULL,
    content bytea NOT NULL,
    created_at timestamptz NOT NULL,
    seen_at timestamptz NOT NULL,
    delete_at timestamptz NOT NULL
);
CREATE INDEX ix_sessions_delete_at ON sessions (delete_at);
CREATE TABLE kept (
    id bytea PRIMARY KEY,
    content bytea NOT NULL,
    delete_at timestamptz NOT NULL
);
CREATE INDEX ix_kept_delete_at ON kept (delete_at);
"""


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute("DROP TABLE sessions, kept")
