"""Permits that were granted before this system: entered from the office's historic register 台账, and taken back.

Such a permit lives in a case like any other. The case begins with its entry, in the state that the register tells.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from marshmallow import fields

from shared.casework.procedure import Effect, Name, Transition
from shared.casework.undoing import way_back
from shared.schemas import Answer

if TYPE_CHECKING:
    from collections.abc import Iterable

    from shared.casework.cases import Case
    from shared.casework.procedure import Step

ENTER = "enter_from_register"
"""What journals call the entry; it is no action on a case, since there is none before it."""
ENTERED = Name("历史台账录入", "Entered from the historic register")
TAKEN_BACK = "entry_taken_back"
STATES = {TAKEN_BACK: Name("录入已撤销", "the entry was taken back")}


class Entered(Answer):
    """历史台账录入。 From which register the permit was entered."""

    source = fields.String(
        required=True, metadata={"description": "台账名称 name of the register", "example": "2005—2012年型式批准台账"}
    )
    line = fields.Integer(required=True, metadata={"description": "行号 its line in the file", "example": 2})
    file = fields.String(required=True, metadata={"description": "文件摘要 SHA-256 of the file", "example": "9f86d0…"})
    on = fields.Date(required=True, metadata={"description": "录入日期 day of the entry", "example": "2013-09-17"})
    batch = fields.String(
        required=True,
        metadata={"description": "导入批次 the import", "example": "0197a1b2-0000-7000-8000-000000000001"},
    )
    ended = fields.Boolean(
        required=True, metadata={"description": "录入时已失效 whether it had ended before", "example": False}
    )


def was_entered(case: Case) -> bool:
    return "entered" in case.data


def ended_before(case: Case) -> bool:
    """Whether the permit had ended before it was entered: nobody here revokes that end."""
    return was_entered(case) and bool(case.data["entered"]["ended"])


def untouched(case: Case) -> bool:
    """Whether the permit was entered, and nothing was done to it since."""
    return was_entered(case) and case.version == 1


def transitions(permit: str, states: Iterable[str]) -> list[Transition]:
    """The way back from an entry, in any of the states in which a `permit` is entered."""

    def take_back(step: Step) -> Effect:
        return Effect(event={permit: step.case.data[permit], "reason": step.reason})

    return way_back(
        "take_entry_back",
        [(state, TAKEN_BACK) for state in states],
        Name("撤销录入", "Take the entry back"),
        emits=f"{permit}.entry_taken_back",
        by="staff:section_head",
        applies=untouched,
        effect=take_back,
        stands=Name("可再次导入", "It can be entered again"),
    )
