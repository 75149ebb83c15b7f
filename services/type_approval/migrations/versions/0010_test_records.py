"""Test records have one form for all families of instruments."""

from __future__ import annotations

from services.type_approval.earlier import with_new_records
from shared.runtime.migrations import rewrite

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    rewrite("cases", "id", "data", with_new_records)


def downgrade() -> None:
    """The release before reads only its own shape of records, which other kinds of instruments cannot be told in."""
