"""Secrets of webhooks are written as Standard Webhooks has them. The key stays: it was the text of the secret."""

from __future__ import annotations

from alembic import op

revision = "0015"
down_revision = "0014"

UP = """
UPDATE webhooks SET {0} = 'whsec_' || replace(encode(convert_to({0}, 'UTF8'), 'base64'), E'\\n', '');
"""
# Only keys that were such a text can be one again.
DOWN = """
UPDATE webhooks SET {0} = convert_from(decode(substr({0}, 7), 'base64'), 'UTF8') WHERE {0} LIKE 'whsec\\_d2hzZWNf%';
"""


def upgrade() -> None:
    _rewrite(UP)


def downgrade() -> None:
    _rewrite(DOWN)


def _rewrite(statement: str) -> None:
    for name in ("secret", "old_secret"):
        op.execute(statement.format(name))
