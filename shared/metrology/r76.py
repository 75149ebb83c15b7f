"""Non-automatic weighing instruments 非自动衡器: OIML R 76-1:2006, Tables 3 and 6, and the error of an indication."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, TypeVar

from shared.metrology.limits import Mpe
from shared.metrology.quantity import Quantity, plain

if TYPE_CHECKING:
    from collections.abc import Mapping
    from fractions import Fraction

CLASSES = ("I", "II", "III", "IIII")
_IN_SERVICE = 2
_DIRECT = 5
"""With d at most e divided by this, rounding no longer matters and the display is read as it is."""
T = TypeVar("T")


class R76Error(ValueError):
    """A class, interval or load to which the Recommendation gives no limit."""


@dataclass(frozen=True, slots=True)
class _Step:
    """One row of Table 6, for `above` < m <= `upto`."""

    mpe: Decimal
    above: int | None
    upto: int | None

    @property
    def label(self) -> str:
        lower = "0<=m" if self.above is None else f"{self.above}e<m"
        return lower if self.upto is None else f"{lower}<={self.upto}e"


@dataclass(frozen=True, slots=True)
class _ClassRow:
    """One row of Table 3."""

    e_from: Quantity
    e_to: Quantity | None
    n_min: int
    n_max: int | None
    min_intervals: int

    def holds(self, e: Quantity) -> bool:
        return self.e_from <= e and (self.e_to is None or e <= self.e_to)


@dataclass(frozen=True, slots=True)
class _Tables:
    edition: str
    table6: Mapping[str, tuple[_Step, ...]]
    table3: Mapping[str, tuple[_ClassRow, ...]]


@dataclass(frozen=True, slots=True)
class Violation:
    """A characteristic that no instrument of the class can have. `field` is accuracy_class, e, max or min."""

    field: str
    rule_id: str
    zh: str
    en: str


class Reading(StrEnum):
    """How an indication was read: as displayed, or at the load where it changes to the next step."""

    DIRECT = "direct"
    CHANGEOVER = "changeover"


def mpe(accuracy_class: str, e: Quantity, load: Quantity, *, in_service: bool = False) -> Mpe:
    """Table 6 at `load`, in the unit of `e`, the verification scale interval 检定分度值; in service twice as much.

    Raises R76Error for an unknown class, an `e` that is not positive, and a load below zero or beyond the table.
    """
    m = _intervals(e, load, "load")
    for step in _of_class(_tables().table6, accuracy_class):
        if step.upto is None or m <= step.upto:
            limit = e * step.mpe * (_IN_SERVICE if in_service else 1)
            suffix = " in service" if in_service else ""
            return Mpe(-limit, limit, f"R76-1 T6 {accuracy_class} {step.label}{suffix}")
    raise R76Error(
        f"load {load} is {_number(m)} e; class {accuracy_class} ends at {step.upto} e: check e, class and load"
    )


def check_class(
    accuracy_class: str | None, e: Quantity | None, maximum: Quantity | None, minimum: Quantity | None = None
) -> tuple[Violation, ...]:
    """Table 3: whether class, e, Max, n = Max/e and Min are those of an instrument that can be; empty if they are.

    What is not known is not judged. Raises nothing.
    """
    found: list[Violation] = []

    def violated(field: str, zh: str, en: str) -> None:
        found.append(Violation(field, " ".join(("R76-1 T3", accuracy_class or "")).rstrip(), zh, en))

    table = _tables().table3
    if accuracy_class is not None and accuracy_class not in table:
        classes = ", ".join(table)
        violated(
            "accuracy_class", f"准确度等级应为 {classes} 之一", f"accuracy class {accuracy_class!r}: use {classes}"
        )
    for field, zh, symbol, value in (
        ("e", "检定分度值", "e", e),
        ("max", "最大秤量", "Max", maximum),
        ("min", "最小秤量", "Min", minimum),
    ):
        if value is not None and (value.dimension != "mass" or value.value <= 0):
            violated(field, f"{zh} {symbol} = {value}，应为大于零的质量", f"{symbol} = {value}: give a mass above zero")
    if e is not None and not found and not _is_step(e):
        violated("e", f"检定分度值 e = {e} 应为 1、2 或 5 乘以 10 的整数次幂", f"e = {e} must be 1, 2 or 5 × 10^k")
    if found or e is None or accuracy_class is None:
        return tuple(found)
    row = next((row for row in table[accuracy_class] if row.holds(e)), None)
    if row is None:
        violated("e", f"{accuracy_class} 级不允许 e = {e}", f"class {accuracy_class} does not allow e = {e}")
        return tuple(found)
    n = maximum.ratio(e) if maximum is not None else None
    if n is not None and (n < row.n_min or (row.n_max is not None and n > row.n_max)):
        span = f"{row.n_min} … {row.n_max or '∞'}"
        violated(
            "max", f"检定分度数 n = {_number(n)}，应在 {span} 之间", f"n = Max/e = {_number(n)} must lie in {span}"
        )
    if minimum is not None and minimum < e * row.min_intervals:
        least = e * row.min_intervals
        violated(
            "min",
            f"最小秤量 {minimum} 小于 {least}",
            f"Min = {minimum} must be at least {row.min_intervals} e = {least}",
        )
    return tuple(found)


def check_reading(reading: Reading, e: Quantity, d: Quantity) -> str:
    """Why an instrument with the scale interval `d` cannot be read so; empty if it can.

    The display may be read directly with d <= e/5 (A.4.4.3); a coarser one hides more than the limits allow.
    """
    if d.dimension != "mass" or d.value <= 0 or not _is_step(d):
        return f"d = {d}: give a mass of 1, 2 or 5 × 10^k"
    if d > e:
        return f"d = {d} is greater than e = {e}: the scale interval d is at most e"
    if reading is Reading.DIRECT and d * _DIRECT > e:
        return (
            f"d = {d} is more than e/{_DIRECT} with e = {e}: find the change-over points with additional weights, or"
            " read in a mode with a smaller d"
        )
    return ""


def error_of_indication(
    indication: Quantity, load: Quantity, reading: Reading, *, d: Quantity, added: Quantity | None = None
) -> Quantity:
    """The error before rounding (A.4.4.3): E = I - L as displayed, E = I + d/2 - ΔL - L at the change-over.

    `d` is the interval in which the indication changes, e where there is no other; `added` are the weights ΔL that
    bring the next change-over about.
    """
    if reading is Reading.DIRECT:
        return indication - load
    if added is None:
        raise R76Error("at the change-over the additional weights ΔL belong to the point: give `added`")
    return indication + d * Decimal("0.5") - added - load


def corrected_error(error: Quantity, error_at_zero: Quantity) -> Quantity:
    """Ec = E - E0."""
    return error - error_at_zero


class R76:
    """R 76 as an engine: `params` needs e, `point` needs load."""

    name = "r76"

    @property
    def edition(self) -> str:
        return _tables().edition

    def mpe(
        self, accuracy_class: str, params: Mapping[str, str], point: Mapping[str, str], *, in_service: bool = False
    ) -> Mpe:
        try:
            e, load = params["e"], point["load"]
        except KeyError as missing:
            raise R76Error(f"r76: {missing} is missing; give e in params and load in point, as 5 g") from None
        return mpe(accuracy_class, Quantity.parse(e), Quantity.parse(load), in_service=in_service)


def _intervals(e: Quantity, load: Quantity, what: str) -> Fraction:
    if e.dimension != "mass" or e.value <= 0:
        raise R76Error(f"e = {e}: give a mass above zero, as 5 g")
    m = load.ratio(e)
    if m < 0:
        raise R76Error(f"{what} {load} is below zero; give a mass of zero or more")
    return m


def _is_step(interval: Quantity) -> bool:
    """Whether it is 1, 2 or 5 × 10^k."""
    return interval.value.normalize().as_tuple().digits in {(1,), (2,), (5,)}


def _of_class(table: Mapping[str, T], accuracy_class: str) -> T:
    if accuracy_class not in table:
        raise R76Error(f"accuracy class {accuracy_class!r}: use one of {', '.join(table)}")
    return table[accuracy_class]


def _number(m: Fraction) -> str:
    return plain(Decimal(m.numerator) / Decimal(m.denominator))


@cache
def _tables() -> _Tables:
    data = tomllib.loads((files("shared.metrology") / "r76.toml").read_text(encoding="utf-8"))
    return _Tables(
        edition=data["edition"],
        table6={name: tuple(_steps(rows)) for name, rows in data["table6"].items()},
        table3={name: tuple(_class_row(row) for row in rows) for name, rows in data["table3"].items()},
    )


def _steps(rows: list[dict[str, str | int]]) -> list[_Step]:
    steps: list[_Step] = []
    above: int | None = None
    for row in rows:
        upto = int(row["upto"]) if "upto" in row else None
        steps.append(_Step(Decimal(row["mpe"]), above, upto))
        above = upto
    return steps


def _class_row(row: Mapping[str, str | int]) -> _ClassRow:
    return _ClassRow(
        e_from=Quantity.parse(str(row["e_from"])),
        e_to=Quantity.parse(str(row["e_to"])) if "e_to" in row else None,
        n_min=int(row["n_min"]),
        n_max=int(row["n_max"]) if "n_max" in row else None,
        min_intervals=int(row["min"]),
    )
