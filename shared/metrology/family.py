"""A family of instruments as data: characteristics, classes, programmes with their limits, test items, prototypes.

What a family's tables cannot say, its module `computing` does: see `Computing`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from shared.metrology.limits import FamilyError
from shared.metrology.parts import Fault
from shared.metrology.units import QuantityError
from shared.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from shared.metrology.judgements import Judgement
    from shared.metrology.limits import Mpe
    from shared.metrology.parts import (
        AccuracyClass,
        Ambient,
        Effect,
        Example,
        Item,
        Kind,
        Parameter,
        Programme,
        Prototypes,
        Requirement,
        Series,
    )
    from shared.metrology.quantity import Quantity
    from shared.metrology.rules import Values


class Computing:
    """What only a computation can say of a family; a family without a module has this one."""

    def derive(self, values: Values) -> Values:
        """What follows from the values: Q1 of Q3 and R. Raises FamilyError for values nothing follows from."""
        del values
        return {}

    def check(self, family: Family, values: Values) -> list[Fault]:
        """The characteristics that no instrument can have together."""
        del family, values
        return []

    def error(self, values: Values) -> Quantity:
        """The error of a point of a test, in the unit of its limit."""
        known = ", ".join(values)
        raise FamilyError(f"由{known}算不出误差", f"no error can be computed from {known}")

    def covers(self, member: Values, tested: Sequence[Values]) -> tuple[int, ...] | None:
        """The places of the tested members by which another is covered; None if the rule of all families decides."""
        del member, tested
        return None

    judgements: Mapping[str, Judgement] = {}


@dataclass(frozen=True)
class Family:
    """All that is known of a family. The first class is the best, the first programme the one used without a name.

    `derived` are the amounts that `computing` adds, each with the characteristic at which a form shows its faults.
    """

    id: str
    name: Text
    parameters: Mapping[str, Parameter]
    classes: tuple[AccuracyClass, ...]
    requirements: tuple[Requirement, ...]
    programmes: tuple[Programme, ...]
    items: tuple[Item, ...]
    effects: tuple[Effect, ...]
    prototypes: tuple[Prototypes, ...]
    ambient: tuple[Ambient, ...]
    kinds: tuple[Kind, ...]
    series: Series | None
    computing: Computing
    derived: Mapping[str, str]
    example: Example

    @property
    def characteristics(self) -> tuple[Parameter, ...]:
        return tuple(one for one in self.parameters.values() if one.role == "characteristic")

    def programme(self, name: str, edition: str = "") -> Programme:
        """The first edition without one named; its year is enough. Raises FamilyError with those there are."""
        found = [one for one in self.programmes if one.id == name]
        if not found:
            known = ", ".join(self._programme_names)
            raise FamilyError(
                f"{self.id}没有规程“{name}”；可用{known}", f"{self.id} has no programme {name!r}; use one of {known}"
            )
        for one in found:
            if one.edition.endswith(edition):
                return one
        editions = ", ".join(one.edition for one in found)
        raise FamilyError(
            f"{name}没有版本“{edition}”；可用{editions}", f"{name} has no edition {edition!r}; use one of {editions}"
        )

    def parameter(self, name: str) -> Parameter:
        """Raises FamilyError with the names there are."""
        if name not in self.parameters:
            known = ", ".join(self.parameters)
            raise FamilyError(f"{self.id}没有“{name}”；可用{known}", f"{self.id} knows no {name!r}; use {known}")
        return self.parameters[name]

    def characteristic(self, name: str) -> Parameter:
        """Raises FamilyError with the characteristics there are."""
        found = self.parameters.get(name)
        if found is None or found.role != "characteristic":
            known = ", ".join(one.id for one in self.characteristics)
            raise FamilyError(
                f"{self.id}没有特性“{name}”；可用{known}", f"{self.id} has no characteristic {name!r}; use {known}"
            )
        return found

    def item(self, item_id: str) -> Item:
        for one in self.items:
            if one.id == item_id:
                return one
        known = ", ".join(one.id for one in self.items)
        raise FamilyError(
            f"{self.id}没有试验项目“{item_id}”；可用{known}",
            f"{self.id} has no test item {item_id!r}; use one of {known}",
        )

    def items_of(self, programme: str) -> tuple[Item, ...]:
        """The items of a programme: their ids begin with its name."""
        return tuple(one for one in self.items if one.id.startswith(f"{programme}."))

    def values(self, given: Mapping[str, str | Quantity], known_before: Values | None = None) -> Values:
        """Read what is given, add defaults and what follows. FamilyError or QuantityError names what is wrong."""
        values: Values = dict(known_before or {})
        for name, text in given.items():
            values[name] = self.parameter(name).read(text)
        if known_before is None:
            for parameter in self.parameters.values():
                if parameter.default and parameter.id not in values:
                    values[parameter.id] = parameter.read(parameter.default)
        if known_before is None or "class" in given:
            values.update(self._class_properties(values))
        values.update(self.computing.derive(values))
        return values

    def mpe(self, held: Programme, given: Mapping[str, str | Quantity], country: str | None = None) -> Mpe:
        """The limits of a programme where these values hold; raises FamilyError for what is missing or impossible."""
        for parameter in (self.parameters[name] for name in held.asks if name not in held.optional):
            if not parameter.default and parameter.id not in given:
                option = f"--{parameter.id.replace('_', '-')}"
                raise FamilyError(
                    f"缺{parameter.name.zh}：请给出 {option}",
                    f"{parameter.id} is missing: give {option}, {parameter.name.en}",
                )
        values = self.values(given)
        for fault in (one.fault(values) for one in self.parameters.values()):
            if fault:
                raise FamilyError(*fault.reason)
        return held.mpe(values, country)

    def examine(self, given: Mapping[str, str]) -> list[Fault]:
        """Everything that is wrong with what is said of an instrument; what is not said is not judged."""
        found = self.unreadable(given)
        try:
            return found + self.impossible(self.values(self._sound(given)))
        except (FamilyError, QuantityError) as error:
            return [*found, Fault("", "", Text(f"各特性不能同时成立：{error.told.zh}", error.told.en))]

    def unreadable(self, given: Mapping[str, str]) -> list[Fault]:
        """What is said of an instrument that is none of its characteristics, or cannot be read as one."""
        found = []
        for name, value in given.items():
            try:
                self.characteristic(name).read(value)
            except (FamilyError, QuantityError) as error:
                found.append(Fault(name, name, error.told))
        return found

    def impossible_alone(self, given: Mapping[str, str]) -> list[Fault]:
        """What is wrong with a characteristic by itself, whatever else is said: it cannot be read, or is below zero.

        Which values are preferred is asked when a form is submitted: a draft may still say another."""
        found = self.unreadable(given)
        for name, value in self._sound(given).items():
            one = self.characteristic(name)
            alone: Values = {name: one.read(value)}
            try:
                self.computing.derive(alone)
            except (FamilyError, QuantityError) as error:
                found.append(Fault(name, name, error.told))
            else:
                found += [fault] if (fault := one.beyond(alone)) else []
        return found

    def missing(self, given: Mapping[str, str]) -> list[Fault]:
        """The characteristics that must be said of an instrument and are not, nor follow from what is."""
        try:
            known = {*given, *self.values(self._sound(given))}
        except (FamilyError, QuantityError):
            known = {*given}
        missing = [one for one in self.characteristics if one.required and not {one.id, *one.unless} & known]
        return [Fault(one.id, one.id, one.lacking(self.example.characteristics.get(one.id))) for one in missing]

    def _sound(self, given: Mapping[str, str]) -> dict[str, str]:
        unreadable = {one.name for one in self.unreadable(given)}
        return {name: value for name, value in given.items() if name not in unreadable}

    def impossible(self, values: Values) -> list[Fault]:
        """What no instrument of the family can have, of what is said."""
        found = [fault for one in self.parameters.values() if (fault := one.fault(values))]
        return found or [*self.unmet(values), *self.computing.check(self, values)]

    def unmet(self, values: Values) -> list[Fault]:
        """The requirements that are not met."""
        return [fault for one in self.requirements for fault in one.faults(values, self.parameters)]

    def rank(self, class_id: str) -> int:
        """The place of a class in the order of the family, 0 for the best; raises FamilyError for one it has not."""
        for place, one in enumerate(self.classes):
            if one.id == class_id:
                return place
        known_classes = ", ".join(one.id for one in self.classes)
        raise FamilyError(
            f"准确度等级“{class_id}”：可用{known_classes}", f"accuracy class {class_id!r}: use one of {known_classes}"
        )

    def inside(self, class_id: str, granted: str) -> bool:
        """Whether a class is the granted one, or a less accurate one of the same system."""
        rank, most = self.rank(class_id), self.rank(granted)
        return self.classes[rank].system == self.classes[most].system and rank >= most

    def place(self, name: str) -> str:
        """The characteristic at which a form shows what is wrong with `name`; empty for all of them together."""
        found = self.derived.get(name, name)
        return found if any(one.id == found for one in self.characteristics) else ""

    def how_many(self, values: Values) -> Prototypes | None:
        """How many prototypes are tested; None where no rule is held."""
        for one in self.prototypes:
            if one.where.names <= values.keys() and one.where.hold(values):
                return one
        return None

    def conditions(self, values: Values) -> tuple[str, ...]:
        """The ambient conditions that a test of this instrument is recorded with, at its start and at its end."""
        holding = (one for one in self.ambient if one.where.names <= values.keys() and one.where.hold(values))
        return tuple(dict.fromkeys(name for one in holding for name in one.names))

    @property
    def _programme_names(self) -> list[str]:
        return list(dict.fromkeys(one.id for one in self.programmes))

    def _class_properties(self, values: Values) -> Mapping[str, Quantity]:
        named = values.get("class")
        return {} if named is None or not self.classes else self.classes[self.rank(str(named))].properties
