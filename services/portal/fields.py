"""The fields of a form as templates draw them, and the faults that they have."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

RADIOS = 7
"""Up to so many choices are shown side by side."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A value that a field may have."""

    value: str
    zh: str
    en: str
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class Field:
    """A field as a template draws it.

    `kind`: text, area, number, date, choice, select, choices, yes, measure, lines, group, rows, or a table of rows, in
    which what names a row that is there from the start is `given`.
    """

    name: str
    kind: str
    label: Mapping[str, str]
    hint: Mapping[str, str] = field(default_factory=lambda: {"zh": "", "en": ""})
    required: bool = False
    value: str = ""
    maximum: int | None = None
    example: str = ""
    autocomplete: str = ""
    choices: tuple[Choice, ...] = ()
    children: tuple[Field, ...] = ()
    rows: tuple[Field, ...] = ()
    """The groups of a list, numbered from 1."""
    columns: tuple[Field, ...] = ()
    """Of a table."""
    pasted: str = ""
    """Copied rows that could not be taken into it."""
    errors: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        return f"f-{self.name.replace('.', '-')}"

    @property
    def places(self) -> str:
        """In which rows of other lists it is, from 1: two tables on a page are told apart by that."""
        return "".join(f" {int(part) + 1}" for part in self.name.split(".") if part.isdigit())

    @property
    def named(self) -> Choice:
        """What a given field says."""
        known = (one for one in self.choices if one.value == self.value)
        return next(known, Choice(self.value, self.value, self.value))

    @property
    def most(self) -> int:
        return self.maximum or 0


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault, as the summary on top lists it; `target` is the id of its field, if it has one on the page."""

    target: str
    label: Mapping[str, str]
    told: str


@dataclass(frozen=True, slots=True)
class Kinds:
    """The kinds of instruments there are: the family of each, which is the title of its characteristics' schema.

    `category` is the kind that a form is about which does not ask for it.
    """

    families: Mapping[str, str] = field(default_factory=dict)
    choices: Sequence[Choice] = ()
    category: str = ""

    @property
    def named(self) -> dict[str, dict[str, str]]:
        """What each is called."""
        return {one.value: {"zh": one.zh, "en": one.en} for one in self.choices}


Typed = Mapping[str, Sequence[str]]
"""A form as it was sent: by name, the values in order."""


def faults_of(fields: Sequence[Field], faults: Sequence[Mapping[str, str]]) -> list[Fault]:
    """Every fault for the summary, with the field it is about."""
    known = {one.name: one for one in _all(fields)}
    found = []
    for fault in faults:
        place = fault["name"]
        while place and place not in known:
            place = place.rpartition(".")[0]
        target = known.get(place)
        label = target.label if target else {"zh": fault["name"], "en": fault["name"]}
        found.append(Fault(_focus(target) if target else "", label, fault["reason"]))
    return found


def _focus(target: Field) -> str:
    """The id of the first thing in the field that can be typed into."""
    if target.kind in {"group", "rows", "table"}:
        inner = [one for one in target.children or target.rows if one.kind != "given"]
        return _focus(inner[0]) if inner else target.id
    return f"{target.id}-0" if target.kind in {"choices", "choice"} and len(target.choices) <= RADIOS else target.id


def _all(fields: Sequence[Field]) -> list[Field]:
    found = []
    for one in fields:
        found += [one, *_all(one.children), *_all(one.rows)]
    return found
