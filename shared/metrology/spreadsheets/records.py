"""Reports into the spreadsheets of their items, and filled spreadsheets into one report, with every fault named."""

from __future__ import annotations

from datetime import date
from functools import partial
from string import ascii_uppercase, digits
from typing import TYPE_CHECKING, Any

from shared.metrology.limits import FamilyError, Verdict
from shared.metrology.quantity import Quantity
from shared.metrology.records import CLAIMS, REASONS, read_report
from shared.metrology.registry import family, known_families, programme
from shared.metrology.spreadsheets.forms import EQUIPMENT, RECORD_FIELDS, sheets
from shared.metrology.spreadsheets.reading import number_of, read_sheets, text_of
from shared.metrology.spreadsheets.sheets import (
    INSTRUMENT,
    RECORD,
    Cell,
    Found,
    Kind,
    SheetFault,
    SpreadsheetError,
    is_bare,
    with_unit,
)
from shared.metrology.units import QuantityError, code_of
from shared.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from shared.metrology.family import Family
    from shared.metrology.records import Report

POINTS = 30
"""Rows for points where nothing is said."""
MOST_POINTS = 1000
_CONDITION_KEYS = ("name", "value", "end", "unit")
_NAMES = ("family", "programme", "edition")


def template(name: str, item_id: str, edition: str = "", report: Report | None = None, points: int = POINTS) -> bytes:
    """The workbook of a test item of a family or programme, with `points` rows for points.

    With a report its instrument, its prototypes and its records of the item are filled in, and limits are told for it.
    Raises FamilyError for names that there are not, or an item of another family.
    """
    # It brings openpyxl, which few processes ever need.
    from shared.metrology.spreadsheets.writing import write  # noqa: PLC0415 - at first use

    if not 1 <= points <= MOST_POINTS:
        raise FamilyError(f"{points}个点：应为1至{MOST_POINTS}", f"{points} points: give 1 to {MOST_POINTS}")
    held = family_named(name)
    item = held.item(item_id)
    used = held.programme(item_id.partition(".")[0], edition)
    if report:
        if programme(report.programme)[0] is not held:
            raise FamilyError(
                f"报告依据{report.programme}，而{item_id}属于{held.id}",
                f"the report is of {report.programme}, {item_id} of the family {held.id}",
            )
        used = held.programme(report.programme, report.edition)
    return write(sheets(held, used, item, report, max(points, item.least)))


def family_named(name: str) -> Family:
    """A family by its own name or that of one of its programmes; raises FamilyError."""
    return family(name) if name in known_families() else programme(name)[0]


def read(files: Iterable[tuple[str, bytes]]) -> dict[str, Any]:
    """The report, as JSON data, that one or more filled workbooks make together; each file has a name to be told by.

    Raises SpreadsheetError with every fault, if there is one: nothing is taken then.
    """
    faults: list[SheetFault] = []
    reports: list[tuple[str, dict[str, Any]]] = []
    for name, data in files:
        try:
            reports.append((name, _Workbook(name, data).report()))
        except SpreadsheetError as error:
            faults += error.faults
    if faults:
        raise SpreadsheetError(faults)
    if not reports:
        raise FamilyError("请至少给出一个工作簿", "give at least one workbook")
    made = _together(reports)
    read_report(made)
    return made


def read_one(name: str, data: bytes) -> tuple[dict[str, Any], Mapping[str, str]]:
    """The report of one filled workbook, and where in it every part stands: `records.0.points.2.load` in
    `记录 record 1!C38`. Raises SpreadsheetError with every fault."""
    book = _Workbook(name, data)
    made = book.report()
    read_report(made)
    return made, book.places


