"""What stands in the way of the decision. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared.permits.facts import DECISION

if TYPE_CHECKING:
    from shared.casework import Case


def was_renewed(case: Case) -> bool:
    """Whether what was decided on this application is a renewal."""
    return "renews" in case.form and _was_granted(case)


def was_amended(case: Case) -> bool:
    """Whether it is an amendment."""
    return "amends" in case.form and _was_granted(case)


def _was_granted(case: Case) -> bool:
    return case[DECISION].outcome != "refused"
