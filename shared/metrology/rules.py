"""The language of a family's tables: amounts such as "500 e", conditions on what is known, and rows that give limits.

A row holds where all of its conditions hold. Tags are compared as text (class = "III"), amounts exactly: `from` and
`upto` include the end they name, `above` and `below` leave it out, so that every boundary belongs to one row.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from shared.metrology.limits import FamilyError
from shared.metrology.quantity import Quantity, plain
from shared.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

Values = dict[str, "Quantity | str"]
"""What is known of an instrument or a test point: by name a quantity, or a tag such as a class."""
_TERM = re.compile(r"(-?[0-9]+(?:\.[0-9]+)?(?:/[0-9]+)?)?\s*([a-z]\w*)")


def amount(values: Mapping[str, Quantity | str], name: str) -> Quantity:
    """A quantity among the values; raises FamilyError if it is missing or a text."""
    found = values.get(name)
    if isinstance(found, Quantity):
        return found
    if found is None:
        raise FamilyError(f"缺{name}：请给出量值", f"{name} is missing: give a quantity")
    raise FamilyError(f"{name}“{found}”：请给出量值", f"{name} {found!r}: give a quantity")


def tag(values: Mapping[str, Quantity | str], name: str) -> str:
    """A text among the values; raises FamilyError if it is missing."""
    found = values.get(name)
    if found is None:
        raise FamilyError(f"缺{name}", f"{name} is missing")
    return str(found)


@dataclass(frozen=True, slots=True)
class Term:
    """An amount that may depend on what is known: 5 kg, q1, 500 e, 1/3 max."""

    factor: Fraction
    name: str = ""
    constant: Quantity | None = None

    @classmethod
    def parse(cls, text: str, names: Iterable[str]) -> Term:
        """A name of `names` goes before a unit spelt alike; raises QuantityError for what is neither."""
        match = _TERM.fullmatch(text)
        if match and match[2] in names:
            return cls(Fraction(match[1] or "1"), name=match[2])
        return cls(Fraction(1), constant=Quantity.parse(text, bare="1"))

    def __neg__(self) -> Term:
        return Term(-self.factor, self.name, self.constant)

    def written(self) -> str:
        """As the tables have it: 5 kg, q1, 500 e."""
        if self.constant:
            return str(self.constant if self.factor == 1 else self.constant * self.factor)
        if abs(self.factor) == 1:
            return f"{'-' if self.factor < 0 else ''}{self.name}"
        return f"{plain(self.factor)} {self.name}"

    def of(self, values: Mapping[str, Quantity | str]) -> Quantity:
        named = self.constant or amount(values, self.name)
        return named if self.factor == 1 else named * self.factor

    def base(self, like: Quantity, values: Mapping[str, Quantity | str]) -> Fraction:
        """In the base unit, for a comparison with an amount of the same dimension. Zero without a unit is of any."""
        named = self.constant or amount(values, self.name)
        if named.unit == "1" and not named.value:
            return named.base
        if named.unit != like.unit and named.dimension != like.dimension:
            named.to(like.unit)
        return named.base if self.factor == 1 else named.base * self.factor


@dataclass(frozen=True, slots=True)
class Bounds:
    """A span of amounts. `closed` says whether an end belongs to it; None is no end."""

    low: Term | None = None
    high: Term | None = None
    low_closed: bool = True
    high_closed: bool = True

    def hold(self, value: Quantity, values: Mapping[str, Quantity | str]) -> bool:
        """Raises QuantityError if the value is not of the dimension of the ends."""
        base = value.base
        if self.low is not None:
            low = self.low.base(value, values)
            if base < low if self.low_closed else base <= low:
                return False
        if self.high is None:
            return True
        high = self.high.base(value, values)
        return base <= high if self.high_closed else base < high

    def known(self, values: Mapping[str, Quantity | str]) -> Bounds:
        """The span without the ends that depend on what is not known."""
        low, high = (
            end if end is None or not end.name or end.name in values else None for end in (self.low, self.high)
        )
        return self if (low, high) == (self.low, self.high) else Bounds(low, high, self.low_closed, self.high_closed)

    @property
    def names(self) -> frozenset[str]:
        """The names that its ends depend on."""
        return frozenset(end.name for end in (self.low, self.high) if end and end.name)

    def told(self, values: Mapping[str, Quantity | str]) -> str:
        if self.low and self.high and self.low.of(values) == self.high.of(values):
            return self.low.of(values).shown()
        low = f"{self.low.of(values).shown()} {'≤' if self.low_closed else '<'} " if self.low else ""
        high = f" {'≤' if self.high_closed else '<'} {self.high.of(values).shown()}" if self.high else ""
        return f"{low}…{high}"


@dataclass(frozen=True, slots=True)
class Where:
    """All of its conditions: tags by name with the texts allowed, amounts by name with their span."""

    tags: Mapping[str, frozenset[str]]
    spans: Mapping[str, Bounds]

    @property
    def names(self) -> frozenset[str]:
        """What must be known to tell whether it holds."""
        ends = (name for span in self.spans.values() for name in span.names)
        return frozenset([*self.tags, *self.spans, *ends])

    def tagged(self, values: Mapping[str, Quantity | str]) -> bool:
        # Loops, not generators: verdicts spend their time here.
        for name, allowed in self.tags.items():  # noqa: SIM110
            if values.get(name) not in allowed:
                return False
        return True

    def hold(self, values: Mapping[str, Quantity | str]) -> bool:
        if not self.tagged(values):
            return False
        for name, span in self.spans.items():  # noqa: SIM110
            if not span.hold(amount(values, name), values):
                return False
        return True


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a table of maximum permissible errors.

    `lower` and `upper` are absolute, or relative to the amount `of`. `times` names a further factor, and `floor` the
    least that the limit can be. `service` is the country whose rule for instruments in service it is.
    """

    id: str
    where: Where
    lower: Term
    upper: Term
    of: Term | None = None
    times: str = ""
    floor: Term | None = None
    floor_verified: bool = True
    service: str | None = None
    verified: bool = True

    @property
    def names(self) -> frozenset[str]:
        """All that its limits depend on."""
        terms = (self.lower, self.upper, self.of, self.floor)
        own = {one.name for one in terms if one} | {self.times}
        return self.where.names | (own - {""})

    def limits(
        self, values: Mapping[str, Quantity | str], factor: Fraction, unit: str
    ) -> tuple[Quantity, Quantity, bool]:
        """Lower and upper limit, times `factor` and in `unit` if one is named, and whether they are verified.

        Where nothing is known of the amount that limits are relative to, they are told in per cent.
        """
        lower, upper = (self._end(end, values, factor) for end in (self.lower, self.upper))
        verified = self.verified
        if self.floor is not None:
            floor = self.floor.of(values) * factor
            verified = verified and (self.floor_verified or upper >= floor)
            lower, upper = min(lower, -floor), max(upper, floor)
        if unit and upper.dimension == Quantity(Fraction(0), unit).dimension:
            lower, upper = lower.to(unit), upper.to(unit)
        return lower, upper, verified

    def _end(self, end: Term, values: Mapping[str, Quantity | str], factor: Fraction) -> Quantity:
        found = end.of(values)
        if self.of is not None and (self.floor or not self.of.name or self.of.name in values):
            found = self.of.of(values) * found.to("1").value
        if self.times:
            factor *= amount(values, self.times).to("1").value
        return found if factor == 1 else found * factor


