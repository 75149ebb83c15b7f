"""What each action on the certificate does. Functions of a step; they open and commit nothing."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from services.type_approval.certificate import rules
from services.type_approval.queries import REGISTER
from services.type_approval.registers import steps
from shared.casework import Informed
from shared.problems import Violation
from shared.text import Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shared.casework import Step


def _laboratory_assesses(_step: Step, has_laboratory: bool) -> Sequence[Violation]:
    if not has_laboratory:
        return []
    reason = Text(
        "评价该型式的技术机构授权有效：由其评定", "the laboratory that evaluated the type is authorised: it says so"
    )
    return [Violation("lab", "laboratory_assesses", reason)]


MAY_ASSESS_CHANGE_BY_OFFICE = Informed(steps.has_laboratory, _laboratory_assesses)
"""There is no laboratory that evaluated the type, or it is authorised no more."""
MAY_ABOLISH = Informed(
    REGISTER.content, lambda step, content: rules.outside_its_life(step, date.fromisoformat(content["granted_on"]))
)
"""The national authority's act is in force, and not older than the certificate."""
