"""Copies of the mandates that type approval tells of."""

from __future__ import annotations

from alembic import op

UP = """
CREATE TABLE mandate_versions (
    entry uuid NOT NULL,
    number integer NOT NULL,
    holder text NOT NULL,
    agent text NOT NULL,
    since date NOT NULL,
    ended boolean NOT NULL,
    supersedes integer,
    content jsonb NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (entry, number)
);
CREATE INDEX mandate_versions_of ON mandate_versions (holder, agent);
"""


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute("DROP TABLE mandate_versions")