def _together(reports: Sequence[tuple[str, dict[str, Any]]]) -> dict[str, Any]:
    """One report of several: what they say of the instrument must be the same."""
    (first, made), *others = reports
    faults = []
    for name, other in others:
        for key in made.keys() | other.keys():
            if key in {"records", "prototypes"}:
                continue
            if made.get(key) != other.get(key):
                told = f"{key}: {other.get(key)} / {made.get(key)}"
                faults.append(
                    SheetFault(name, "", Text(f"与 {first} 不一致，{told}", f"differs from {first} in {told}"))
                )
        known = {one["serial"]: one for one in made["prototypes"]}
        for one in other["prototypes"]:
            if known.setdefault(one["serial"], one) != one:
                told = f"prototypes {one['serial']}"
                faults.append(
                    SheetFault(name, "", Text(f"与 {first} 不一致，{told}", f"differs from {first} in {told}"))
                )
        made = {**made, "prototypes": list(known.values()), "records": [*made["records"], *other["records"]]}
    if faults:
        raise SpreadsheetError(faults)
    return made


class _Workbook:
    """One filled workbook. Faults are gathered, so that a laboratory reads all of them at once."""

    def __init__(self, name: str, data: bytes) -> None:
        self.name = name
        self.found, self.faults = read_sheets(data, name)
        self.places: dict[str, str] = {}

    def report(self) -> dict[str, Any]:
        instruments = [one for one in self.found if one.kind == INSTRUMENT]
        records = [one for one in self.found if one.kind == RECORD]
        if len(instruments) != 1 or not records:
            told = Text(
                "应有一张仪器表和至少一张记录表", "needs one sheet of the instrument and at least one of a record"
            )
            raise SpreadsheetError([*self.faults, SheetFault(self.name, "", told)])
        sheet = instruments[0]
        named = [self._text(sheet, key) for key in _NAMES]
        try:
            held, used = programme(named[1], named[2])
            if held.id != named[0]:
                held = family(named[0])
        except FamilyError as error:
            raise SpreadsheetError([*self.faults, _cell(sheet, "programme").fault(*error.told)]) from None
        reader = _Reader(held, self.faults)
        made = reader.instrument(sheet)
        self.places |= reader.places
        known = {one["serial"] for one in made["prototypes"]}
        found: list[dict[str, Any]] = []
        for one in records:
            self._agree(sheet, one)
            reader = _Reader(held, self.faults)
            if record := reader.record(one, known):
                path = f"records.{len(found)}"
                self.places |= {path: one.name, **{f"{path}.{name}": at for name, at in reader.places.items()}}
                found.append(record)
        if not found and not self.faults:
            self.faults.append(SheetFault(self.name, "", Text("没有填写任何记录", "has no record that is filled in")))
        if self.faults:
            raise SpreadsheetError(self.faults)
        return {"programme": used.id, "edition": used.edition, **made, "records": found}

    def _text(self, sheet: Found, key: str) -> str:
        return str(_cell(sheet, key).value or "")

    def _agree(self, sheet: Found, record: Found) -> None:
        for key in _NAMES:
            told, stated = self._text(record, key), self._text(sheet, key)
            if told != stated:
                zh, en = f"为 {told}，仪器表为 {stated}", f"is {told}, on the sheet of the instrument {stated}"
                self.faults.append(_cell(record, key).fault(zh, en))


