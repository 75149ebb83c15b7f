"""Ways back: a transition that takes back what was done by mistake, or puts the right thing in its place.

A way back needs a reason, tells an event of its own, and leaves the slip readable in the journal. What it does to
clocks is data of the law (see shared.law.Undoing).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from shared.casework.procedure import Effect, Step, Transition
from shared.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from shared.casework.facts import Fact
    from shared.casework.procedure import Guard, Rule

OWN_ACT = Text(
    "申请人自己的最终行为：可重新申请，已撤回的申请不再恢复",
    "The applicant's own last act: they may apply again; what they withdrew is not taken up again",
)


def gone(*facts: Fact[Any]) -> Callable[[Step], Effect]:
    """The effect of a way back after which the case no longer has these facts; its event tells the reason."""
    return lambda step: Effect(data={fact.name: None for fact in facts}, event={"reason": step.reason})


def way_back(
    action: str,
    moves: Iterable[tuple[str, str]],
    name: Text,
    *,
    emits: str,
    when: Rule[bool] | None = None,
    guard: Guard | None = None,
    **row: Any,
) -> list[Transition]:
    """The rows of a way back for each of `moves`, from one state to another."""
    told: dict[str, Any] = {"needs_reason": True, **row}
    return [
        Transition(action=action, source=source, target=target, name=name, emits=emits, when=when, guard=guard, **told)
        for source, target in moves
    ]
