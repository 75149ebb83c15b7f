"""A filled workbook read by the markers of its rows. What no row has a place for is a fault; nothing is passed over."""

from __future__ import annotations

import warnings
from contextlib import contextmanager
from datetime import date, datetime, time
from io import BytesIO
from typing import TYPE_CHECKING, Any

from shared.metrology.spreadsheets.archive import check
from shared.metrology.spreadsheets.sheets import (
    FIELD,
    KEYS,
    LABEL,
    LAYOUT,
    LIMITS,
    ROW,
    UNITS,
    Cell,
    Found,
    SheetFault,
    SpreadsheetError,
    column_letters,
    shown_number,
)
from shared.text import Text, refused

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST_SHEETS, MOST_ROWS, MOST_COLUMNS = 60, 2000, 60
_LABELLED = 5
"""Columns of a field: marker, label, value, unit, hint."""


def read_sheets(data: bytes, name: str) -> tuple[list[Found], list[SheetFault]]:
    """The sheets of a template, and every cell of them that cannot be read; raises SpreadsheetError for a file that is
    none. `name` is told with what is wrong with the file as a whole."""
    faults: list[SheetFault] = []
    found: list[Found] = []
    with opened(data, name) as book:
        if len(book.sheetnames) > MOST_SHEETS:
            faults.append(too_many(name, "工作表", "sheets", MOST_SHEETS))
        for page in book.worksheets[:MOST_SHEETS]:
            sheet = _Sheet(page.title)
            sheet.read(page)
            faults += sheet.faults
            if sheet.found:
                found.append(sheet.found)
    return found, faults


@contextmanager
def opened(data: bytes, name: str) -> Iterator[Any]:
    """The workbook, to be read within the block. Raises SpreadsheetError for a file that is none, or cannot be read."""
    # Loaded when a file first comes: few processes ever read one.
    from openpyxl import load_workbook  # noqa: PLC0415 - at first use

    check(data, name)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of extensions that it leaves out
            book = load_workbook(BytesIO(data), read_only=True, keep_links=False)
        yield book
    except Exception as error:
        if isinstance(error, SpreadsheetError):
            raise
        # A broken file makes openpyxl raise anything.
        told = f"{type(error).__name__}: {error}"[:200]
        raise SpreadsheetError(
            [SheetFault(name, "", Text(f"无法读取该工作簿（{told}）", f"cannot be read as a workbook ({told})"))]
        ) from None


def cells_of(page: Any, name: str) -> Iterator[tuple[int, dict[int, Cell]]]:
    """The rows of a sheet, each with its number and the cells that are filled, by column."""
    page.reset_dimensions()  # what a file says of its size may be wrong
    for number, cells in enumerate(page.iter_rows(), start=1):
        yield (
            number,
            {
                place: Cell(
                    name,
                    f"{column_letters(place)}{number}",
                    cell.value,
                    cell.number_format or "",
                    cell.data_type in {"f", "e"},
                )
                for place, cell in enumerate(cells, start=1)
                if cell.value not in (None, "")
            },
        )


def too_many(where: str, zh: str, en: str, most: int) -> SheetFault:
    return SheetFault(where, "", Text(f"{zh}过多，最多 {most}", f"too many {en}: at most {most} are read"))


class _Sheet:
    def __init__(self, name: str) -> None:
        self.name = name
        self.found: Found | None = None
        self.faults: list[SheetFault] = []

    def read(self, page: Any) -> None:
        for number, row in cells_of(page, self.name):
            if number > MOST_ROWS:
                self.faults.append(too_many(self.name, "行", "rows", MOST_ROWS))
                return
            if row and max(row) > MOST_COLUMNS:
                self.faults.append(too_many(self.name, "列", "columns", MOST_COLUMNS))
                return
            if row and not self._take(number, row):
                return

    def _take(self, number: int, row: dict[int, Cell]) -> bool:
        """False ends the reading of this sheet."""
        marker = row.pop(1, None)
        words = str(marker.value).split() if marker else []
        if self.found is None:
            return self._begin(number, words)
        kind, key = words[0] if words else "", words[-1] if words else ""
        if kind == LABEL or self.found.kind == LIMITS:
            return True
        for one in row.values():
            self.faults += unreadable(one)
        if kind == FIELD:
            value, unit = (row.get(place, Cell(self.name, f"{column_letters(place)}{number}")) for place in (3, 4))
            self.found.fields[key] = (value, unit)
            self.faults += [_strange(one) for place, one in row.items() if place > _LABELLED]
        elif kind == KEYS:
            self.found.keys[key] = row
        elif kind in {UNITS, ROW} and key in self.found.keys:
            self.faults += [_strange(one) for place, one in row.items() if place not in self.found.keys[key]]
            if kind == UNITS:
                self.found.units[key] = row
            elif row:
                self.found.rows.setdefault(key, []).append(row)
        else:
            self.faults += [_strange(one) for one in row.values()]
        return True

    def _begin(self, number: int, words: list[str]) -> bool:
        layout = LAYOUT.split()
        if number == 1 and words[:1] == layout[:1] and len(words) == len(layout) + 1:
            if words[1] == layout[1]:
                self.found = Found(self.name, words[2])
                return True
            zh, en = f"模板版式为 {words[1]}，本程序读取 {layout[1]}", f"its layout is {words[1]}, {layout[1]} is read"
        else:
            zh, en = (
                "不是模板的工作表，请删除",
                "is not a sheet of a template: delete it, or begin with `quanheng template`",
            )
        self.faults.append(SheetFault(self.name, "", Text(zh, en)))
        return False


def _strange(cell: Cell) -> SheetFault:
    return cell.fault("此处不读取，请移到输入格", "nothing is read here: move it to an input cell, or delete it")


def unreadable(cell: Cell) -> Iterator[SheetFault]:
    """What is wrong with a cell that is not text, number or date."""
    value = cell.value
    if cell.formula:
        yield cell.fault("是公式或错误值，请改为其数值", "is a formula or an error of one: paste its value instead")
    elif isinstance(value, bool):
        yield cell.fault("是逻辑值，应为文字或数字", "is a truth value: write a text or a number")
    elif isinstance(value, str):
        if why := refused(value, lines=True):
            yield cell.fault(f"含不允许的字符 {why.partition(',')[0]}", f"has {why}")
    elif not isinstance(value, int | float | date | datetime):
        yield cell.fault("无法读取", "cannot be read: write a text, a number or a date")


def text_of(cell: Cell) -> str:
    """The text of a cell; a number as it is shown, a day as YYYY-MM-DD. Raises SpreadsheetError for a time of day."""
    value = cell.value
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, datetime):
        if value.time() != time():
            raise SpreadsheetError([cell.fault("有时刻，只应有日期", "has a time of day: write only the date")])
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if value is None:
        return ""
    number, percent = number_of(cell)
    return f"{number} %" if percent else number


def number_of(cell: Cell) -> tuple[str, bool]:
    """A number as its cell shows it, and whether that is per cent. Raises SpreadsheetError for another value."""
    value = cell.value
    if isinstance(value, int | float) and not isinstance(value, bool) and (found := shown_number(value, cell.shown)):
        return found
    raise SpreadsheetError([cell.fault("不是可读的数", "is not a number that can be read")])
