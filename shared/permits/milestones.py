"""Days of a case that rules and limits count from. Pure."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from shared.casework.cases import Case


def arrived_on(case: Case) -> date:
    """The day on which the materials now examined arrived: with the application, or with its supplement."""
    return date.fromisoformat(case.data.get("supplemented_on", case.data["received_on"]))


def accepted_on(case: Case) -> date:
    """The day of acceptance, which selects the procedure's rules; a deemed one is dated back to the receipt."""
    accepted = case.data.get("accepted")
    return date.fromisoformat(accepted["on"]) if accepted else arrived_on(case)


def is_deemed_accepted(case: Case) -> bool:
    accepted = case.data.get("accepted")
    return bool(accepted and accepted["deemed"])
