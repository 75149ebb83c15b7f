"""A test record as the laboratory types it: what is asked for, the table of points, the body that it amounts to."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from services.portal import texts
from services.portal.formats import read_number
from services.portal.forms import ENVELOPE, Form
from services.portal.referring import resolved
from services.portal.rows import with_row, without_row

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from services.portal.client import Operation
    from services.portal.fields import Choice, Typed
    from services.portal.places import Place
    from services.portal.posting import Sent
    from services.portal.web import Visit

ROWS = 5
"""Rows for points that are added at once, and the fewest of a new table."""
BY_HAND = frozenset(
    {"item", "serial", "occasion", "points", "settings", "characteristics", "verdict", "supersedes", "signature"}
)
"""Of a test record what the desk asks for in its own way, computes, or does not have: a device signs."""
CONDITIONS = ("conditions", "conditions_at_end")
EXTREMES = ("conditions_lowest", "conditions_highest")
_BARE = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?")
_ANY = "any"
"""The dimension of values that may measure anything."""
_CLAIMS = frozenset({"error", "mpe", "rule", "verdict", "note"})


@dataclass(frozen=True, slots=True)
class Column:
    """A part of every point, or a setting of the run: what it is called, its unit, the values it may have."""

    name: str
    symbol: str
    label: Mapping[str, str]
    unit: str = ""
    measured: bool = False
    choices: tuple[str, ...] = ()
    default: str = ""

    def chosen(self, text: str) -> str:
        """The value that is called so; the text itself where none is."""
        called = {name.casefold(): value for value in self.choices for name in (value, *named(value).values())}
        return called.get(text.casefold(), text)


@dataclass(frozen=True, slots=True)
class Bench:
    """One item of one case, on the bench."""

    place: Place
    case: Mapping[str, Any]
    etag: str
    progress: Mapping[str, Any]
    item: Mapping[str, Any]
    operation: Operation
    href: str
    typed: Typed = field(default_factory=dict)
    standards: tuple[Choice, ...] = ()
    """Those of the laboratory that are in calibration."""
    files: Mapping[str, Sequence[Choice]] = field(default_factory=dict)
    """The documents of the case that the record may name."""

    def sent(self, sent: Sent) -> Bench:
        """As it was sent, on the version of the case that it was for."""
        return replace(self, typed=sent.typed, etag=sent.version or self.etag)

    @property
    def page(self) -> str:
        return f"{self.place.page}/tests/{self.item['id']}"

    @property
    def head(self) -> Form:
        return Form(self.operation.schema, self.operation.schemas, offered=self.files)

    @property
    def points(self) -> tuple[Column, ...]:
        return self._columns(self.item["records"])

    @property
    def settings(self) -> tuple[Column, ...]:
        return self._columns(self.item["settings"])

    @property
    def corrects(self) -> str:
        return next(iter(self.typed.get("supersedes", ())), "")

    def _columns(self, names: Iterable[str]) -> tuple[Column, ...]:
        known = {one["name"]: one for one in (*self.progress["characteristics"], *self.progress["recorded"])}
        return tuple(
            Column(
                name,
                # What has no symbol of its own is called by its words alone.
                known[name]["symbol"] if known[name]["symbol"] != name else "",
                {"zh": known[name]["zh"], "en": known[name]["en"]},
                known[name].get("unit", ""),
                "dimension" in known[name],
                tuple(known[name].get("values", ())),
                known[name].get("default", ""),
            )
            for name in names
        )

    @property
    def numbers(self) -> list[int]:
        """The rows of the table, in order, by the numbers that their fields have."""
        found = {int(match[1]) for name in self.typed if (match := re.match(r"points\.(\d{1,4})\.", name))}
        return sorted(found)

    @property
    def filled(self) -> list[int]:
        """The rows in which anything is typed."""
        return [number for number in self.numbers if self._point(number)]

    def body(self, numbers: Sequence[int], confirmed: Sequence[str]) -> dict[str, Any]:
        """The record as the service takes it, with the points of these rows."""
        head = self.head.read(self.typed, without=ENVELOPE | BY_HAND)
        head |= {name: head.get(name, {}) for name in CONDITIONS}
        for name in {*CONDITIONS, *EXTREMES} & head.keys():
            head[name] = {key: self._in_usual_unit(name, key, text) for key, text in head[name].items()}
        settings = {one.name: self._value("settings", one) for one in self.settings}
        return {
            **head,
            "item": self.item["id"],
            "serial": first(self.typed, "serial"),
            "occasion": first(self.typed, "occasion"),
            "settings": {name: text for name, text in settings.items() if text},
            "points": [self._point(number) for number in numbers],
            **({"supersedes": int(self.corrects)} if self.corrects.isdigit() else {}),
            **({"confirmed": [*confirmed]} if confirmed else {}),
        }

    def _point(self, number: int) -> dict[str, str]:
        values = {one.name: self._value(f"points.{number}", one) for one in self.points}
        return {name: text for name, text in values.items() if text}

    def _value(self, path: str, column: Column) -> str:
        text = read_number(first(self.typed, f"{path}.{column.name}"))
        unit = first(self.typed, f"units.{column.name}").strip()
        return f"{text} {unit}" if column.measured and unit not in ("", "1") and _BARE.fullmatch(text) else text

    def usual_unit(self, name: str, key: str) -> str:
        """The unit of a condition, as its schema has it."""
        schema = resolved(self.head.schema["properties"][name], self.operation.schemas)
        return str(resolved(schema["properties"][key], self.operation.schemas)["x-unit"])

    def _in_usual_unit(self, name: str, key: str, text: str) -> str:
        """A number without a unit is in the usual one."""
        written = read_number(text)
        if _BARE.fullmatch(written):
            return f"{written} {self.usual_unit(name, key)}"
        return written.replace("°C", "Cel").replace("℃", "Cel")


def prepared(visit: Visit, bench: Bench) -> dict[str, list[str]]:
    """What a new record begins with: the prototype asked for, and what seldom changes between two tests."""
    query = visit.request.query_params
    tests = bench.case.get("tests", [])
    number = query.get("record", "")
    if number.isdigit() and 0 < int(number) <= len(tests):
        return _corrected(bench, tests[int(number) - 1], number)
    samples = bench.case.get("samples", [])
    serial = query.get("serial") or (samples[0]["serial"] if len(samples) == 1 else "")
    before = tests[-1] if tests else {}
    kept = {name: before[name] for name in ("equipment", "software") if name in before}
    typed = bench.head.typed(kept)
    typed |= {"serial": [serial], "occasion": [_occasion(bench, serial)]}
    typed |= {f"settings.{one.name}": [one.default] for one in bench.settings if one.default and not one.measured}
    return _with_units(bench, typed, before)


def _occasion(bench: Bench, serial: str) -> str:
    """Why the prototype is tested in the item now, as far as the records tell; the service judges it."""
    counting = {one["serial"]: one["records"] for one in bench.item["prototypes"]}
    improvement = bench.case.get("improvement", {})
    if serial not in improvement.get("serials", ()):
        return "repeat_incident" if counting.get(serial) else "initial"
    tests, before = bench.case.get("tests", []), improvement["tests_before"]
    if any(number > before for number in counting.get(serial, ())):
        return "repeat_incident"
    tested = any(one["item"] == bench.item["id"] for one in tests[:before])
    return "retest_after_modification" if tested else "initial"


def _corrected(bench: Bench, record: Mapping[str, Any], number: str) -> dict[str, list[str]]:
    """The record that is corrected, as it was typed."""
    known = {*bench.head.schema["properties"], "settings"} - {"verdict", "reason", "confirmed", "item"}
    kept = {name: value for name, value in record.items() if name in known and name != "points"}
    points = [{name: text for name, text in one.items() if name not in _CLAIMS} for one in record["points"]]
    typed = bench.head.typed(kept)
    for place, point in enumerate(points):
        typed |= {f"points.{place}.{name}": [text] for name, text in point.items()}
    typed = _with_units(bench, {**typed, "supersedes": [number], "occasion": [record["occasion"]]}, record)
    return {name: [_without_unit(bench, typed, name, text) for text in texts] for name, texts in typed.items()}


def _without_unit(bench: Bench, typed: Typed, name: str, text: str) -> str:
    """A measured value without the unit that stands beside it anyway."""
    whole, _, last = name.rpartition(".")
    if whole in {*CONDITIONS, *EXTREMES}:
        return text.removesuffix(f" {bench.usual_unit(whole, last)}")
    unit = first(typed, f"units.{last}")
    return text.removesuffix(f" {unit}") if unit and whole.startswith(("points", "settings")) else text


def _with_units(bench: Bench, typed: dict[str, list[str]], before: Mapping[str, Any]) -> dict[str, list[str]]:
    """With the unit that each measured column most likely has: of the last record, the family, or the instrument."""
    known = {one["name"]: one for one in (*bench.progress["characteristics"], *bench.progress["recorded"])}
    last = {name: text for point in before.get("points", ()) for name, text in point.items()}
    units = {}
    for column in (*bench.points, *bench.settings):
        if column.measured:
            stated = _first_line(bench.case).values() if known[column.name]["dimension"] == _ANY else ()
            told = (last.get(column.name, ""), f"0 {column.unit}", *stated, known[column.name].get("example", ""))
            units[f"units.{column.name}"] = [next((unit for one in told if (unit := one.partition(" ")[2])), "")]
    return typed | units


def _first_line(case: Mapping[str, Any]) -> Mapping[str, str]:
    lines = case.get("form", {}).get("lines") or [{}]
    found: Mapping[str, str] = lines[0].get("characteristics", {})
    return found


def changed(bench: Bench, row: str, *, add: bool) -> dict[str, list[str]]:
    """With rows more, or one less."""
    if not add:
        return without_row(bench.typed, row)
    typed = with_row(bench.typed, row)
    for _ in range(ROWS - 1 if row == "points" else 0):
        typed = with_row(typed, row)
    return typed


def pasted(bench: Bench) -> dict[str, list[str]]:
    """With the cells of a spreadsheet as further rows: columns in the order of the table. A line with more cells than
    there are columns stays where it was pasted."""
    typed = {name: [*values] for name, values in bench.typed.items() if name != "pasted"}
    free = iter(number for number in range(10_000) if number not in bench.filled)
    left = too_wide(bench)
    for line in first(bench.typed, "pasted").splitlines():
        if line.strip() and line not in left:
            number = next(free)
            for column, text in zip(bench.points, _cells(line), strict=False):
                typed[f"points.{number}.{column.name}"] = [column.chosen(text)]
    return {**typed, "pasted": ["\n".join(left)]}


def too_wide(bench: Bench) -> list[str]:
    """The copied lines that have more cells than there are columns."""
    lines = first(bench.typed, "pasted").splitlines()
    return [line for line in lines if len(_cells(line)) > len(bench.points)]


def _cells(line: str) -> list[str]:
    """The cells of a copied line, up to the last that is not empty."""
    return [cell.strip() for cell in re.split(r"\t|;", line.rstrip("\t; "))]


def named(value: str) -> dict[str, str]:
    """What a value is called in each language; symbols are called as they are."""
    key = f"value.{value}"
    return {one: texts.text(key, one) if texts.has(key) else value for one in texts.LANGUAGES}


def first(typed: Typed, name: str) -> str:
    return next(iter(typed.get(name, ())), "")
