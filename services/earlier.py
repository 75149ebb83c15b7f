"""Lines of instruments as earlier releases wrote them, made new. What once converted stored data is never changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from shared.text import comparable

if TYPE_CHECKING:
    from collections.abc import Mapping

LINE_VERSIONS = dict.fromkeys(
    ("application.received", "application.supplemented", "certificate.granted", "licence.granted"), 2
)
"""The version of events that tell of lines, by type: in the first each line had `accuracy_class`, `max` and
`scale_interval`."""
ARRANGED_VERSIONS = dict.fromkeys(("evaluation.arranged", "evaluation.rearranged"), 2)
"""The version of events that tell how many prototypes are asked for, which the first did not."""
_WEIGHING_CLASSES = {"i", "ii", "iii", "iiii"}
_MASSES = {"kg", "g", "mg", "ug", "t"}


def converted(line: Mapping[str, Any], category: str = "") -> dict[str, Any]:
    """A line with characteristics: those of weighing instruments where it is one, else those of any instrument.

    `category` is what a line of a weighing instrument is taken to be of, where lines have a category of their own. A
    line of a draft may lack anything.
    """
    if "characteristics" in line:
        return {**line}
    e, most = line.get("scale_interval"), line.get("max")
    weighs = _is_weighing(line.get("accuracy_class"), most, e)
    names = ("class", "max", "e") if weighs else ("accuracy", "range_high", "resolution")
    said = zip(names, (line.get("accuracy_class"), most, e), strict=True)
    found = {name: text for name, value in said if (text := told(value))}
    kept = {name: value for name, value in line.items() if name not in {"accuracy_class", "max", "scale_interval"}}
    of = {"category": category} if category and weighs else {}
    return {**of, **kept, "characteristics": found}


def told(value: Any) -> str:
    """A text as it is, and a measured value as one text; empty for what is missing or half written."""
    if isinstance(value, dict):
        return f"{value['value']} {value['unit']}" if {"value", "unit"} <= value.keys() else ""
    return value if isinstance(value, str) else ""


def with_new_lines(data: Mapping[str, Any], category: str = "") -> dict[str, Any]:
    """A form, a document or what an event tells, with its lines made new; what is not a line is left as it is."""
    lines = data.get("lines")
    if not isinstance(lines, list):
        return {**data}
    made = [converted(line, category) if isinstance(line, dict) else line for line in lines]
    return {**data, "lines": made}


def without_number(data: Mapping[str, Any]) -> dict[str, Any]:
    """What an event tells that did not say how many prototypes are asked for."""
    return {"samples": None, **data}


def _is_weighing(accuracy_class: Any, *amounts: Any) -> bool:
    classed = isinstance(accuracy_class, str) and comparable(accuracy_class) in _WEIGHING_CLASSES
    units = {one["unit"] for one in amounts if isinstance(one, dict) and "unit" in one}
    return units <= _MASSES and (classed or (accuracy_class is None and bool(units)))
