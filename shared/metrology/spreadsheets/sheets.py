"""The sheets of a workbook as data, and how values stand in their cells. Pure.

Column A of every sheet is hidden and says what a row is: `field NAME` (value in C, unit in D), `keys TABLE`,
`units TABLE` and `row TABLE` of a table from column B on, or `label`. A1 says what the sheet is.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from string import ascii_uppercase
from typing import TYPE_CHECKING

from shared.metrology.limits import FamilyError
from shared.metrology.units import code_of
from shared.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

LAYOUT = "quanheng 1"
"""The layout of the sheets; a later one has a higher number."""
INSTRUMENT, RECORD, LIMITS = "instrument", "record", "limits"
LABEL, FIELD, KEYS, UNITS, ROW = "label", "field", "keys", "units", "row"
DIGITS = 15
"""Significant digits that a number in a spreadsheet keeps."""
_MOST_PLACES = 23
"""Digits before or behind the point that a quantity can have (`Quantity.parse`)."""
_BARE = re.compile(r"[+-]?[0-9]+(?:[./][0-9]+)?")
_NUMBER = re.compile(r"(-?(?:0|[1-9][0-9]*)(?:\.([0-9]+))?)(?: (\S+))?")


@dataclass(frozen=True, slots=True)
class SheetFault:
    """What is wrong with a cell, in both languages. `cell` is empty where the whole sheet or file is at fault."""

    sheet: str
    cell: str
    reason: Text

    @property
    def place(self) -> str:
        return f"{self.sheet}!{self.cell}" if self.cell else self.sheet

    def __str__(self) -> str:
        return f"{self.place}: {self.reason}"


class SpreadsheetError(FamilyError):
    """Why nothing of a workbook is taken: all of its faults, of a cell the first that was found."""

    def __init__(self, faults: Sequence[SheetFault]) -> None:
        placed: dict[object, SheetFault] = {}
        for one in faults:
            placed.setdefault(one.place if one.cell else one, one)
        self.faults = tuple(placed.values())
        told = "\n".join(str(one) for one in self.faults)
        super().__init__(told, told)


class Kind(StrEnum):
    """What is written in a cell."""

    TEXT = "text"
    QUANTITY = "quantity"
    DATE = "date"
    WHOLE = "whole"


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A value that is written into cells. `unit` is that of a number without one, `units` those to choose from."""

    key: str
    label: str
    kind: Kind = Kind.TEXT
    unit: str = ""
    units: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()
    hint: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One value with its label; a locked one is not for filling in."""

    column: Column
    text: str = ""
    locked: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Rows of texts by the key of a column, and how many more may be filled in."""

    key: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[Mapping[str, str], ...] = ()
    spare: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A sheet to be written, from top to bottom."""

    name: str
    kind: str
    title: str
    parts: tuple[Field | Table | str, ...]


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell that was read; `shown` is its number format, `formula` whether its value is computed."""

    sheet: str
    place: str
    value: object = None
    shown: str = "General"
    formula: bool = False

    @property
    def at(self) -> str:
        return f"{self.sheet}!{self.place}"

    def fault(self, zh: str, en: str) -> SheetFault:
        return SheetFault(self.sheet, self.place, Text(zh, en))


@dataclass(slots=True)
class Found:
    """A sheet that was read: fields with their units, tables with their units and rows, by key."""

    name: str
    kind: str
    fields: dict[str, tuple[Cell, Cell]] = field(default_factory=dict)
    keys: dict[str, dict[int, Cell]] = field(default_factory=dict)
    units: dict[str, dict[int, Cell]] = field(default_factory=dict)
    rows: dict[str, list[dict[int, Cell]]] = field(default_factory=dict)


def is_bare(text: str) -> bool:
    """Whether a text is a number or fraction without a unit, which is read in that of its field or column."""
    return _BARE.fullmatch(text) is not None


def as_number(text: str, unit: str) -> tuple[Decimal, str] | None:
    """The number that stands for a text in a cell of this unit, with the format that shows all its decimals.

    None if it would not be read back as the same text: other units, fractions, more digits than a spreadsheet keeps.
    """
    match = _NUMBER.fullmatch(text)
    if not match or (code_of(match[3] or "1") if match[3] else "1") != (unit or "1"):
        return None
    digits = match[1].lstrip("-").replace(".", "").lstrip("0")
    if len(digits) > DIGITS or (match[1].startswith("-") and not digits):
        return None
    return Decimal(match[1]), f"0.{'0' * len(match[2])}" if match[2] else "0"


def with_unit(number: str, unit: str) -> str:
    """As records write it: the unit 1 is left out."""
    return f"{number} {unit}" if unit and unit != "1" else number


def shown_number(value: float, shown: str) -> tuple[str, bool] | None:
    """A number as its cell shows it, and whether that is per cent; None if it is none.

    Spreadsheets hold binary numbers: of 2.505 they may write 2.5049999999999999. They keep 15 digits of what is typed,
    so 15 digits are read. Zeros at the end are kept as far as the format has them: 2.5 shown as 0.00 is 2.50.
    """
    number = Decimal(value) if isinstance(value, int) else Decimal(f"{value:.{DIGITS}g}")
    if not number.is_finite() or abs(number.adjusted()) > _MOST_PLACES:
        return None
    percent = shown.endswith("%")
    if percent:
        number, shown = number.scaleb(2), shown[:-1]
    text = format(number.normalize() + 0, "f")
    decimals = re.fullmatch(r"(?:#,##)?0(?:\.(0+))?", shown)
    wanted, have = len(decimals[1] or "") if decimals else 0, len(text.partition(".")[2])
    if wanted > have:
        text = f"{text}{'' if have else '.'}{'0' * (wanted - have)}"
    return text, percent


def column_letters(place: int) -> str:
    """The letters of a column by its number from 1: 27 is AA."""
    rest, last = divmod(place - 1, len(ascii_uppercase))
    return (column_letters(rest) if rest else "") + ascii_uppercase[last]
