"""What each action on the certificate does. Functions of a step; they open and commit nothing."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from services.type_approval.queries import REGISTER
from services.type_approval.registers import steps
from shared.problems import Violation
from shared.text import Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shared.casework import Step


def may_assess_change(step: Step) -> Sequence[Violation]:
    """Who says it is a metrologist registered for this kind of instrument."""
    return steps.not_entitled(step, step.today, "signatory")


def may_abolish(step: Step) -> Sequence[Violation]:
    """The national authority's act is in force, and not older than the certificate."""
    granted, on = date.fromisoformat(REGISTER.content(step)["granted_on"]), step.body["on"]
    if granted <= on <= step.today:
        return []
    reason = Text(
        f"{granted}批准，废除日期应在该日至今天（{step.today}）之间",
        f"granted on {granted}, the type can have been abolished from then until today, {step.today}",
    )
    return [Violation("on", "outside_period", reason)]
