"""Maximum permissible errors 最大允许误差 and the verdict on an error; a Recommendation's tables live in its engine."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shared.metrology.quantity import Quantity


@dataclass(frozen=True, slots=True)
class Mpe:
    """The errors from `lower` to `upper`, both permitted; they need not be symmetric. `rule_id` names table and row."""

    lower: Quantity
    upper: Quantity
    rule_id: str

    def __str__(self) -> str:
        if self.lower == -self.upper:
            return f"±{self.upper}"
        return f"{self.lower} … +{self.upper}"


class Verdict(StrEnum):
    PASS = "pass"  # noqa: S105 - a test result
    FAIL = "fail"
    INDETERMINATE = "indeterminate"


def judge(error: Quantity, mpe: Mpe, expanded_uncertainty: Quantity | None = None) -> Verdict:
    """Compare the unrounded error with its limits.

    `expanded_uncertainty` is U at k = 2. Above a third of the permissible error (of half the width, where limits are
    asymmetric) it leaves the verdict open (JJF 1094, OIML G 19).
    """
    if expanded_uncertainty is not None and expanded_uncertainty * 6 > mpe.upper - mpe.lower:
        return Verdict.INDETERMINATE
    return Verdict.PASS if mpe.lower <= error <= mpe.upper else Verdict.FAIL


class Engine(Protocol):
    """The tables of one Recommendation. Values come as they are recorded: decimal strings with a unit."""

    @property
    def name(self) -> str: ...

    @property
    def edition(self) -> str: ...

    def mpe(
        self, accuracy_class: str, params: Mapping[str, str], point: Mapping[str, str], *, in_service: bool = False
    ) -> Mpe:
        """The limits at one test point; raises a ValueError naming what is missing or out of range."""
        ...
