"""Instruments are stated by their characteristics, in forms, licences and what is known of type approvals."""

from __future__ import annotations

from functools import partial

from services.earlier import converted, with_new_lines
from shared.runtime.migrations import rewrite

revision = "0010"
down_revision = "0009"

_FORM = partial(with_new_lines, category="non_automatic_scale")


def upgrade() -> None:
    rewrite("cases", "id", "data", lambda data: {**data, "form": _FORM(data["form"])})
    rewrite("licences", "number", "content", with_new_lines)
    rewrite("type_approvals", "case_id", "lines", lambda lines: [converted(line) for line in lines])


def downgrade() -> None:
    """The release before reads only its own shape of lines, which other kinds of instruments cannot be told in."""
