"""What services answer, as people read it: each value under its name, as the schema of the answer tells of it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from services.portal import formats
from services.portal.bounds import Bounds
from services.portal.fields import PAIRS
from services.portal.labels import capital, chosen, named
from services.portal.referring import resolved
from services.portal.texts import LANGUAGES
from shared.text import comparable

if TYPE_CHECKING:
    from collections.abc import Iterable

    from services.portal.fields import Kinds
    from services.portal.names import Names
    from services.portal.texts import Language

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}")
_MAX_COLUMNS = 8
_LONG = 15
_MANY, _SHORT = 8, 40
_DIGEST, _BEGUN = re.compile(r"[0-9a-f]{64}"), 12
_BOTH = {"zh", "en"}
"""What is said in both languages is shown in the reader's."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A value to show. `kind`: text, code, list, group, table."""

    label: str
    kind: str
    text: str = ""
    items: tuple[str, ...] = ()
    children: tuple[Shown, ...] = ()
    rows: tuple[tuple[Shown, ...], ...] = ()
    name: str = ""

    @property
    def runs_on(self) -> bool:
        """Whether a list has so many short entries that they stand behind each other."""
        return len(self.items) >= _MANY and max(map(len, self.items)) <= _SHORT

    @property
    def is_long(self) -> bool:
        """Whether a table is folded, so that what follows it is found."""
        return len(self.rows) > _LONG


@dataclass(frozen=True, slots=True)
class Apart:
    """A field in which two versions differ; None where one has nothing."""

    label: str
    theirs: Shown | None
    mine: Shown | None


_FILED = frozenset({"item", "items", "document"})
"""Fields that name documents and their kinds."""