class _Reader:
    """What the cells of one sheet say. Every method adds what is wrong to `faults` and goes on.

    `places` are the cells of what was read, by its path.
    """

    def __init__(self, held: Family, faults: list[SheetFault]) -> None:
        self.held = held
        self.faults = faults
        self.places: dict[str, str] = {}

    def instrument(self, sheet: Found) -> dict[str, Any]:
        made: dict[str, Any] = {"instrument": self._parameters(sheet, "instrument")}
        for key in ("country", "verdict"):
            if text := self._attempt(_cell(sheet, key), text_of):
                made[key] = text
        self._among(_cell(sheet, "verdict"), list(Verdict))
        prototypes = []
        for number, row in enumerate(self._rows(sheet, "prototypes")):
            self._placed(f"prototypes.{number}.instrument", row)
            serial = self._attempt(row.pop("serial", None), text_of)
            if not serial:
                some = next(iter(row.values()))
                self.faults.append(some.fault("缺少样机编号", "the prototype has no serial number"))
            own = self._quantities(sheet, "prototypes", row)
            prototypes.append({"serial": serial, "instrument": own} if own else {"serial": serial})
        if not prototypes:
            self.faults.append(SheetFault(sheet.name, "", Text("没有样机", "names no prototype")))
        return {**made, "prototypes": prototypes}

    def record(self, sheet: Found, known: set[str]) -> dict[str, Any] | None:
        """None for a sheet that nobody has filled in."""
        points = self._points(sheet)
        cells = {one.key: _cell(sheet, one.key) for one in RECORD_FIELDS}
        self._placed("", {**cells, **{key: _cell(sheet, key) for key in ("item", "edition")}})
        if not points and cells["prototype"].value is None and cells["on"].value is None:
            return None
        made: dict[str, Any] = {"item": str(_cell(sheet, "item").value or "")}
        try:
            self.held.item(made["item"])
        except FamilyError as error:
            self.faults.append(_cell(sheet, "item").fault(*error.told))
        for column in (one for one in RECORD_FIELDS if one.key in sheet.fields):
            read: Callable[[Cell], Any] = {Kind.DATE: _day, Kind.WHOLE: _whole}.get(column.kind, text_of)
            if column.kind is Kind.QUANTITY:
                read = partial(_uncertainty, unit=sheet.fields[column.key][1])
            value = self._attempt(cells[column.key], read)
            if value not in ("", None):
                made[column.key] = value
        for key in ("prototype", "on"):
            if cells[key].value is None:
                self.faults.append(cells[key].fault("必填", "is required"))
        if "prototype" in made and made["prototype"] not in known:
            told = ", ".join(sorted(known))
            self.faults.append(
                cells["prototype"].fault(
                    f"仪器表中没有该样机，有 {told}", f"is not a prototype of the instrument's sheet: {told}"
                )
            )
        self._among(cells["reason"], REASONS)
        self._among(cells["verdict"], list(Verdict))
        made |= {"settings": self._parameters(sheet, "setting", "settings"), **self._conditions(sheet)}
        return {**made, "equipment": self._equipment(sheet), "points": points}

    def _points(self, sheet: Found) -> list[dict[str, str]]:
        made = []
        for number, row in enumerate(self._rows(sheet, "points")):
            self._placed(f"points.{number}", row)
            claims = {name: self._attempt(row.pop(name), text_of) for name in CLAIMS if name in row}
            made.append(self._quantities(sheet, "points", row) | {name: text for name, text in claims.items() if text})
        return made

    def _conditions(self, sheet: Found) -> dict[str, dict[str, str]]:
        made: dict[str, dict[str, str]] = {"conditions": {}, "conditions_at_end": {}}
        named: set[str] = set()
        for row in self._rows(sheet, "conditions"):
            name, start, end, unit = (self._attempt(row.get(key), text_of) or "" for key in _CONDITION_KEYS)
            for key, column in (("conditions", "value"), ("conditions_at_end", "end")):
                self._placed(key, {name: _in_column(sheet, "conditions", column, row)})
            if not start and not end:
                continue
            if not name or name in named:
                some = row["value" if start else "end"]
                self.faults.append(some.fault("条件名称缺少或重复", "the condition has no name of its own"))
            named.add(name)
            for told, text in zip(made.values(), (start, end), strict=True):
                if text:
                    told[name] = with_unit(text, unit) if is_bare(text) else text
        return made

    def _equipment(self, sheet: Found) -> list[dict[str, str]]:
        made = []
        for number, row in enumerate(self._rows(sheet, "equipment")):
            self._placed(f"equipment.{number}", row)
            one = {}
            for column in EQUIPMENT:
                read = _day if column.kind is Kind.DATE else text_of
                if text := self._attempt(row.get(column.key), read):
                    one[column.key] = text
            for key in ("asset", "calibrated_until"):
                if key not in row:
                    some = next(iter(row.values()))
                    self.faults.append(some.fault(f"该行缺少 {key}", f"its row has no {key}"))
            made.append(one)
        return made

    def _rows(self, sheet: Found, table: str) -> list[dict[str, Cell]]:
        keys = {place: str(cell.value) for place, cell in sheet.keys.get(table, {}).items()}
        return [
            {keys[place]: cell for place, cell in row.items() if place in keys} for row in sheet.rows.get(table, ())
        ]

    def _placed(self, path: str, cells: Mapping[str, Cell]) -> None:
        self.places |= {f"{path}.{name}".lstrip("."): cell.at for name, cell in cells.items() if cell.place}

    def _parameters(self, sheet: Found, group: str, path: str = "") -> dict[str, str]:
        made = {}
        for key, (cell, unit) in sheet.fields.items():
            if key.startswith(f"{group}.") and cell.value is not None:
                name = key.removeprefix(f"{group}.")
                self._placed(path or group, {name: cell})
                if text := self._parameter(name, cell, unit):
                    made[name] = text
        return made

    def _quantities(self, sheet: Found, table: str, row: Mapping[str, Cell]) -> dict[str, str]:
        places = {str(cell.value): place for place, cell in sheet.keys[table].items()}
        units = sheet.units.get(table, {})
        made = {}
        for name, cell in row.items():
            unit = units.get(places[name], Cell(sheet.name, "", None))
            if text := self._parameter(name, cell, unit):
                made[name] = text
        return made

    def _parameter(self, name: str, cell: Cell, unit: Cell) -> str:
        try:
            parameter = self.held.parameter(name)
            text = _measured(cell, unit) if parameter.dimension else text_of(cell)
            if text:
                parameter.read(text)
        except SpreadsheetError as error:
            self.faults += error.faults
        except (FamilyError, QuantityError) as error:
            self.faults.append(cell.fault(*error.told))
        else:
            return text
        return ""

    def _among(self, cell: Cell, choices: Sequence[str]) -> None:
        if cell.value is not None and cell.value not in choices:
            told = ", ".join(choices)
            self.faults.append(cell.fault(f"应为 {told} 之一", f"use one of {told}"))

    def _attempt(self, cell: Cell | None, read: Callable[[Cell], Any]) -> Any:
        if cell is None:
            return ""
        try:
            return read(cell)
        except SpreadsheetError as error:
            self.faults += error.faults
            return ""


