"""A list in a file: a line of headings, and a line of texts for each thing; CSV, or the first sheet of a workbook."""

from __future__ import annotations

import csv
from io import StringIO
from typing import TYPE_CHECKING

from shared.metrology.spreadsheets.reading import cells_of, opened, text_of, too_many, unreadable
from shared.metrology.spreadsheets.sheets import SheetFault, SpreadsheetError
from shared.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterator

ZIP = b"PK"
MOST_LINES, MOST_COLUMNS = 1000, 60
MOST_BYTES = 2 << 20
Line = tuple[int, dict[int, str]]
"""The number of a line in the file, and what stands in its columns, both from 1."""


def read_lines(data: bytes, name: str, most: int = MOST_LINES) -> list[Line]:
    """The lines that say something, the first of them the headings. Raises SpreadsheetError with every fault."""
    if len(data) > MOST_BYTES:
        raise SpreadsheetError([too_many(name, "字节", "bytes", MOST_BYTES)])
    faults: list[SheetFault] = []
    found: list[Line] = []
    for number, line in _of_book(data, name, faults) if data.startswith(ZIP) else _of_text(data, name):
        if len(found) > most or (line and max(line) > MOST_COLUMNS):
            faults.append(too_many(name, "行或列", "lines or columns", most))
            break
        if line:
            found.append((number, line))
    if faults:
        raise SpreadsheetError(faults)
    return found


def _of_text(data: bytes, name: str) -> Iterator[Line]:
    """As programs of today write them, or as older ones do in China."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        try:
            text = data.decode("gb18030")
        except UnicodeDecodeError:
            zh, en = "不是CSV或xlsx文件", "is neither CSV, in UTF-8 or GB 18030, nor .xlsx"
            raise SpreadsheetError([SheetFault(name, "", Text(zh, en))]) from None
    try:
        for number, row in enumerate(csv.reader(StringIO(text), strict=True), start=1):
            yield number, {place: cell.strip() for place, cell in enumerate(row, start=1) if cell.strip()}
    except csv.Error as error:
        raise SpreadsheetError(
            [SheetFault(name, "", Text(f"CSV格式有误（{error}）", f"is not CSV: {error}"))]
        ) from None


def _of_book(data: bytes, name: str, faults: list[SheetFault]) -> Iterator[Line]:
    with opened(data, name) as book:
        page = book.worksheets[0]
        for number, cells in cells_of(page, page.title):
            wrong = [fault for cell in cells.values() for fault in unreadable(cell)]
            faults += wrong
            yield number, {} if wrong else {place: text_of(cell) for place, cell in cells.items()}
