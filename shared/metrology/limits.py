"""Maximum permissible errors 最大允许误差 and the verdict on an error. Where limits come from, `rules` says."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import TYPE_CHECKING

from shared.problems import ToldError
from shared.text import Text

if TYPE_CHECKING:
    from shared.metrology.quantity import Quantity


class FamilyError(ToldError):
    """A class, value or load for which a Recommendation gives no limit, or a name that no family has."""


@dataclass(frozen=True, slots=True)
class Mpe:
    """The errors from `lower` to `upper`, both permitted; they need not be symmetric.

    `rule_id` names table and row, `edition` the text they are of; `verified` is False for what was only recalled.
    """

    lower: Quantity
    upper: Quantity
    rule_id: str
    edition: str = ""
    source: str = ""
    verified: bool = True

    def __str__(self) -> str:
        return self.told(exact=True)

    def told(self, *, exact: bool = False) -> str:
        """±2 %, or +1 % … -4 %; for people, decimals that do not end are rounded to six significant digits."""
        write = str if exact else _shown
        if self.lower == -self.upper:
            return f"±{write(self.upper)}"
        upper, lower = (f"{'+' if end.value > 0 else ''}{write(end)}" for end in (self.upper, self.lower))
        return f"{upper} … {lower}"

    @property
    def half_width(self) -> Quantity:
        return (self.upper - self.lower) * Fraction(1, 2)


class Verdict(StrEnum):
    """The first two speak of the instrument. The last two are of a whole item, each with its reason."""

    PASS = "pass"  # noqa: S105 - a test result
    FAIL = "fail"
    INDETERMINATE = "indeterminate"
    NOT_APPLICABLE = "not-applicable"
    NOT_DONE = "not-done"

    @property
    def said(self) -> Text:
        """What reports call it."""
        return Text(_IN_CHINESE[self], str(self))


_IN_CHINESE = {
    Verdict.PASS: "合格",
    Verdict.FAIL: "不合格",
    Verdict.INDETERMINATE: "不能判定",
    Verdict.NOT_APPLICABLE: "不适用",
    Verdict.NOT_DONE: "未完成",
}


class Uncertain(StrEnum):
    """What a programme makes of an expanded uncertainty U beside a third of the permissible error.

    UPTO: U up to a third is small enough (JJF 1094, OIML G 19). BELOW: only U smaller than a third (R 60-2, 1.2).
    REDUCED: above a third the limit is 4/3 MPE - U instead (Orden ICT/155/2020).
    """

    UPTO = "upto"
    BELOW = "below"
    REDUCED = "reduced"


def judge(
    error: Quantity, mpe: Mpe, expanded_uncertainty: Quantity | None = None, decision: Uncertain = Uncertain.UPTO
) -> Verdict:
    """Compare the error with its limits, an error equal to a limit passing.

    `expanded_uncertainty` is U at k = 2; of limits that are not symmetric half the width counts.
    """
    if expanded_uncertainty is not None:
        thrice, whole = expanded_uncertainty * 3, mpe.half_width
        if thrice > whole and decision is Uncertain.REDUCED:
            cut = expanded_uncertainty - whole * Fraction(1, 3)
            mpe = Mpe(mpe.lower + cut, mpe.upper - cut, mpe.rule_id)
            if mpe.lower > mpe.upper:
                return Verdict.INDETERMINATE
        elif thrice > whole or (thrice == whole and decision is Uncertain.BELOW):
            return Verdict.INDETERMINATE
    return Verdict.PASS if mpe.lower <= error <= mpe.upper else Verdict.FAIL


def _shown(quantity: Quantity) -> str:
    return quantity.shown()
