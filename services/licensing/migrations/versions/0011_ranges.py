"""The range of inspection equipment is a measured value as a text, like every other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from services.earlier import told
from shared.runtime.migrations import rewrite

if TYPE_CHECKING:
    from collections.abc import Mapping

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    rewrite("cases", "id", "data", _with_ranges)


def downgrade() -> None:
    """The release before reads the parts of a measured value only."""


def _with_ranges(data: Mapping[str, Any]) -> dict[str, Any]:
    equipment = data["form"].get("inspection_equipment")
    if not isinstance(equipment, list):
        return {**data}
    made = [{**one, "range": told(one["range"])} if "range" in one else one for one in equipment]
    return {**data, "form": {**data["form"], "inspection_equipment": made}}
