"""The rules of the law that clocks use."""

from __future__ import annotations

from alembic import op

revision = "0007"
down_revision = "0006"

UP = """
CREATE TABLE law_in_use (
    rules text NOT NULL,
    kind text NOT NULL,
    key text NOT NULL,
    "on" date NOT NULL,
    PRIMARY KEY (rules, kind, key, "on")
);
INSERT INTO law_in_use
    SELECT DISTINCT cases.rules, 'limit', limit_id, started_on
    FROM clocks JOIN tracked_cases AS cases ON cases.id = clocks.case_id;
"""


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute("DROP TABLE law_in_use;")
