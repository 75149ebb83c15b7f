"""Whether a line of an application or licence lies inside a line of a certificate. Pure.

A characteristic is one value, a list "3 kg, 6 kg", or a range "3 kg … 30 kg" with both ends.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from shared.metrology.limits import FamilyError
from shared.metrology.quantity import Quantity
from shared.metrology.units import QuantityError
from shared.text import Text, comparable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shared.metrology.family import Family
    from shared.metrology.parts import Parameter

NAMES = {"name": Text("名称", "name"), "model": Text("型号", "model"), "principle": Text("工作原理", "principle")}
"""Texts that must be the same, however they are spelt."""
_UNSTATED = Text("未载明", "(none)")
_RANGE_SIGNS = ("…", "～", "~", "..")
_LIST_SIGNS = str.maketrans("，、；;", ",,,,")


@dataclass(frozen=True, slots=True)
class Difference:
    """The characteristic in which a line goes beyond a granted one, with both values; empty for what is not said.
    `words` are what values are called that have a name."""

    name: str
    called: Text
    asked: str
    granted: str
    words: Mapping[str, Text] = field(default_factory=dict)

    @property
    def told(self) -> Text:
        asked, granted = (self._called(one) if one else _UNSTATED for one in (self.asked, self.granted))
        return Text(
            f"{self.called.zh}{asked.zh}，批准的为{granted.zh}",
            f"{self.called.en} {asked.en} is not inside the approved {granted.en}",
        )

    def _called(self, given: str) -> Text:
        each = [self.words.get(one, Text.plain(one)) for one in _listed(given)] if self.words else [Text.plain(given)]
        return Text("、".join(one.zh for one in each), ", ".join(one.en for one in each))


def differences(held: Family, asked: Mapping[str, str], granted: Mapping[str, str]) -> list[Difference]:
    """Every characteristic in which `asked` goes beyond `granted`; empty if it lies inside.

    Both are texts by name: name, model and principle, and the characteristics of the family. What one says and the
    other does not differs, unless it is the family's default. Other names are compared as texts.
    """
    found = [
        Difference(name, called, asked.get(name, ""), granted.get(name, ""))
        for name, called in NAMES.items()
        if comparable(asked.get(name, "")) != comparable(granted.get(name, ""))
    ]
    known = {one.id for one in held.characteristics}
    found += [
        Difference(name, Text.plain(name), asked.get(name, ""), granted.get(name, ""))
        for name in dict.fromkeys((*asked, *granted))
        if name not in known
        and name not in NAMES
        and comparable(asked.get(name, "")) != comparable(granted.get(name, ""))
    ]
    for one in held.characteristics:
        wanted, given = (line.get(one.id) or one.default for line in (asked, granted))
        if (wanted or given) and not (wanted and given and _inside(held, one, wanted, given)):
            found.append(Difference(one.id, one.name, wanted, given, one.words))
    return found


def beyond(held: Family, asked: Mapping[str, str], bounds: Mapping[str, str]) -> list[Difference]:
    """Every characteristic of `bounds` in which `asked` goes beyond it; what has no bound is not compared."""
    said = {name: text for name, text in asked.items() if name in bounds}
    return differences(held, said, bounds)


def meant(held: Family, name: str) -> Parameter | None:
    """The characteristic that is called so: by its name in forms, its symbol, or in words of either language."""
    key = comparable(name)
    for one in held.characteristics:
        if key in map(comparable, (one.id, one.symbol, one.name.zh, one.name.en)):
            return one
    return None


def unreadable(parameter: Parameter, bounds: str) -> Text | None:
    """What is wrong with the bounds of a characteristic: no amount, list or range; None if nothing is."""
    try:
        for one in _listed(bounds):
            if not parameter.dimension:
                parameter.read(one)
                continue
            low, high = _span(one, parameter.unit)
            parameter.read(low)
            parameter.read(high)
            if high < low:
                return Text(f"{one}：下限在前", f"{one}: the lower end comes first")
    except (FamilyError, QuantityError) as error:
        return error.told
    return None


def _inside(held: Family, parameter: Parameter, asked: str, granted: str) -> bool:
    """Whether all that is asked is granted. What cannot be read as amounts or classes is compared as text."""
    if comparable(asked) == comparable(granted):
        return True
    if parameter.id == "class":
        classes = {one.id for one in held.classes}
        most = _listed(granted)
        if not {*_listed(asked), *most} <= classes:
            return False
        return all(any(held.inside(one, other) for other in most) for one in _listed(asked))
    if not parameter.dimension:
        return {comparable(one) for one in _listed(asked)} <= {comparable(one) for one in _listed(granted)}
    try:
        spans = [_span(one, parameter.unit) for one in _listed(granted)]
        return all(any(_holds(span, _span(one, parameter.unit)) for span in spans) for one in _listed(asked))
    except QuantityError:
        return False


def _holds(span: tuple[Quantity, Quantity], inner: tuple[Quantity, Quantity]) -> bool:
    return span[0] <= inner[0] and inner[1] <= span[1]


def _listed(text: str) -> list[str]:
    return [part.strip() for part in text.translate(_LIST_SIGNS).split(",") if part.strip()]


def _span(text: str, bare: str) -> tuple[Quantity, Quantity]:
    """Both ends, the same of a single value; an end without a unit has that of the other."""
    for sign in _RANGE_SIGNS:
        if sign in text:
            low, high = (end.strip() for end in text.split(sign, 1))
            upper = Quantity.parse(high, bare or None)
            return Quantity.parse(low, upper.unit), upper
    one = Quantity.parse(text, bare or None)
    return one, one
