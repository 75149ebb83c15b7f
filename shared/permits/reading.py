"""What is read of the database for the rules of every permit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared.calendars import current
from shared.casework.queries import breached

if TYPE_CHECKING:
    from datetime import date

    from shared.casework.procedure import ConnectedStep
    from shared.law import WorkingCalendar

DECISION_LIMIT = "decision"
"""The limit of the law within which the authority decides."""


def working_days(step: ConnectedStep) -> WorkingCalendar:
    """The calendar that days are counted by when the step is done."""
    return current(step.tx).newest


def time_ended_on(step: ConnectedStep) -> date | None:
    """The day on which the time for the decision ended, if it did."""
    return breached(step.tx, step.case, DECISION_LIMIT)
