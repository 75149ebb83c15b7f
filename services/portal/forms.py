"""Forms made from JSON Schema: what a command takes decides which fields there are, and the fields are what is read.

The name of a field is the path by which a service tells its faults, `lines.0.max.unit`: an error finds its field by
construction. Whatever was typed is shown again as it was typed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from services.portal import texts
from services.portal.bounds import as_read
from services.portal.fields import RADIOS, Choice, Field, Kinds, Typed
from services.portal.formats import read_day, read_instant, read_number, typed_instant
from services.portal.labels import Words, chosen, named
from services.portal.referring import resolved
from services.portal.rows import FEW_ROWS, PASTED, cells_of, indices, settled, shut, tabular, with_name

ENVELOPE = frozenset({"confirmed"})
"""Fields that are about the command, not its content: the page has places of its own for them."""
KINDS = "kinds"
"""A list of kinds of instruments is chosen from those there are."""
_AREA_FROM = 200
_QUANTITY = re.compile(r"[0-9.]+ [^ ]+")
_MEASURE = {"value", "unit"}
_ATTACHED = ("document", "sha256")
"""How a document of the case is named: it is chosen, by both in one value."""
_AUTOCOMPLETE = {"email": "email", "phone": "tel", "postcode": "postal-code"}


class Form:
    """The form of `schema`, in which references are found in `schemas`. Fields that are `offered` choices by the last
    part of their name are chosen from them. Lists that are `given` have a row for each thing that there is, named by
    that field of it; a row in which nothing else is typed is left out."""

    def __init__(
        self,
        schema: Mapping[str, Any],
        schemas: Mapping[str, Any],
        kinds: Kinds | None = None,
        offered: Mapping[str, Sequence[Choice]] | None = None,
        given: Mapping[str, str] | None = None,
    ) -> None:
        self.schemas, self._kinds, self._given = schemas, kinds or Kinds(), given or {}
        known = dict.fromkeys(("category", KINDS), self._kinds.choices) if self._kinds.choices else {}
        self._offered = {**known, **(offered or {})}
        self.schema = self._resolved(schema)

    def fields(
        self, typed: Typed, faults: Sequence[Mapping[str, str]] = (), *, without: frozenset[str] = ENVELOPE
    ) -> tuple[Field, ...]:
        """The fields with what was typed and what is wrong with it."""
        told: dict[str, list[str]] = {}
        for fault in faults:
            told.setdefault(fault["name"], []).append(fault["reason"])
        return self._children(self.schema, "", typed, told, without)

    def read(self, typed: Typed, *, without: frozenset[str] = ENVELOPE) -> dict[str, Any]:
        """The body that the fields amount to. What is empty is left out; what cannot be read stays as it was typed,
        for the service to say what is wrong with it."""
        return self._read_object(self.schema, "", typed, without) or {}

    def placed(self, typed: Typed, faults: Sequence[Mapping[str, str]]) -> list[dict[str, str]]:
        """The faults of what was read from `typed`, at the rows in which it was typed."""

        def place(name: str, about: str = "") -> str:
            given = self._given.get(name, "")
            rows = (f"{name}.{index}" for index in (indices(typed, name) if about and given else ()))
            if row := next((row for row in rows if _first(typed, f"{row}.{given}") == about), ""):
                return row
            path, _, rest = name.partition(".")
            number, _, more = rest.partition(".")
            if path not in self._given or not number.isdigit():
                return name
            sent = self._sent(typed, path)
            return ".".join(filter(None, (path, str(sent[int(number)]), more))) if int(number) < len(sent) else name

        return [{**one, "name": place(one["name"], one.get("about", ""))} for one in faults]

    def _sent(self, typed: Typed, path: str) -> list[int]:
        """The rows of a list that are sent: of a given one those in which something is typed."""
        found, given = indices(typed, path), self._given.get(path)
        if given is None:
            return found
        filled = {
            index
            for index in found
            for name, values in typed.items()
            if name.startswith(f"{path}.{index}.") and name != f"{path}.{index}.{given}" and "".join(values).strip()
        }
        return sorted(filled)

    def typed(self, body: Mapping[str, Any]) -> dict[str, list[str]]:
        """How `body` would have been typed."""
        found: dict[str, list[str]] = {}
        _flatten(body, "", found)
        for name, part in _properties(self.schema):
            self._join_lines(part, name, found)
        return found

    def _join_lines(self, part: Mapping[str, Any], name: str, found: dict[str, list[str]]) -> None:
        """Lists of texts are typed a line each."""
        part = self._resolved(part)
        if part.get("type") == "object":
            for inner, child in _properties(part):
                self._join_lines(child, f"{name}.{inner}", found)
        elif part.get("type") == "array":
            item = self._resolved(part["items"])
            if self._attaches(item, name):
                rows = indices(found, name)
                if rows:
                    found[name] = [
                        attached(*(found.pop(f"{name}.{row}.{each}")[0] for each in _ATTACHED)) for row in rows
                    ]
            elif item.get("type") == "object":
                for index in indices(found, name):
                    for inner, child in _properties(item):
                        self._join_lines(child, f"{name}.{index}.{inner}", found)
            else:
                values = [found.pop(f"{name}.{index}")[0] for index in indices(found, name)]
                if values:
                    several = "enum" in item or self._offered_at(name) is not None
                    found[name] = values if several else ["\n".join(values)]

    def _resolved(self, schema: Mapping[str, Any]) -> Mapping[str, Any]:
        schema = resolved(schema, self.schemas)
        return self._any(schema) if "anyOf" in schema else schema

    def named(self, name: str) -> Words:
        """What the field `name` of the whole form is called."""
        return named(self._resolved(self.schema["properties"][name]), name)

    def _offered_at(self, path: str) -> Sequence[Choice] | None:
        """From what the field at `path` is chosen; None where it is typed."""
        return self._offered.get(path.rpartition(".")[2])

    @property
    def kinds(self) -> Kinds:
        return self._kinds

    def about(self, category: str) -> Form:
        """The same form about another kind of instrument."""
        return Form(self.schema, self.schemas, replace(self._kinds, category=category))

    def _attaches(self, item: Mapping[str, Any], path: str) -> bool:
        """Whether the list at `path`, of such items, names documents that are chosen."""
        return item.get("properties", {}).keys() == {*_ATTACHED} and self._offered_at(path) is not None

    def _at(self, schema: Mapping[str, Any], path: str, typed: Typed) -> Mapping[str, Any]:
        """The schema of what stands at `path`. Of the characteristics of instruments those of the kind at hand; none
        before a kind was chosen."""
        families, schema = self._kinds.families, resolved(schema, self.schemas)
        titled = {found["title"]: found for one in schema.get("anyOf", ()) if "title" in (found := self._resolved(one))}
        if not families or not titled:
            return self._resolved(schema)
        told = {name: value for name, value in schema.items() if name != "anyOf"}
        chosen = titled.get(families.get(self._category(path, typed), ""), {"type": "object"})
        return {**chosen, **told}

    def _category(self, path: str, typed: Typed) -> str:
        """What is typed for the kind nearest to `path`: of the same line, or of the whole form."""
        parts = path.split(".")
        while parts:
            parts.pop()
            if (name := ".".join([*parts, "category"])) in typed:
                return _first(typed, name)
        return self._kinds.category

    def _any(self, schema: Mapping[str, Any]) -> Mapping[str, Any]:
        """One of several: objects are asked for with the fields of all; required are those that all require."""
        kinds = [self._resolved(one) for one in schema["anyOf"] if one.get("type") != "null"]
        told = {name: value for name, value in schema.items() if name != "anyOf"}
        if len(kinds) == 1 or any(kind.get("type") != "object" for kind in kinds):
            return {**kinds[0], **told}
        fields = {name: part for kind in reversed(kinds) for name, part in kind.get("properties", {}).items()}
        required = set.intersection(*(set(kind.get("required", ())) for kind in kinds))
        return {
            **told,
            "type": "object",
            "properties": fields,
            "required": [name for name in fields if name in required],
        }

    def _children(
        self,
        schema: Mapping[str, Any],
        path: str,
        typed: Typed,
        told: Mapping[str, Sequence[str]],
        without: frozenset[str] = frozenset(),
    ) -> tuple[Field, ...]:
        required = schema.get("required", ())
        return tuple(
            self._field(part, f"{path}{name}", name, typed, told, required=name in required)
            for name, part in _properties(schema)
            if name not in without
        )

    def _field(
        self,
        schema: Mapping[str, Any],
        path: str,
        name: str,
        typed: Typed,
        told: Mapping[str, Sequence[str]],
        *,
        required: bool,
    ) -> Field:
        schema = self._at(schema, path, typed)
        called = named(schema, name)
        base = Field(
            path,
            "text",
            called.label,
            called.typed,
            required,
            value=_first(typed, path),
            maximum=schema.get("maxLength"),
            example=_example(schema),
            autocomplete=_AUTOCOMPLETE.get(name, ""),
            errors=tuple(told.get(path, ())),
        )
        match schema.get("type"):
            case "object":
                return self._object(base, schema, typed, told)
            case "array":
                return self._array(base, schema, typed, told)
            case "boolean":
                # What must be answered either way is asked: a box that is left alone would say nothing.
                return _asking(base) if required and "enum" not in schema else replace(base, kind="yes")
            case "integer" | "number":
                return replace(base, kind="number", maximum=schema.get("maximum"))
        if offered := self._offered_at(name):
            options = tuple(replace(one, chosen=one.value == base.value) for one in offered)
            return replace(base, kind="select", choices=options, hint=called.hint)
        return _choosing(base, schema) if "enum" in schema else _written(base, schema)

    def _object(self, base: Field, schema: Mapping[str, Any], typed: Typed, told: Mapping[str, Sequence[str]]) -> Field:
        if set(schema.get("properties", {})) == _MEASURE:
            names = [base.name, *(f"{base.name}.{part}" for part in ("value", "unit"))]
            return replace(
                base,
                kind="measure",
                value=_first(typed, f"{base.name}.value"),
                children=(Field(f"{base.name}.unit", "unit", base.label, value=_first(typed, f"{base.name}.unit")),),
                errors=tuple(one for name in names for one in told.get(name, ())),
            )
        children = self._children(schema, f"{base.name}.", typed, told)
        return replace(base, kind="group", hint=named(schema, base.name).hint, children=children)

    def _array(self, base: Field, schema: Mapping[str, Any], typed: Typed, told: Mapping[str, Sequence[str]]) -> Field:
        item = self._resolved(schema["items"])
        if item.get("type") == "object" and not self._attaches(item, base.name):
            base = replace(base, hint=named(schema, base.name).hint, maximum=schema.get("maxItems"))
            return self._rows(base, item, typed, told)
        if "enum" in item:
            called, taken = chosen({**schema, "items": item}), set(typed.get(base.name, ()))
            options = tuple(Choice.called(value, told_of, chosen=value in taken) for value, told_of in called.items())
            return replace(base, kind="choices", choices=options)
        if (offered := self._offered_at(base.name)) is not None:
            ticked = set(typed.get(base.name, ()))
            unknown = sorted(ticked - {one.value for one in offered})
            known = (*offered, *(Choice.called(one, texts.both("form.gone"), chosen=True) for one in unknown))
            options = tuple(replace(one, chosen=one.value in ticked) for one in known)
            errors = tuple(one for name, all_ in told.items() if name.startswith(base.name) for one in all_)
            return replace(base, kind="choices", choices=options, errors=errors, hint=named(schema, base.name).hint)
        below = [one for name, all_ in told.items() if name.startswith(f"{base.name}.") for one in all_]
        return replace(base, kind="lines", errors=(*base.errors, *below))

    def _rows(self, base: Field, item: Mapping[str, Any], typed: Typed, told: Mapping[str, Sequence[str]]) -> Field:
        def row(index: int) -> Field:
            found = self._field(item, f"{base.name}.{index}", base.name, typed, told, required=base.required)
            return replace(found, label=base.label)

        rows = [row(index) for index in indices(typed, base.name) or ([0] if base.required else [])]
        rows = as_read(rows, self.schemas, self._kinds.families.get(self._category(base.name, typed)))
        like = rows[0] if rows else row(0)
        given = self._given.get(base.name, "")
        if not tabular(like, given=bool(given)):
            return replace(base, kind="rows", rows=tuple(shut([with_name(one, given) for one in rows], typed)))
        if len(rows) > FEW_ROWS:
            rows = [settled(one) for one in rows]
        cells = tuple(cells_of(one, given) for one in rows)
        pasted = _first(typed, f"{PASTED}.{base.name}").strip()
        return replace(base, kind="table", rows=cells, columns=cells_of(like, given).children, pasted=pasted)

    def _read_object(
        self, schema: Mapping[str, Any], path: str, typed: Typed, without: frozenset[str] = frozenset()
    ) -> dict[str, Any] | None:
        if set(schema.get("properties", {})) == _MEASURE and not _first(typed, f"{path}value").strip():
            return None
        found = {}
        for name, part in _properties(schema):
            if name not in without and (value := self._read(part, f"{path}{name}", typed)) is not None:
                found[name] = value
        return found or None

    def _read(self, schema: Mapping[str, Any], path: str, typed: Typed) -> Any:
        schema = self._at(schema, path, typed)
        if schema.get("type") == "object":
            return self._read_object(schema, f"{path}.", typed)
        if schema.get("type") == "array":
            return self._read_array(schema, path, typed)
        written = _first(typed, path).replace("\r\n", "\n").strip()
        if not written:
            return None
        return _value(schema, path, written)

    def _read_array(self, schema: Mapping[str, Any], path: str, typed: Typed) -> list[Any] | None:
        item = self._resolved(schema["items"])
        if self._attaches(item, path):
            return [dict(zip(_ATTACHED, one.split(" "), strict=False)) for one in typed.get(path, ())] or None
        if item.get("type") == "object":
            rows = [self._read_object(item, f"{path}.{index}.", typed) for index in self._sent(typed, path)]
            # A row that is left empty is none, but those behind it keep their place for the faults that they have.
            while rows and rows[-1] is None:
                rows.pop()
            return [row or {} for row in rows] or None
        if "enum" in item or self._offered_at(path) is not None:
            return list(typed.get(path, ())) or None
        return [line.strip() for line in _first(typed, path).splitlines() if line.strip()] or None


def attached(document: str, sha256: str) -> str:
    """The value by which the document is chosen."""
    return f"{document} {sha256}"


def _written(base: Field, schema: Mapping[str, Any]) -> Field:
    """A text, by the way in which it is typed."""
    if schema.get("format") == "date-time":
        return replace(base, kind="instant", value=typed_instant(base.value))
    if schema.get("format") == "date":
        return replace(base, kind="date")
    if _QUANTITY.fullmatch(base.example):
        # How a quantity is written, by one that is.
        told = "form.such_as" if base.hint["zh"] else "form.example"
        hint: dict[str, str] = {
            one: texts.text(told, one, hint=base.hint[one], shown=base.example) for one in texts.LANGUAGES
        }
        base = replace(base, hint=hint)
    long = (schema.get("maxLength") or 0) > _AREA_FROM and schema.get("format") != "email"
    return replace(base, kind="area" if long else "text")


def _choosing(base: Field, schema: Mapping[str, Any]) -> Field:
    called = chosen(schema)
    options = tuple(Choice.called(value, told, chosen=value == base.value) for value, told in called.items())
    return replace(base, kind="choice" if len(called) <= RADIOS else "select", choices=options)


def _asking(base: Field) -> Field:
    answers = {"yes": texts.both("page.yes"), "no": texts.both("page.no")}
    options = tuple(Choice.called(value, told, chosen=value == base.value) for value, told in answers.items())
    return replace(base, kind="choice", choices=options)


def _value(schema: Mapping[str, Any], path: str, written: str) -> Any:
    """What was written, as JSON has it."""
    match schema.get("type"):
        case "boolean":
            return written == "yes"
        case "integer" | "number":
            number = read_number(written)
            return int(number) if re.fullmatch(r"[+-]?[0-9]{1,18}", number) else written
    if schema.get("format") == "date":
        return read_day(written)
    if schema.get("format") == "date-time":
        return read_instant(written)
    return read_number(written) if path.endswith(".value") and "pattern" in schema else written


def _properties(schema: Mapping[str, Any]) -> list[tuple[str, Mapping[str, Any]]]:
    return list(schema.get("properties", {}).items())


def _first(typed: Typed, path: str) -> str:
    return next(iter(typed.get(path, ())), "")


def _example(schema: Mapping[str, Any]) -> str:
    shown = next(iter(schema.get("examples", ())), "")
    return str(shown) if isinstance(shown, (str, int)) and not isinstance(shown, bool) else ""


def _flatten(value: Any, path: str, found: dict[str, list[str]]) -> None:
    if isinstance(value, Mapping):
        for name, part in value.items():
            _flatten(part, f"{path}.{name}" if path else name, found)
    elif isinstance(value, list):
        for index, part in enumerate(value):
            _flatten(part, f"{path}.{index}", found)
    elif isinstance(value, bool):
        found[path] = ["yes" if value else "no"]
    else:
        found[path] = [str(value)]
