"""The fields of a form as templates draw them, and the faults that they have."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from services.portal import texts

NO_HINT = {"zh": "", "en": ""}
FOLDED = 6
"""So many fields that may stay empty are folded away."""
BOUND = ("characteristic", "within")
"""The fields of a bound of a scope."""
PAIRS = (BOUND, ("address", "postcode"))
"""What reads as one, with a blank between."""
RADIOS = 7
"""Up to so many choices are shown side by side."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A value that a field may have."""

    value: str
    zh: str
    en: str
    chosen: bool = False
    hint: Mapping[str, str] = field(default_factory=lambda: NO_HINT)

    @classmethod
    def called(cls, value: str, told: Mapping[str, str], *, chosen: bool) -> Choice:
        """The value by what it is called in each language."""
        return cls(value, told["zh"], told["en"], chosen)


@dataclass(frozen=True, slots=True)
class Field:
    """A field as a template draws it.

    `kind`: text, area, number, date, instant, choice, select, choices, yes, measure, lines, group, rows, or a table of
    rows; of what names a row that is there from the start, `given`. A row that is `shut` shows what it says, until it
    is opened to be changed.
    """

    name: str
    kind: str
    label: Mapping[str, str]
    hint: Mapping[str, str] = field(default_factory=lambda: NO_HINT)
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
    def naming(self) -> tuple[Field, ...]:
        """Of a row that is there from the start, what names it."""
        return tuple(one for one in self.children if one.kind == "given")

    @property
    def typed(self) -> bool:
        """Whether anything is typed into a row."""
        return any(one.sent for one in self.children if one.kind != "given")

    @property
    def named(self) -> Choice:
        """What a given field says."""
        known = (one for one in self.choices if one.value == self.value)
        return next(known, Choice(self.value, self.value, self.value))

    @property
    def called(self) -> Mapping[str, str]:
        """Its label, or of a row what names it."""
        if not self.naming:
            return self.label
        row = self.naming[0].named
        return {"zh": row.zh, "en": row.en}

    @property
    def folded(self) -> tuple[Field, ...]:
        """Of a long group what may stay empty and does: it is shown on demand."""
        idle = tuple(one for one in self.children if not (one.required or one.sent or one.wrong))
        return idle if len(idle) >= FOLDED else ()

    @property
    def wrong(self) -> bool:
        return bool(self.errors) or any(one.wrong for one in (*self.children, *self.rows))

    @property
    def said(self) -> list[tuple[Mapping[str, str], list[Mapping[str, str]]]]:
        """What is filled in, of each field below: what it is called, and its values as they are read."""
        if self.children and self.kind != "measure":
            return [one for child in self.children for one in child.said]
        if self.rows:
            return [(self.label, [_joined(row) for row in self.rows])]
        if self.kind == "yes":
            return [(self.label, [])] if self.value == "yes" else []
        chosen: list[Mapping[str, str]] = [{"zh": one.zh, "en": one.en} for one in self.choices if one.chosen]
        if not chosen and self.value:
            written = f"{self.value} {self.children[0].value}".strip() if self.kind == "measure" else self.value
            chosen = [{"zh": written, "en": written}]
        return [(self.label, chosen)] if chosen else []

    @property
    def sent(self) -> list[tuple[str, str]]:
        """The names and values by which a browser would send it."""
        below = [pair for one in (*self.children, *self.rows) for pair in one.sent]
        if self.kind in {"choice", "choices", "select"}:
            return [(self.name, one.value) for one in self.choices if one.chosen]
        name = f"{self.name}.value" if self.kind == "measure" else self.name
        return [*([(name, self.value)] if self.value else []), *below]

    @property
    def most(self) -> int:
        return self.maximum or 0


def _joined(row: Field) -> Mapping[str, str]:
    """The cells of a row, one behind another."""
    values = [value for _, all_ in row.said for value in all_]
    between = " " if tuple(one.name.rpartition(".")[2] for one in row.children) in PAIRS else ", "
    return {language: between.join(one[language] for one in values) for language in NO_HINT}


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


def own_field(
    name: str,
    label: str,
    value: str = "",
    *,
    kind: str = "text",
    hint: str = "",
    required: bool = True,
    choices: tuple[Choice, ...] = (),
    faults: Sequence[Mapping[str, str]] = (),
) -> Field:
    """A field that the portal asks for by itself; `label` and `hint` are the names of texts."""
    more = texts.both(hint) if hint else NO_HINT
    errors = tuple(one["reason"] for one in faults if one["name"] == name)
    return Field(name, kind, texts.both(label), more, required=required, value=value, choices=choices, errors=errors)


def faults_of(fields: Sequence[Field], faults: Sequence[Mapping[str, str]]) -> list[Fault]:
    """Every fault for the summary, with the field it is about."""
    known = {one.name: one for one in _all(fields)}
    found = []
    for fault in faults:
        place = fault["name"]
        while place and place not in known:
            place = place.rpartition(".")[0]
        target = known.get(place)
        # What is not on the page has no name that people know; why it is wrong says what is.
        label = target.called if target else NO_HINT
        found.append(Fault(_focus(target) if target else "", label, fault["reason"]))
    return found


def _focus(target: Field) -> str:
    """The id of the first thing in the field that can be typed into."""
    if target.kind in {"group", "rows", "table"}:
        inner = [one for one in target.children or target.rows if one.kind != "given"]
        return _focus(inner[0]) if inner else target.id
    picks = target.kind in {"choices", "choice"} and 0 < len(target.choices) <= RADIOS
    return f"{target.id}-0" if picks else target.id


def _all(fields: Sequence[Field]) -> list[Field]:
    found = []
    for one in fields:
        found += [one, *_all(one.children), *_all(one.rows)]
    return found