def _cell(sheet: Found, key: str) -> Cell:
    return sheet.fields[key][0] if key in sheet.fields else Cell(sheet.name, "", None)


def _in_column(sheet: Found, table: str, key: str, row: Mapping[str, Cell]) -> Cell:
    """The cell of a column in the row of a table, though it may be empty."""
    if key in row:
        return row[key]
    columns = {str(one.value): one for one in sheet.keys[table].values()}
    number = next(iter(row.values())).place.lstrip(ascii_uppercase)
    return Cell(sheet.name, f"{columns[key].place.rstrip(digits)}{number}" if key in columns else "")


def _measured(cell: Cell, unit: Cell) -> str:
    """A quantity: a number in the unit of its field or column, or a text that may name its own."""
    wanted = code_of(text_of(unit))
    if isinstance(cell.value, str):
        text = text_of(cell)
        return with_unit(text, wanted) if is_bare(text) else text
    if cell.value is None:
        return ""
    number, percent = number_of(cell)
    return f"{number} %" if percent else with_unit(number, wanted)


def _uncertainty(cell: Cell, unit: Cell) -> str:
    text = _measured(cell, unit)
    if text:
        try:
            Quantity.parse(text)
        except QuantityError as error:
            raise SpreadsheetError([cell.fault(*error.told)]) from None
    return text


def _day(cell: Cell) -> str:
    text = text_of(cell)
    try:
        return date.fromisoformat(text).isoformat() if text else ""
    except ValueError:
        raise SpreadsheetError(
            [cell.fault("不是日期，应写作 2013-10-08", "is not a date: write it as 2013-10-08")]
        ) from None


def _whole(cell: Cell) -> int | None:
    text = text_of(cell)
    if not text:
        return None
    if not text.isascii() or not text.isdigit() or not int(text):
        raise SpreadsheetError([cell.fault("应为 1 以上的整数", "is not a whole number from 1 up")])
    return int(text)
