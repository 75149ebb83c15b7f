"""Measured values: an exact rational number and a legal unit 法定计量单位."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING, cast

from shared.metrology import units
from shared.metrology.units import QuantityError

if TYPE_CHECKING:
    from decimal import Decimal

_TEXT = re.compile(r"([+-]?[0-9]{1,24}(?:\.[0-9]{1,24}|/[0-9]{1,24})?)\s*(\S*)")
_DIGITS = 6
"""Significant digits of a rounded value."""


@dataclass(frozen=True, slots=True, eq=False)
class Quantity:
    """1 kg equals 1000 g; ordering and sums of different dimensions raise QuantityError. Results keep the left unit.

    A value in Cel is a point on a scale: the difference of two is in K, and only K can be added to one. Two points are
    never added, multiplied or negated.
    """

    value: Fraction
    unit: str
    _known_base: Fraction | None = field(default=None, init=False, repr=False)

    def __post_init__(self) -> None:
        units.unit(self.unit)

    @classmethod
    def parse(cls, text: str, bare: str | None = None, dimension: str = "") -> Quantity:
        """Read "2.505kg", "5 g", or the fraction "100/3 kg"; 公斤 and 千克 are read as kg.

        `bare` is the unit of a number without one, where one may be left out; an unknown unit is answered with those
        of `dimension`. No exponents, no thousands separators.
        """
        return _parse(text, bare, dimension)

    def to(self, unit: str) -> Quantity:
        """The same quantity in another unit of its dimension, exactly."""
        if unit == self.unit:
            return self
        factor = units.ratio(self.unit, unit)
        if self.unit in units.POINTS or unit in units.POINTS:
            target = units.unit(unit)
            return Quantity((self.base - target.zero) / target.factor, unit)
        return Quantity(self.value * factor, unit)

    def ratio(self, other: Quantity) -> Fraction:
        """How many times `other` goes into it, exactly; raises QuantityError if `other` is zero."""
        factor = units.ratio(self.unit, other.unit)
        self._no_point("divided")
        other._no_point("divided by")
        if not other.value:
            raise QuantityError(
                f"{self}不能除以{other}；请给出非零的值",
                f"cannot divide {self} by {other}; give a value other than zero",
            )
        return self.value / other.value if self.unit == other.unit else self.value * factor / other.value

    def rounded(self, interval: Quantity) -> Quantity:
        """To the nearest multiple of an interval, the even one where two are as near (GB/T 8170 四舍六入五成双)."""
        return interval.to(self.unit) * round(self.ratio(interval))

    def __add__(self, other: Quantity) -> Quantity:
        other._no_point("added: give the difference in K")
        if self.unit == other.unit:
            return Quantity(self.value + other.value, self.unit)
        return Quantity(self.value + other.value * units.ratio(other.unit, self.unit), self.unit)

    def __sub__(self, other: Quantity) -> Quantity:
        if other.unit not in units.POINTS:
            if self.unit == other.unit:
                return Quantity(self.value - other.value, self.unit)
            return Quantity(self.value - other.value * units.ratio(other.unit, self.unit), self.unit)
        units.ratio(other.unit, self.unit)
        return Quantity(self.base - other.base, units.base(self.dimension))

    def __mul__(self, factor: Fraction | Decimal | int) -> Quantity:
        self._no_point("multiplied")
        return Quantity(self.value * (factor if isinstance(factor, Fraction) else Fraction(factor)), self.unit)

    def __neg__(self) -> Quantity:
        self._no_point("negated")
        return Quantity(-self.value, self.unit)

    def __abs__(self) -> Quantity:
        return self if self.value >= 0 else -self

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Quantity):
            return NotImplemented
        if self.unit == other.unit:
            return self.value == other.value
        return self.dimension == other.dimension and self.base == other.base

    def __lt__(self, other: Quantity) -> bool:
        if self.unit == other.unit:
            return self.value < other.value
        units.ratio(self.unit, other.unit)
        return self.base < other.base

    def __le__(self, other: Quantity) -> bool:
        if self.unit == other.unit:
            return self.value <= other.value
        units.ratio(self.unit, other.unit)
        return self.base <= other.base

    def __gt__(self, other: Quantity) -> bool:
        return other < self

    def __ge__(self, other: Quantity) -> bool:
        return other <= self

    def __hash__(self) -> int:
        return hash((self.dimension, self.base))

    def __str__(self) -> str:
        """Exact, and read back by `parse`: a decimal where it ends, otherwise a fraction."""
        return plain(self.value) if self.unit == "1" else f"{plain(self.value)} {self.unit}"

    @property
    def ends(self) -> bool:
        """Whether the decimal ends, so that it can be written in full."""
        return "/" not in plain(self.value)

    def shown(self) -> str:
        """For people: a decimal that does not end is rounded to six significant digits."""
        return str(self if self.ends else self.significant(_DIGITS))

    def significant(self, digits: int) -> Quantity:
        """Rounded to so many significant digits, ties to even."""
        if not self.value:
            return self
        whole = abs(self.value.numerator) // self.value.denominator
        places = digits - (len(str(whole)) if whole else -_leading_zeros(abs(self.value)))
        step = Fraction(10) ** -places
        return Quantity(round(self.value / step) * step, self.unit)

    @property
    def dimension(self) -> str:
        return units.unit(self.unit).dimension

    @property
    def base(self) -> Fraction:
        """The value in the base unit of the dimension, computed once."""
        if self._known_base is None:
            unit = units.unit(self.unit)
            base = self.value * unit.factor
            object.__setattr__(self, "_known_base", base + unit.zero if unit.zero else base)
        return cast("Fraction", self._known_base)

    @property
    def difference(self) -> Quantity:
        """The same of what can only be a difference, as a limit is: 0.1 Cel means 0.1 K then."""
        return Quantity(self.value, units.base(self.dimension)) if self.unit in units.POINTS else self

    def _no_point(self, done: str) -> None:
        if self.unit in units.POINTS:
            raise QuantityError(
                f"{self}是标度上的一点，不能这样运算", f"{self} is a point on a scale and cannot be {done}"
            )


@lru_cache(maxsize=4096)
def _parse(text: str, bare: str | None, dimension: str) -> Quantity:
    """Many points of a report say the same."""
    match = _TEXT.fullmatch(text.strip())
    unit = match and (units.code_of(match[2]) or bare)
    if match is None or not unit:
        raise QuantityError(
            f"“{text}”不是量值：请写十进制数和单位，如2.505 kg",
            f"quantity {text!r}: write a decimal number and a unit, as 2.505 kg",
        )
    units.unit(unit, dimension)
    try:
        found = Quantity(Fraction(match[1]), unit)
    except ZeroDivisionError:
        raise QuantityError(f"“{text}”：不能以零为分母", f"quantity {text!r}: nothing can be divided by zero") from None
    if unit in units.POINTS and found.base < 0:
        raise QuantityError(f"“{text}”低于绝对零度", f"quantity {text!r}: it is below absolute zero")
    return found


def plain(value: Fraction) -> str:
    """Digits without exponent and trailing zeros, 5, 0.05, 2000; or a fraction, 100/3, where no decimal ends."""
    twos = (value.denominator & -value.denominator).bit_length() - 1
    rest, fives = value.denominator >> twos, 0
    while rest % 5 == 0:
        rest, fives = rest // 5, fives + 1
    if rest != 1:
        return f"{value.numerator}/{value.denominator}"
    places = max(twos, fives)
    digits = str(abs(value.numerator) * 10**places // value.denominator).rjust(places + 1, "0")
    sign = "-" if value < 0 else ""
    return f"{sign}{digits[:-places]}.{digits[-places:]}" if places else f"{sign}{digits}"


def _leading_zeros(value: Fraction) -> int:
    """How many zeros follow the point of a number between 0 and 1."""
    zeros = 0
    while value * 10 < 1:
        value, zeros = value * 10, zeros + 1
    return zeros
