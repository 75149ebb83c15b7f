"""What stands in the way of the decision. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services.licensing.intake.rules import not_needed
from shared.permits.facts import DECISION
from shared.permits.needed import nothing_to_decide

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shared.casework import Case, Step
    from shared.problems import Violation


def may_refuse(step: Step) -> Sequence[Violation]:
    """There still is such a licence."""
    return nothing_to_decide(not_needed(step), "kind")


def was_renewed(case: Case) -> bool:
    """Whether what was decided on this application is a renewal."""
    return "renews" in case.form and _was_granted(case)


def was_amended(case: Case) -> bool:
    """Whether it is an amendment."""
    return "amends" in case.form and _was_granted(case)


def _was_granted(case: Case) -> bool:
    return case[DECISION].outcome != "refused"
