"""Measured values: an exact decimal and a legal unit, 法定计量单位. Unit codes are those of UCUM."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Context, Decimal, Inexact, InvalidOperation
from fractions import Fraction
from functools import total_ordering

# Units of one dimension differ by a power of ten only, so that every conversion is exact.
_UNITS: dict[str, tuple[str, int]] = {
    "mg": ("mass", -3),
    "g": ("mass", 0),
    "kg": ("mass", 3),
    "t": ("mass", 6),
    "mL": ("volume", -3),
    "L": ("volume", 0),
    "m3": ("volume", 3),
    "m3/h": ("volume flow", 0),
    "kW.h": ("energy", 0),
    "%": ("ratio", 0),
    "km/h": ("speed", 0),
    "kPa": ("pressure", 0),
    "MPa": ("pressure", 3),
    "Cel": ("temperature", 0),
    "V": ("voltage", 0),
    "A": ("current", 0),
}
_ALIASES = {"公斤": "kg"}
_NOT_LEGAL = frozenset(
    {"斤", "市斤", "两", "市两", "钱", "担", "尺", "寸", "亩", "lb", "oz", "gal", "ft", "in", "psi", "mmHg"}
)
_TEXT = re.compile(r"([+-]?[0-9]{1,24}(?:\.[0-9]{1,24})?)\s*(\S+)")

# Any rounding raises instead of passing unseen; 24 + 24 digits leave room for sums and small factors.
_EXACT = Context(prec=100, traps=[Inexact, InvalidOperation])


class QuantityError(ValueError):
    """A value or unit that cannot be read, or units that do not go together."""


@total_ordering
@dataclass(frozen=True, slots=True, eq=False)
class Quantity:
    """1 kg equals 1000 g; ordering and sums of different dimensions raise QuantityError. Results keep the left unit."""

    value: Decimal
    unit: str

    def __post_init__(self) -> None:
        if self.unit not in _UNITS:
            raise QuantityError(_refusal(self.unit))
        if not self.value.is_finite():
            raise QuantityError(f"value {self.value}: give a finite decimal number")

    @classmethod
    def parse(cls, text: str) -> Quantity:
        """Read "2.505kg" or "5 g"; 公斤 is read as kg. No exponents, no thousands separators."""
        match = _TEXT.fullmatch(text.strip())
        if match is None:
            raise QuantityError(f"quantity {text!r}: write a decimal number and a unit, as 2.505 kg")
        return cls(Decimal(match[1]), _ALIASES.get(match[2], match[2]))

    def to(self, unit: str) -> Quantity:
        """The same quantity in another unit of its dimension, exactly."""
        target = Quantity(Decimal(0), unit)
        self._agree(target)
        return Quantity(_shift(self.value, _UNITS[self.unit][1] - _UNITS[unit][1]), unit)

    def ratio(self, other: Quantity) -> Fraction:
        """How many times `other` goes into it, exactly; raises QuantityError if `other` is zero."""
        self._agree(other)
        if not other.value:
            raise QuantityError(f"cannot divide {self} by {other}; give a value other than zero")
        return Fraction(self._base) / Fraction(other._base)

    def __add__(self, other: Quantity) -> Quantity:
        return Quantity(_EXACT.add(self.value, other.to(self.unit).value), self.unit)

    def __sub__(self, other: Quantity) -> Quantity:
        return self + -other

    def __mul__(self, factor: Decimal | int) -> Quantity:
        return Quantity(_EXACT.multiply(self.value, Decimal(factor)), self.unit)

    def __neg__(self) -> Quantity:
        return Quantity(self.value.copy_negate(), self.unit)

    def __abs__(self) -> Quantity:
        return Quantity(self.value.copy_abs(), self.unit)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Quantity):
            return NotImplemented
        return self.dimension == other.dimension and self._base == other._base

    def __lt__(self, other: Quantity) -> bool:
        self._agree(other)
        return self._base < other._base

    def __hash__(self) -> int:
        return hash((self.dimension, self._base))

    def __str__(self) -> str:
        return f"{plain(self.value)} {self.unit}"

    @property
    def dimension(self) -> str:
        return _UNITS[self.unit][0]

    @property
    def _base(self) -> Decimal:
        return _shift(self.value, _UNITS[self.unit][1])

    def _agree(self, other: Quantity) -> None:
        if self.dimension != other.dimension:
            raise QuantityError(
                f"{self.unit} measures {self.dimension}, {other.unit} {other.dimension}; use like units"
            )


def plain(value: Decimal) -> str:
    """Digits without exponent and without trailing zeros: 5, 0.05, 2000."""
    text = format(value, "f")
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in ("-0", "") else text


def _shift(value: Decimal, places: int) -> Decimal:
    sign, digits, exponent = value.as_tuple()
    return Decimal((sign, digits, int(exponent) + places))


def _refusal(unit: str) -> str:
    accepted = " ".join(_UNITS)
    if unit in _NOT_LEGAL:
        return (
            f"unit {unit!r} is not a legal unit of measurement 非法定计量单位 (Metrology Law 计量法 Art. 3); "
            f"convert to one of: {accepted}"
        )
    return f"unit {unit!r} is not known 未知计量单位; use a legal unit (Metrology Law 计量法 Art. 3): {accepted}"
