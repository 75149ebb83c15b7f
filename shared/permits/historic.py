"""Permits that were granted before this system: entered from the office's historic register 台账, and taken back.

Such a permit lives in a case like any other. The case begins with its entry, in the state that the register tells.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared.casework.procedure import Effect, Transition
from shared.casework.undoing import way_back
from shared.permits.facts import ENTERED
from shared.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from shared.casework.cases import Case
    from shared.casework.facts import Fact
    from shared.casework.procedure import Step

ENTER = "enter_from_register"
"""What journals call the entry; it is not an action on a case, since there is none before it."""
TAKEN_BACK = "entry_taken_back"
STATES = {TAKEN_BACK: Text("录入已撤销", "the entry was taken back")}


def was_entered(case: Case) -> bool:
    return ENTERED in case


def ended_before(case: Case) -> bool:
    """Whether the permit had ended before it was entered: nobody here revokes that end."""
    return was_entered(case) and case[ENTERED].ended


def untouched(case: Case) -> bool:
    """Whether the permit was entered, and nothing was done to it since."""
    return was_entered(case) and case.version == 1


def transitions(permit: Fact[str], states: Iterable[str]) -> list[Transition]:
    """The way back from an entry, in any of the states in which a `permit` is entered."""

    def take_back(step: Step) -> Effect:
        return Effect(event={permit.name: step.case[permit], "reason": step.reason})

    return way_back(
        "take_entry_back",
        [(state, TAKEN_BACK) for state in states],
        Text("撤销录入", "Take the entry back"),
        emits=f"{permit.name}.entry_taken_back",
        by="staff:section_head",
        applies=untouched,
        effect=take_back,
        stands=Text("可再次导入", "It can be entered again"),
    )
