"""Non-automatic weighing instruments 非自动衡器: OIML R 76-1:2006, Tables 3 and 6, and the error of an indication."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, TypeVar

from shared.metrology.limits import Mpe
from shared.metrology.quantity import Quantity, plain

if TYPE_CHECKING:
    from collections.abc import Mapping
    from fractions import Fraction

_IN_SERVICE = 2
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
    """A limit of Table 3 that an instrument does not keep."""

    rule_id: str
    zh: str
    en: str


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
    accuracy_class: str, e: Quantity, maximum: Quantity, minimum: Quantity | None = None
) -> tuple[Violation, ...]:
    """Table 3: whether e, n = Max/e and Min suit the class; empty if they do. Raises R76Error as `mpe` does."""
    n = _intervals(e, maximum, "Max")
    rows = _of_class(_tables().table3, accuracy_class)
    found: list[Violation] = []

    def violated(zh: str, en: str) -> None:
        found.append(Violation(f"R76-1 T3 {accuracy_class}", zh, en))

    if e.value.normalize().as_tuple().digits not in {(1,), (2,), (5,)}:
        violated(
            f"检定分度值 e = {e} 应为 1、2 或 5 乘以 10 的整数次幂", f"e = {e} must be 1, 2 or 5 times a power of ten"
        )
    row = next((row for row in rows if row.holds(e)), None)
    if row is None:
        violated(f"{accuracy_class} 级不允许 e = {e}", f"class {accuracy_class} does not allow e = {e}")
        return tuple(found)
    if n < row.n_min or (row.n_max is not None and n > row.n_max):
        span = f"{row.n_min} … {row.n_max or '∞'}"
        violated(f"检定分度数 n = {_number(n)}，应在 {span} 之间", f"n = Max/e = {_number(n)} must lie in {span}")
    if minimum is not None and minimum < e * row.min_intervals:
        least = e * row.min_intervals
        violated(
            f"最小秤量 {minimum} 小于 {least}", f"Min = {minimum} must be at least {row.min_intervals} e = {least}"
        )
    return tuple(found)


def digital_error(indication: Quantity, e: Quantity, added: Quantity, load: Quantity) -> Quantity:
    """E = I + e/2 - ΔL - L: the error before rounding; `added` weights ΔL make the indication change (A.4.4.3)."""
    return indication + e * Decimal("0.5") - added - load


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
