"""What a family of instruments consists of: parameters, requirements, programmes with limits, items, and so on."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Literal

from shared.metrology.limits import FamilyError, Mpe, Uncertain
from shared.metrology.quantity import Quantity
from shared.metrology.rules import amount, find
from shared.metrology.units import QuantityError, known
from shared.text import Text, same

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from shared.metrology.rules import Bounds, Row, Term, Where

Confidence = Literal["S", "S2", "C", "RH", "RL"]
ANY = "any"
"""The dimension of a quantity that may be of every dimension."""
GENERAL = "general"
"""In service in a country without a rule of its own."""


def verified(confidence: Confidence) -> bool:
    """False for what is shown as "unverified 未核实": recalled with low confidence, or read at second hand only."""
    return confidence not in {"RL", "S2"}


@dataclass(frozen=True, slots=True)
class Fault:
    """A characteristic that no instrument of the family can have. `name` is that of the parameter."""

    name: str
    rule_id: str
    reason: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """Something that is known or recorded: a characteristic of the instrument, a setting of a test, part of a point.

    A quantity has a `dimension`; a number without a unit is read in `unit`, if there is one. A tag has `values`, or is
    any text; `words` are what those of them are called that are no symbols. `series` are the preferred values, of which
    every decimal multiple is one too where `decades` is set. A count is `whole`. What is `required` may be left out
    where one of the characteristics `unless` is stated.
    """

    id: str
    symbol: str
    name: Text
    role: Literal["characteristic", "setting", "point"]
    dimension: str = ""
    unit: str = ""
    values: tuple[str, ...] = ()
    words: Mapping[str, Text] = field(default_factory=dict)
    default: str = ""
    required: bool = False
    unless: tuple[str, ...] = ()
    series: tuple[Quantity, ...] = ()
    decades: bool = False
    whole: bool = False
    bounds: Bounds | None = None
    hint: Text | None = None

    def read(self, given: str | Quantity) -> Quantity | str:
        """Raises FamilyError or QuantityError saying what can be written."""
        if not self.dimension:
            if not self.values or given in self.values:
                return str(given)
            for one in self.values:
                if same(str(given), one):
                    return one
            known_values = ", ".join(self.values)
            raise FamilyError(
                f"{self.name.zh}“{given}”：可用{known_values}", f"{self.name.en} {given!r}: use one of {known_values}"
            )
        try:
            found = given if isinstance(given, Quantity) else self._parse(given)
        except QuantityError as error:
            raise QuantityError(f"{self.name.zh}：{error.told.zh}", f"{self.name.en}: {error}") from None
        if self.dimension not in (ANY, found.dimension):
            raise QuantityError(
                f"{self.name.zh} {found}：不能用{found.unit}，请用 {' '.join(known(self.dimension))}",
                f"{self.name.en} {found}: {found.unit} measures {found.dimension}; give {self.dimension} in one of"
                f" {' '.join(known(self.dimension))}",
            )
        return found

    def _parse(self, given: str) -> Quantity:
        return Quantity.parse(given, self.unit or None, "" if self.dimension == ANY else self.dimension)

    def fault(self, values: Mapping[str, Quantity | str]) -> Fault | None:
        """Why no instrument has this value; None if one can, or if nothing is said."""
        if found := self.beyond(values):
            return found
        value = values.get(self.id)
        if isinstance(value, Quantity) and self.series and not self._preferred(value):
            told = " ".join(str(one) for one in self.series) + (" × 10^k" if self.decades else "")
            return Fault(
                self.id,
                self.id,
                Text(f"{self.name.zh} {value} 不是优先值: {told}", f"{self.name.en} {value} is not one of {told}"),
            )
        return None

    def lacking(self, example: str | None) -> Text:
        """That it must be stated, with an example if there is one."""
        zh, en = (f"，如 {example}", f": give it, such as {example}") if example else ("", "")
        return Text(f"缺少{self.name.zh}（{self.symbol}）{zh}。", f"{self.name.en} ({self.symbol}) is missing{en}")

    def beyond(self, values: Mapping[str, Quantity | str]) -> Fault | None:
        """Why no instrument has this value, whatever values are preferred."""
        value = values.get(self.id)
        if not isinstance(value, Quantity):
            return None
        bounds = self.bounds.known(values) if self.bounds else None
        if bounds and not bounds.hold(value, values):
            told = bounds.told(values)
            return Fault(
                self.id,
                self.id,
                Text(f"{self.name.zh} {value} 应在 {told} 之内", f"{self.name.en} {value} must lie in {told}"),
            )
        if self.whole and value.value.denominator != 1:
            return Fault(
                self.id,
                self.id,
                Text(f"{self.name.zh} {value} 应为整数", f"{self.name.en} {value} must be a whole number"),
            )
        return None

    def _preferred(self, value: Quantity) -> bool:
        if not self.decades:
            return value in self.series
        ratios = (value.ratio(one) for one in self.series)
        return any(_power_of_ten(ratio) for ratio in ratios)


def _power_of_ten(ratio: Fraction) -> bool:
    if ratio <= 0:
        return False
    digits = str(ratio.numerator * ratio.denominator)
    return 1 in (ratio.numerator, ratio.denominator) and digits.strip("0") == "1"


@dataclass(frozen=True, slots=True)
class AccuracyClass:
    """`properties` are amounts that the tables use by name, as A and B of R 117. Only classes of a `system` compare."""

    id: str
    system: str
    properties: Mapping[str, Quantity]


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """How the limits of instruments in service follow from those of new ones, in a country."""

    country: str
    factor: Fraction
    source: str
    confidence: Confidence


@dataclass(frozen=True, slots=True, kw_only=True)
class Programme:
    """A Recommendation or regulation in one edition, with its table of limits.

    `asks` are the parameters that the limits depend on, `optional` those of them that may be left out. `unit` is that
    in which limits are told; without one it is that of the tables. `rounding` is the interval to which errors are
    rounded first (GB/T 8170), where it requires so.
    """

    id: str
    edition: str
    name: Text
    source: str
    confidence: Confidence
    asks: tuple[str, ...]
    optional: frozenset[str]
    unit: str = ""
    decision: Uncertain = Uncertain.UPTO
    rounding: Term | None = None
    rows: tuple[Row, ...] = ()
    services: tuple[Service, ...] = ()
    names: frozenset[str] = frozenset()
    """All that its limits depend on."""

    @property
    def verified(self) -> bool:
        return verified(self.confidence)

    def mpe(self, values: Mapping[str, Quantity | str], country: str | None = None) -> Mpe:
        """The limits at a point; in service those of a country, "general" without a rule of its own.

        Raises FamilyError stating the range where there is no limit.
        """
        rows: Sequence[Row] = [row for row in self.rows if row.service is None]
        factor, suffix, sure = Fraction(1), "", self.verified
        source = self.source
        if country is not None:
            own = [row for row in self.rows if row.service == country]
            service = next((one for one in self.services if one.country == country), None)
            suffix = " in service" if country == GENERAL else f" in service {country}"
            if own:
                rows = own
            elif service:
                factor, source, sure = service.factor, service.source, verified(service.confidence)
            else:
                known_services = self._known_services()
                raise FamilyError(
                    f"{self.id}：没有{country}的使用中最大允许误差；{known_services.zh}",
                    f"{self.id}: no limits in service for {country!r}; {known_services.en}",
                )
        row = find(rows, values, self.id)
        lower, upper, held = row.limits(values, factor, self.unit)
        return Mpe(lower, upper, f"{row.id}{suffix}", self.edition, source, verified=sure and held)

    def _known_services(self) -> Text:
        found = [*(one.country for one in self.services), *(row.service for row in self.rows if row.service)]
        if not found:
            return Text("本规程没有使用中的限值", "there are none of it")
        places = ", ".join(dict.fromkeys(found))
        return Text(f"现有{places}的", f"there are those of {places}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirement:
    """What an instrument must be where a condition holds: every tag and span of `must`, as far as it is known."""

    id: str
    where: Where
    must: Where

    def faults(self, values: Mapping[str, Quantity | str], parameters: Mapping[str, Parameter]) -> list[Fault]:
        if not self.where.names <= values.keys() or not self.where.hold(values):
            return []
        found = []
        for name, allowed in self.must.tags.items():
            if name in values and values[name] not in allowed:
                told = " / ".join(sorted(allowed))
                found.append(self._fault(name, parameters, str(values[name]), told))
        for name, span in self.must.spans.items():
            if name in values and not {*span.names} - values.keys() and not span.hold(amount(values, name), values):
                found.append(self._fault(name, parameters, amount(values, name).shown(), span.told(values)))
        return found

    def _fault(self, name: str, parameters: Mapping[str, Parameter], value: str, told: str) -> Fault:
        symbol = parameters[name].symbol if name in parameters else name
        return Fault(name, self.id, Text(f"{symbol} = {value}，应为 {told}", f"{symbol} = {value} must be {told}"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Exemption:
    """Why an item does not apply to an instrument: all of the conditions of `where` hold."""

    where: Where
    reason: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A test item. `records` are the parameters of a point, `settings` what is noted of the whole run.

    `judgement` names how the recorded points are judged; `limit` is the amount it compares with, if it is not the MPE.
    `least` is the number of points or runs below which the item is not done.
    """

    id: str
    clause: str
    kind: Literal["observation", "test"]
    name: Text
    judgement: str
    confidence: Confidence
    records: tuple[str, ...] = ()
    settings: tuple[str, ...] = ()
    limit: Term | None = None
    least: int = 1
    exemptions: tuple[Exemption, ...] = ()
    hint: Text | None = None

    @property
    def told(self) -> Text:
        """Clause and name."""
        return Text(f"{self.clause} {self.name.zh}", f"{self.clause} {self.name.en}")

    def exempt(self, values: Mapping[str, Quantity | str]) -> Text | None:
        """The reason why it does not apply; None if it does. What is not known exempts from nothing."""
        for one in self.exemptions:
            if one.where.names <= values.keys() and one.where.hold(values):
                return one.reason
        return None

    def exempts(self, instruments: Iterable[Mapping[str, Quantity | str]]) -> Text | None:
        """The reason why it applies to none of them; None if it applies to one, or there is none."""
        reasons = [self.exempt(values) for values in instruments]
        return reasons[0] if reasons and all(reasons) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """An influence quantity, under which the limits hold, or a disturbance, whose effect is bounded or detected."""

    id: str
    kind: Literal["influence", "disturbance"]
    clause: str
    name: Text
    levels: str
    accept: str
    confidence: Confidence