class Reader:
    """Shows values of the schemas of one OpenAPI document, in one language."""

    def __init__(
        self,
        schemas: Mapping[str, Any],
        language: Language,
        yes: str,
        no: str,
        legend: Mapping[str, Mapping[str, Any]] | None = None,
        kinds: Kinds | None = None,
        files: Mapping[str, str] | None = None,
        names: Mapping[str, Names] | None = None,
    ) -> None:
        """`legend` is what characteristics of instruments and their values are called, in each language, by their
        names; `kinds` the kinds of instruments; `files` the names of the documents of the case, by their ids, and
        of their kinds; `names` what other codes stand for, by the fields that have them."""
        self._schemas, self._language, self._yes, self._no = schemas, language, yes, no
        self._legend, self._files = legend or {}, files or {}
        self._kinds, self._families = (kinds.named, kinds.families) if kinds else ({}, {})
        self._names = names or {}

    def shown(self, schema: Mapping[str, Any], value: Mapping[str, Any], names: Iterable[str]) -> list[Shown]:
        """Of `value` what is called one of `names`, in the order of the schema."""
        return self._group(schema, value, frozenset(names))

    def label(self, schema: Mapping[str, Any], name: str) -> str:
        """What the property `name` is called."""
        part = self._resolved(schema)["properties"].get(name, {})
        return self._label(self._resolved(part), name)

    def called(self, name: str) -> str:
        """What the characteristic `name` is called."""
        return self._label({}, name)

    def item(self, schema: Mapping[str, Any], name: str) -> Mapping[str, Any]:
        """The schema of each item of the list `name`."""
        part = self._resolved(self._resolved(schema).get("properties", {}).get(name, {}))
        return self._resolved(part.get("items", {}))

    def compared(
        self, schema: Mapping[str, Any], theirs: Mapping[str, Any], mine: Mapping[str, Any], names: Iterable[str]
    ) -> list[Apart]:
        """Of what is called one of `names` that which differs."""
        asked = {name for name in names if theirs.get(name) != mine.get(name)}
        kept, typed = ({one.name: one for one in self.shown(schema, side, asked)} for side in (theirs, mine))
        return [
            Apart(self.label(schema, name), kept.get(name), typed.get(name))
            for name in self._resolved(schema).get("properties", {})
            if name in asked
        ]

    def _resolved(self, schema: Mapping[str, Any], value: Any = None) -> Mapping[str, Any]:
        """What a reference leads to; of several schemas the first that knows all of the value."""
        schema = resolved(schema, self._schemas)
        if "anyOf" in schema:
            told = {name: part for name, part in schema.items() if name != "anyOf"}
            some = [self._resolved(one) for one in schema["anyOf"] if one.get("type") != "null"]
            names = set(value) if isinstance(value, Mapping) else set()
            fitting = (one for one in some if names <= set(one.get("properties", ())))
            return {**next(fitting, some[0]), **told}
        return schema

    def _label(self, schema: Mapping[str, Any], name: str) -> str:
        if name in self._legend and "x-label" not in schema:
            return str(self._legend[name][self._language])
        return named(schema, name).label[self._language]

    def _group(
        self, schema: Mapping[str, Any], value: Mapping[str, Any], asked: frozenset[str] | None = None
    ) -> list[Shown]:
        """What is called one of `asked`, or all of it."""
        known = self._resolved(schema).get("properties", {})
        if value.keys() >= {"category", "bounds"}:
            value = {**value, "bounds": self._bounds(value["category"], value["bounds"])}
        value = self._in_language(value)
        # In the order of the schema; what it does not know yet comes last.
        names = [*(name for name in known if name in value), *(name for name in value if name not in known)]
        names = [name for name in names if (asked is None or name in asked) and value[name] != []]
        if self._is_said_by_code(value):
            names = [name for name in names if name != "name"]
        if value.keys() >= _BOTH:
            names = [name for name in names if name != ("en" if self._language == "zh" else "zh")]
        if value.get("lab") in self._names.get("lab", ()):
            # It is called by name there.
            names = [name for name in names if name != "lab_name"]
        # A code beside the name that it stands for stays as it is.
        plain = {"code"} if "name" in value else set()
        return [self._one(known.get(name, {}), name, value[name], coded=name not in plain) for name in names]

    def _in_language(self, value: Mapping[str, Any]) -> Mapping[str, Any]:
        """What has fields of its own for each language, under its own name as the reader's language has it."""
        own = {f"{name}_{language}": name for name in value for language in LANGUAGES}
        theirs = {name: value.get(f"{name}_{self._language}", one) for name, one in value.items() if name not in own}
        return theirs if len(theirs) < len(value) else value

    def _is_said_by_code(self, value: Mapping[str, Any]) -> bool:
        """Whether what stands for the name is a code that is called by that very name."""
        told = value.get("name")
        told = told.get(self._language) if isinstance(told, Mapping) else told
        known = (self._known(name, code) for name, code in value.items() if isinstance(code, str) and name != "code")
        return isinstance(told, str) and comparable(told) in map(comparable, known)

    def _bounds(self, category: str, bounds: Iterable[Mapping[str, str]]) -> list[Mapping[str, str]]:
        """The bounds with characteristics and values by name."""
        known, language = Bounds(self._schemas, self._families.get(category)), self._language
        return [
            {
                **one,
                "characteristic": known.characteristic(one["characteristic"])[language],
                "within": known.within(one["characteristic"], one["within"])[language],
            }
            for one in bounds
        ]

    def _one(self, schema: Mapping[str, Any], name: str, value: Any, *, coded: bool = True) -> Shown:
        schema = self._resolved(schema, value)
        label = self._label(schema, name)
        if name == "category" and isinstance(value, str) and value in self._kinds:
            return Shown(label, "text", self._kinds[value][self._language], name=name)
        if isinstance(value, Mapping):
            if (plain := self._plain_object(value)) is not None:
                return Shown(label, "text", plain, name=name)
            return Shown(label, "group", children=tuple(self._group(schema, value)), name=name)
        if isinstance(value, list):
            return self._list(schema, label, name, value)
        return Shown(label, "text", self._text(schema, name if coded else "", value), name=name)

    def _list(self, schema: Mapping[str, Any], label: str, name: str, value: list[Any]) -> Shown:
        item = self._resolved(schema.get("items", {}))
        if "enum" in item:
            item = {**item, "x-choices": {**item.get("x-choices", {}), **schema.get("x-choices", {})}}
        if name == "kinds":
            named = tuple(self._kinds[one][self._language] if one in self._kinds else one for one in value)
            return Shown(label, "list", items=named, name=name)
        if name == "documents" and value and not isinstance(value[0], Mapping):
            return Shown(label, "list", items=tuple(self._files.get(one, one) for one in value), name=name)
        if not value or not isinstance(value[0], Mapping):
            return Shown(label, "list", items=tuple(_begun(self._text(item, name, one)) for one in value), name=name)
        if (plain := [self._plain_object(one) for one in value]) and None not in plain:
            return Shown(label, "list", items=tuple(one or "" for one in plain), name=name)
        rows = [self._group(item, one) for one in value]
        columns = {one.name for row in rows for one in row}
        if len(columns) > _MAX_COLUMNS or any(one.kind in {"group", "table"} for row in rows for one in row):
            children = tuple(Shown(str(place), "group", children=tuple(row)) for place, row in enumerate(rows, 1))
            return Shown(label, "rows", children=children, name=name)
        order = [one for one in item.get("properties", {}) if one in columns]
        order += sorted(columns - set(order))
        filled = []
        for row in rows:
            by_name = {one.name: one for one in row}
            filled.append(
                tuple(by_name.get(one) or Shown(self.label(item, one), "text", "–", name=one) for one in order)
            )
        return Shown(label, "table", rows=tuple(filled), name=name)

    def _plain_object(self, value: Mapping[str, Any]) -> str | None:
        """Objects that read as one value."""
        if {"zh", "en"} <= set(value) and not set(value) - {"zh", "en", "id", "code"}:
            return capital(str(value[self._language]))
        if set(value) == {"value", "unit"}:
            return formats.measure(value)
        if set(value) == {"document", "sha256"}:
            return self._files.get(value["document"], str(value["document"]))
        if set(value) == {"subject", "name"}:
            return str(value["name"])
        pair = next((pair for pair in PAIRS if set(value) == {*pair}), None)
        return " ".join(str(value[name]) for name in pair) if pair else None

    def _text(self, schema: Mapping[str, Any], name: str, value: Any) -> str:
        if isinstance(value, bool):
            return self._yes if value else self._no
        written = str(value)
        if known := self._known(name, written):
            return known
        if "enum" in schema or "x-choices" in schema:
            return chosen(schema).get(written, {}).get(self._language, written)
        if _DAY.fullmatch(written):
            return formats.day(written, self._language)
        if schema.get("format") == "date-time" or _INSTANT.match(written):
            return formats.instant(written, self._language)
        return written

    def _known(self, name: str, code: str) -> str:
        """What the code stands for; empty where that is not known."""
        filed = self._files.get(code, "") if name in _FILED else ""
        words = self._legend.get(name, {}).get("words", {}).get(code) or self._names.get(name, {}).get(code, {})
        return filed or words.get(self._language, "")


def _begun(written: str) -> str:
    """In lists the beginning of a SHA-256 tells files apart; in whole it would leave no room for what stands beside."""
    return written[:_BEGUN] if _DIGEST.fullmatch(written) else written
