"""What each action on the certificate does. Functions of a step; they open and commit nothing."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from services.type_approval.certificate import rules
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


def may_assess_change_by_office(step: Step) -> Sequence[Violation]:
    """There is no laboratory that evaluated the type, or it is authorised no more."""
    if not steps.has_laboratory(step):
        return []
    reason = Text(
        "评价该型式的技术机构授权有效：由其评定", "the laboratory that evaluated the type is authorised: it says so"
    )
    return [Violation("lab", "laboratory_assesses", reason)]


def may_abolish(step: Step) -> Sequence[Violation]:
    """The national authority's act is in force, and not older than the certificate."""
    return rules.outside_its_life(step, date.fromisoformat(REGISTER.content(step)["granted_on"]))