@dataclass(frozen=True, slots=True, kw_only=True)
class Prototypes:
    """How many prototypes of an instrument are tested."""

    number: int
    where: Where
    source: str
    confidence: Confidence


@dataclass(frozen=True, slots=True, kw_only=True)
class Ambient:
    """Ambient conditions that a record of an instrument has at the start of the test and at its end."""

    names: tuple[str, ...]
    where: Where
    source: str
    confidence: Confidence


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """How the members of a series that are tested are chosen (`series`).

    `capacity` orders the members, `covers` is the ratio to the next smaller tested one that needs no further test,
    `reach` the one up to which the next is looked for. `groups` are the characteristics that members of one group
    share, the more severe first: "class", or an amount with "+" if more is more severe and "-" if less is. `once` are
    tests made on one member of the whole series, `partial_tests` those that a member which is more severe in a
    characteristic needs beside the tested one of its capacity.
    """

    capacity: str
    covers: Fraction
    reach: Fraction
    groups: tuple[str, ...]
    clause: str
    source: str
    confidence: Confidence
    partial_tests: Mapping[str, tuple[str, ...]]
    once: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """An instrument of the family, as an application states it, and a test of it that it passes: what documents and
    tests show."""

    kind: str = ""
    name: str = ""
    model: str = ""
    characteristics: Mapping[str, str] = field(default_factory=dict)
    item: str = ""
    settings: Mapping[str, str] = field(default_factory=dict)
    points: tuple[Mapping[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of the catalogue that the family is for; of a general kind, what it measures, in which unit as a rule."""

    id: str
    confidence: Confidence
    dimensions: tuple[str, ...] = ()
    unit: str = ""