def find(rows: Sequence[Row], values: Mapping[str, Quantity | str], what: str) -> Row:
    """The row that holds; raises FamilyError stating the range of what lies outside of every row."""
    for row in rows:
        if row.where.hold(values):
            return row
    outside = _outside(rows, values)
    raise FamilyError(f"{what}：{outside.zh}", f"{what}: {outside.en}")


def _outside(rows: Sequence[Row], values: Mapping[str, Quantity | str]) -> Text:
    for name in dict.fromkeys(name for row in rows for name in row.where.tags):
        allowed = dict.fromkeys(text for row in rows for text in sorted(row.where.tags.get(name, ())))
        if allowed and tag(values, name) not in allowed and all(name in row.where.tags for row in rows):
            given, known = tag(values, name), ", ".join(allowed)
            return Text(f"{name}“{given}”：可用{known}", f"{name} {given!r}: use one of {known}")
    near = [row for row in rows if row.where.tagged(values)]
    if not near:
        known = ", ".join(dict.fromkeys(name for row in rows for name in row.where.tags))
        return Text(f"{known}的这种组合没有限值", f"no row for this combination of {known}")
    for name in dict.fromkeys(name for row in near for name in row.where.spans):
        spans = [row.where.spans.get(name) for row in near]
        value = amount(values, name)
        if not any(span is None or span.hold(value, values) for span in spans):
            there = _range([span for span in spans if span], values, value.unit)
            return Text(f"{name} {value.shown()}不在{there.zh}之内", f"{name} {value.shown()} is outside {there.en}")
    held = [", ".join(f"{name} {span.told(values)}" for name, span in row.where.spans.items()) for row in near]
    return Text(
        f"这些值同时出现时没有限值；有限值的是{'；'.join(held)}",
        f"no row for these values together; there is {' or '.join(held)}",
    )


def _range(spans: Sequence[Bounds], values: Mapping[str, Quantity | str], unit: str) -> Text:
    """From the lowest end to the highest, in a unit; of an end that does not belong to the range it says so."""
    lows = [(span.low.of(values), not span.low_closed) for span in spans if span.low]
    highs = [(span.high.of(values), span.high_closed) for span in spans if span.high]
    low = min(lows) if len(lows) == len(spans) else None
    high = max(highs) if len(highs) == len(spans) else None
    lowest, highest = (end[0].to(unit).shown() if end else "" for end in (low, high))
    above, below = low is not None and low[1], high is not None and not high[1]
    return Text(
        f"{'大于' if above else ''}{lowest or '任意'} … {'小于' if below else ''}{highest or '任意'}",
        f"{'above ' if above else ''}{lowest or 'any'} … {'below ' if below else ''}{highest or 'any'}",
    )
