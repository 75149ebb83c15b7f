"""Whoever examined a case decides it neither way, however the examination ended."""

from __future__ import annotations

from alembic import op

_CHANGE = """
ALTER TABLE cases DROP CONSTRAINT cases_decider_is_not_examiner,
    ADD CONSTRAINT cases_decider_is_not_examiner CHECK (NOT ({same}));
"""
_SAME = " OR ".join(
    f"done_by ->> '{decision}' IN (done_by ->> 'review', done_by ->> 'reject_preliminarily')"
    for decision in ("grant", "refuse")
)


def upgrade() -> None:
    op.execute(_CHANGE.format(same=_SAME))


def downgrade() -> None:
    op.execute(_CHANGE.format(same="done_by ? 'grant' AND done_by ->> 'grant' = done_by ->> 'review'"))
