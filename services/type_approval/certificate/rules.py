"""What stands in the way of steps on the certificate. Pure."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from services.instruments import models_of
from shared.problems import Violation
from shared.text import Text, comparable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shared.casework import Step


def no_change_of_it(step: Step, content: Mapping[str, Any]) -> list[Violation]:
    """A declared change of other models than those of the certificate, or from before there was one."""
    known, found = models_of(content), []
    for index, model in enumerate(step.body["models"]):
        if comparable(model) not in known:
            told = Text(f"证书中没有型号{model}", f"the certificate does not have the model {model}")
            found.append(Violation(f"models.{index}", "another_model", told))
    if step.body["on"] < (granted := date.fromisoformat(content["granted_on"])):
        told = Text(
            f"早于批准之日（{granted}）：批准的型式即含该改动",
            f"this is before {granted}, when the type was approved: as it was approved, it has that change",
        )
        found.append(Violation("on", "before_step", told))
    return found


def outside_its_life(step: Step, granted: date) -> list[Violation]:
    """The day `on` of an act lies between the day on which the certificate was granted and today."""
    if granted <= step.body["on"] <= step.today:
        return []
    reason = Text(
        f"{granted}批准，废除日期应在该日至今天（{step.today}）之间",
        f"granted on {granted}, the type can have been abolished from then until today, {step.today}",
    )
    return [Violation("on", "outside_period", reason)]
