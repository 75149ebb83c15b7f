"""What a certificate states of every point: error, limits and conformity, as they are computed of a record."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from shared.metrology.dcc.codec import NAN, word
from shared.metrology.limits import Verdict
from shared.metrology.quantity import Quantity, plain

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from shared.metrology.judgements import Judged, Outcome

DIGITS = 6
"""Significant digits of a decimal that does not end; the exact one is computed again from the record."""
CONFORMITY: Mapping[Verdict, str] = {Verdict.PASS: "pass", Verdict.FAIL: "fail"}
_DOUBT_INSIDE, _DOUBT_OUTSIDE = "noPass", "noFail"
DECLARATION = (
    "误差等于限值为符合；不确定度过大而不能判定的，在限值内为 noPass，在限值外为 noFail。",
    "An error equal to its limit conforms. Too uncertain to decide: noPass inside the limits, noFail outside.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stated:
    """The points of one unit: errors with their limits and a word each; without a unit, what was observed."""

    unit: str
    errors: tuple[str, ...]
    lower: tuple[str, ...]
    upper: tuple[str, ...]
    words: tuple[str, ...]
    rules: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.words)


def stated(outcome: Outcome) -> list[Stated]:
    """All that is stated of a record; errors of one dimension are told in the unit of the first."""
    parted: dict[str, list[Judged]] = {}
    for one in outcome.points:
        parted.setdefault(one.error.dimension if one.error else "", []).append(one)
    return [_observed(some) if not dimension else _measured(some) for dimension, some in parted.items()]


def _observed(points: Sequence[Judged]) -> Stated:
    notes = tuple(word(one.note and one.note.en) for one in points)
    words = tuple(_word(one) for one in points)
    return Stated(unit="", errors=notes, lower=(), upper=(), words=words, rules=())


def _measured(points: Sequence[Judged]) -> Stated:
    unit = next(one.error.unit for one in points if one.error)
    limits = [one.limit for one in points]
    return Stated(
        unit=unit,
        errors=tuple(token(one.error, unit) for one in points),
        lower=tuple(token(one.lower if one else None, unit) for one in limits),
        upper=tuple(token(one.upper if one else None, unit) for one in limits),
        words=tuple(_word(one) for one in points),
        rules=tuple(dict.fromkeys(one.rule_id for one in limits if one)),
    )


def token(value: Quantity | None, unit: str) -> str:
    if value is None:
        return NAN
    found = value.to(unit)
    return plain((found if found.ends else found.significant(DIGITS)).value)


def _word(point: Judged) -> str:
    if point.verdict in CONFORMITY:
        return CONFORMITY[point.verdict]
    inside = point.error and point.limit and point.limit.lower <= point.error <= point.limit.upper
    return _DOUBT_INSIDE if inside else _DOUBT_OUTSIDE
