"""The signed list of what has ended."""

from __future__ import annotations

from alembic import op

UP = """
CREATE TABLE status_lists (
    id integer PRIMARY KEY,
    content text NOT NULL,
    jws text NOT NULL,
    made_at timestamptz NOT NULL
);
"""


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute("DROP TABLE status_lists")
