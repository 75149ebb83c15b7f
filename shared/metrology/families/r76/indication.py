"""How an indication was read, and what it was before rounding (A.4.4.3)."""

from __future__ import annotations

from enum import StrEnum
from fractions import Fraction
from typing import TYPE_CHECKING

from shared.metrology.limits import FamilyError
from shared.metrology.quantity import plain
from shared.metrology.rules import amount
from shared.text import Text

if TYPE_CHECKING:
    from shared.metrology.quantity import Quantity
    from shared.metrology.rules import Values

_HALF = Fraction(1, 2)
_DIRECT = 5
"""With an interval of at most e divided by this, rounding no longer matters and the display is read as it is."""


class Reading(StrEnum):
    """How an indication was read: as displayed, or at the load where it changes to the next step."""

    DIRECT = "direct"
    CHANGEOVER = "changeover"


def check_reading(reading: Reading, e: Quantity, d: Quantity) -> Text | None:
    """Why an instrument with the scale interval `d` cannot be read so; None if it can."""
    if d.dimension != "mass" or d.value <= 0 or plain(d.value).replace(".", "").strip("0") not in {"1", "2", "5"}:
        return Text(f"d = {d}：应为1、2或5 × 10^k的质量", f"d = {d}: give a mass of 1, 2 or 5 × 10^k")
    if d > e:
        return Text(
            f"d = {d}大于e = {e}：实际分度值不大于检定分度值",
            f"d = {d} is greater than e = {e}: the scale interval d is at most e",
        )
    if reading is Reading.DIRECT and d * _DIRECT > e:
        return Text(
            f"d = {d}大于e/{_DIRECT}（e = {e}）：请用附加小砝码找闪变点，或用更小分度的显示读数",
            f"d = {d} is more than e/{_DIRECT} with e = {e}: find the change-over points with additional weights, or"
            " read in a mode with a smaller d",
        )
    return None


def before_rounding(indication: Quantity, reading: Reading, *, d: Quantity, added: Quantity | None = None) -> Quantity:
    """P, the indication as displayed, or at the change-over I + d/2 - ΔL.

    `d` is the interval in which the indication changes; `added` are the weights ΔL that bring the next change-over
    about, without which FamilyError is raised.
    """
    if reading is Reading.DIRECT:
        return indication
    if added is None:
        raise FamilyError(
            "在闪变点读数时须给出附加小砝码ΔL",
            "at the change-over the additional weights ΔL belong to the point: give `added`",
        )
    return indication + (d * _HALF - added)


def presented(values: Values) -> Quantity:
    """P of a test point. Raises FamilyError where the way of reading or ΔL does not go with the interval."""
    interval, reading = shown_interval(values), Reading(str(values["reading"]))
    if why := check_reading(reading, amount(values, "e"), interval):
        raise FamilyError(f"读数方式：{why.zh}", f"reading: {why.en}")
    added = amount(values, "added") if "added" in values else None
    if reading is Reading.DIRECT and added is not None and added.value:
        raise FamilyError(
            "直接读数没有附加小砝码：请不要填写ΔL",
            "what is read directly has no additional weights: leave out `added`",
        )
    if added is not None and (added.value < 0 or added > interval):
        raise FamilyError(
            f"ΔL {added}不在0 g … {interval}之内：一个分度之内即到下一闪变点",
            f"added {added} is outside 0 g … {interval}: the next change-over comes within one interval",
        )
    return before_rounding(amount(values, "indication"), reading, d=interval, added=added)


def shown_interval(values: Values) -> Quantity:
    """The interval in which the indication was read: that of the reading, else d, else e."""
    for name in ("shown_interval", "d"):
        if name in values:
            return amount(values, name)
    return amount(values, "e")
