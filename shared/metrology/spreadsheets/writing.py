"""Sheets as an xlsx workbook: input cells marked and checked as they are filled in, everything else protected."""

from __future__ import annotations

from datetime import date
from io import BytesIO
from typing import TYPE_CHECKING, Any

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Protection, Side
from openpyxl.worksheet.datavalidation import DataValidation

from shared.metrology.spreadsheets.sheets import (
    FIELD,
    KEYS,
    LABEL,
    LAYOUT,
    ROW,
    UNITS,
    Column,
    Field,
    Kind,
    Sheet,
    Table,
    as_number,
    column_letters,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

_INPUT = PatternFill("solid", fgColor="FFF9DB")
_EDGE = Border(*[Side("thin", color="B0B0B0")] * 4)
_TOP = Alignment(vertical="top", wrap_text=True)
_SMALL = Font(color="666666", size=9)
_WIDTHS = {"A": 3, "B": 30, "C": 22, "D": 14, "E": 40}
_WIDTH = 16
_LONGEST = 200
"""Characters of a list of choices or an error message; Excel takes a few more."""


def write(sheets: Sequence[Sheet]) -> bytes:
    """The workbook; the same sheets give a workbook of the same contents."""
    book = Workbook()
    book.remove(book.active)
    for sheet in sheets:
        _Writer(book.create_sheet(sheet.name), sheet).write()
    out = BytesIO()
    book.save(out)
    return out.getvalue()


class _Writer:
    def __init__(self, page: Any, sheet: Sheet) -> None:
        self.page = page
        self.sheet = sheet
        self.row = 1

    def write(self) -> None:
        self._put("A", f"{LAYOUT} {self.sheet.kind}")
        self._put("B", self.sheet.title, font=Font(bold=True, size=13))
        self.row += 1
        for part in self.sheet.parts:
            if isinstance(part, Field):
                self._field(part)
            elif isinstance(part, Table):
                self._table(part)
            else:
                self._put("A", LABEL)
                self._put("B", part, font=Font(bold=True))
                self.row += 1
        self._finish()

    def _field(self, field: Field) -> None:
        column = field.column
        self._put("A", f"{FIELD} {column.key}")
        self._put("B", column.label)
        unit = column.unit
        self._value("C", column, field.text, unit, locked=field.locked)
        if column.kind is Kind.QUANTITY:
            self._unit("D", column, unit)
        self._put("E", column.hint, font=_SMALL)
        self.row += 1

    def _table(self, table: Table) -> None:
        letters = [column_letters(2 + place) for place in range(len(table.columns))]
        self._put("A", LABEL)
        self._put("B", table.title, font=Font(bold=True))
        self.row += 1
        self._marked(LABEL, "", letters, [f"{one.label}\n{one.hint}".strip() for one in table.columns])
        self._marked(KEYS, table.key, letters, [one.key for one in table.columns])
        if any(one.kind is Kind.QUANTITY for one in table.columns):
            self._put("A", f"{UNITS} {table.key}")
            for letter, column in zip(letters, table.columns, strict=True):
                if column.kind is Kind.QUANTITY:
                    self._unit(letter, column, column.unit)
            self.row += 1
        for texts in [*table.rows, *[{}] * table.spare]:
            self._put("A", f"{ROW} {table.key}")
            for letter, column in zip(letters, table.columns, strict=True):
                self._value(letter, column, texts.get(column.key, ""), column.unit)
            self.row += 1

    def _marked(self, marker: str, key: str, letters: Sequence[str], texts: Sequence[str]) -> None:
        self._put("A", f"{marker} {key}".strip())
        for letter, text in zip(letters, texts, strict=True):
            self._put(letter, text, font=_SMALL, border=_EDGE)
        self.row += 1

    def _value(self, letter: str, column: Column, text: str, unit: str, *, locked: bool = False) -> None:
        found = as_number(text, unit) if column.kind is Kind.QUANTITY else None
        if found:
            cell = self._put(letter, *found, locked=locked)
        elif column.kind is Kind.DATE and text:
            cell = self._put(letter, date.fromisoformat(text), "yyyy-mm-dd", locked=locked)
        else:
            shown = {Kind.QUANTITY: "General", Kind.WHOLE: "0", Kind.DATE: "yyyy-mm-dd"}.get(column.kind, "@")
            value = int(text) if column.kind is Kind.WHOLE and text else text
            cell = self._put(letter, value, shown, locked=locked)
        cell.border = _EDGE
        if not locked:
            self._check(cell.coordinate, column)

    def _unit(self, letter: str, column: Column, unit: str) -> None:
        cell = self._put(letter, unit, "@", border=_EDGE, locked=False)
        self._choose(cell.coordinate, column.units)

    def _put(self, letter: str, value: Any, shown: str = "General", *, locked: bool = True, **style: Any) -> Any:
        cell = self.page[f"{letter}{self.row}"]
        if value != "":
            cell.value = value
            if isinstance(value, str):
                cell.data_type = "s"  # a text that begins with "=" is not a formula
        cell.number_format = shown
        cell.alignment = _TOP
        cell.protection = Protection(locked=locked)
        if not locked:
            cell.fill = _INPUT
        for name, one in style.items():
            setattr(cell, name, one)
        return cell

    def _check(self, place: str, column: Column) -> None:
        """What Excel refuses at once; `reading` checks all of it again."""
        if column.choices:
            self._choose(place, column.choices)
        elif column.kind is Kind.QUANTITY:
            self._restrict(place, "decimal", "-1E+24", "1E+24", f"数值 a number · {column.unit}")
        elif column.kind is Kind.WHOLE:
            self._restrict(place, "whole", "1", "9999", "整数 a whole number, 1 or more")
        elif column.kind is Kind.DATE:
            self._restrict(place, "date", "1", "73050", "日期 a date, YYYY-MM-DD")

    def _choose(self, place: str, choices: Sequence[str]) -> None:
        told = ",".join(choices)
        if not choices or len(told) > _LONGEST or any("," in one for one in choices):
            return
        self._add(place, DataValidation("list", f'"{told}"', allow_blank=True), told)

    def _restrict(self, place: str, kind: str, low: str, high: str, told: str) -> None:
        # A warning, since a quantity may also be a text that names its own unit.
        style = "warning" if kind == "decimal" else "stop"
        rule = DataValidation(kind, low, high, allow_blank=True, operator="between", errorStyle=style)
        self._add(place, rule, told)

    def _add(self, place: str, rule: Any, told: str) -> None:
        """One rule for all cells that have it."""
        for one in self.page.data_validations.dataValidation:
            if (one.type, one.formula1, one.error) == (rule.type, rule.formula1, told[:_LONGEST]):
                one.add(place)
                return
        rule.error, rule.showErrorMessage = told[:_LONGEST], True
        self.page.add_data_validation(rule)
        rule.add(place)

    def _finish(self) -> None:
        page = self.page
        for place in range(1, page.max_column + 1):
            letter = column_letters(place)
            page.column_dimensions[letter].width = _WIDTHS.get(letter, _WIDTH)
        page.column_dimensions["A"].hidden = True
        page.freeze_panes = "A2"
        page.protection.sheet = True
        page.protection.formatCells = page.protection.formatColumns = page.protection.formatRows = False
        page.page_setup.orientation, page.page_setup.fitToHeight = "landscape", 0
        page.sheet_properties.pageSetUpPr.fitToPage = True
