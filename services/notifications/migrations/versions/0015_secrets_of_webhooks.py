"""Secrets of webhooks are written as Standard Webhooks has them. The key stays: it was the text of the secret."""

from __future__ import annotations

from alembic import op

revision = "0015"
down_revision = "0014"

_ENCODED = "'whsec_' || replace(encode(convert_to({0}, 'UTF8'), 'base64'), E'\\n', '')"
_DECODED = "convert_from(decode(substr({0}, 7), 'base64'), 'UTF8')"


def upgrade() -> None:
    _rewrite(_ENCODED)


def downgrade() -> None:
    _rewrite(_DECODED)


def _rewrite(text: str) -> None:
    columns = ", ".join(f"{name} = {text.format(name)}" for name in ("secret", "old_secret"))
    op.execute(f"UPDATE webhooks SET {columns}")
