"""What stands in the way of steps on the certificate. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared.problems import Violation
from shared.text import Text

if TYPE_CHECKING:
    from datetime import date

    from shared.casework import Step


def outside_its_life(step: Step, granted: date) -> list[Violation]:
    """The day `on` of an act lies between the day on which the certificate was granted and today."""
    if granted <= step.body["on"] <= step.today:
        return []
    reason = Text(
        f"{granted}批准，废除日期应在该日至今天（{step.today}）之间",
        f"granted on {granted}, the type can have been abolished from then until today, {step.today}",
    )
    return [Violation("on", "outside_period", reason)]
