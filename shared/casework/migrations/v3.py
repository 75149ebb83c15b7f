"""The rules of the law that cases use."""

from __future__ import annotations

from alembic import op

UP = """
CREATE TABLE law_in_use (
    rules text NOT NULL,
    kind text NOT NULL,
    key text NOT NULL,
    "on" date NOT NULL,
    PRIMARY KEY (rules, kind, key, "on")
);
INSERT INTO law_in_use
    SELECT DISTINCT rules, 'regime', procedure, (updated_at AT TIME ZONE 'Asia/Shanghai')::date
    FROM cases WHERE rules IS NOT NULL;
"""


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute("DROP TABLE law_in_use;")
