"""Days of a case that rules and limits count from. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared.permits.facts import ACCEPTED, RECEIVED_ON, SUPPLEMENTED_ON

if TYPE_CHECKING:
    from datetime import date

    from shared.casework.cases import Case


def arrived_on(case: Case) -> date:
    """The day on which the materials now examined arrived: with the application, or with its supplement."""
    return case.get(SUPPLEMENTED_ON) or case[RECEIVED_ON]


def accepted_on(case: Case) -> date:
    """The day of acceptance, which selects the procedure's rules; a deemed one is dated back to the receipt."""
    accepted = case.get(ACCEPTED)
    return accepted.on if accepted else arrived_on(case)


def is_deemed_accepted(case: Case) -> bool:
    accepted = case.get(ACCEPTED)
    return bool(accepted and accepted.deemed)
