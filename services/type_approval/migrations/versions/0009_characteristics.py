"""Instruments are stated by their characteristics, in forms and certificates."""

from __future__ import annotations

from services.earlier import with_new_lines
from shared.runtime.migrations import rewrite

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    rewrite("cases", "id", "data", lambda data: {**data, "form": with_new_lines(data["form"])})
    rewrite("certificates", "number", "content", with_new_lines)


def downgrade() -> None:
    """The release before reads only its own shape of lines, which other kinds of instruments cannot be told in."""
