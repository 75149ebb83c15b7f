"""Rows of lists in a form: added, taken away, pasted from a spreadsheet; and which lists are drawn as tables."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from services.portal.formats import read_number

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from services.portal.fields import Field, Typed

PASTED = "pasted"
"""How the names of fields begin that take copied cells; behind it stands the list that they are for."""
OPENED = "opened"
"""How the names of fields begin that say which row of a long list is open."""
FEW_ROWS = 5
"""Up to so many rows all are open."""
_LONG_LIST = 20
_CELLS = frozenset({"text", "area", "number", "date", "instant", "choice", "select", "measure", "yes"})
_FEWEST, _MOST = 2, 5
"""Columns of a table, beside one that names rows which are there from the start."""
_AMOUNT = re.compile(r"(?P<value>[+-]?[0-9][0-9.,]*)\s*(?P<unit>\S*)")


def tabular(row: Field, *, given: bool = False) -> bool:
    """Whether a row like this fits into a table; rows that are `given` have room for a column of choices too."""
    fitting = _CELLS | {"choices"} if given else _CELLS
    return _FEWEST <= len(row.children) <= _MOST + given and all(one.kind in fitting for one in row.children)


def shut(rows: Sequence[Field], typed: Typed) -> list[Field]:
    """Of a long list the rows that are not at hand show only what they say: a form of each would make a page of
    hundreds of kilobytes. Open are the row that was opened, those with faults, and those in which nothing is typed but
    what names them."""
    if len(rows) <= FEW_ROWS:
        return list(rows)
    opened = {row for name, values in typed.items() if name.startswith(f"{OPENED}.") for row in values}
    return [row if row.name in opened or not row.typed or _faulty(row) else replace(row, kind="shut") for row in rows]


def settled(row: Field) -> Field:
    """The row with only the chosen entries of its long lists: who wants another entry removes the row and adds one.
    The whole list in each of many rows would make a page of hundreds of kilobytes."""
    return replace(row, children=tuple(_as_chosen(one) for one in row.children))


def _as_chosen(one: Field) -> Field:
    chosen = tuple(choice for choice in one.choices if choice.chosen)
    long = one.kind == "select" and len(one.choices) > _LONG_LIST and not one.errors
    return replace(one, choices=chosen) if long and chosen else one


def with_name(row: Field, given: str) -> Field:
    """The row with the field called `given` as what names it."""
    name = f"{row.name}.{given}"
    return replace(row, children=tuple(replace(one, kind="given") if one.name == name else one for one in row.children))


def cells_of(row: Field, given: str) -> Field:
    """The row as one of a table: what is chosen takes little room, and a list with nothing to choose from none."""
    cells = [replace(one, kind="select") if one.kind == "choice" else one for one in with_name(row, given).children]
    kept = (one for one in cells if one.kind != "choices" or one.choices or one.errors or one.required)
    return replace(row, children=tuple(kept))


def _faulty(row: Field) -> bool:
    return bool(row.errors) or any(map(_faulty, (*row.children, *row.rows)))


def indices(typed: Typed, path: str) -> list[int]:
    """The numbers of the rows of the list at `path`."""
    found = (re.match(rf"{re.escape(path)}\.(\d{{1,4}})(?:\.|$)", name) for name in typed)
    return sorted({int(match[1]) for match in found if match})


def with_row(typed: Typed, path: str) -> dict[str, list[str]]:
    """With one more empty row in the list at `path`."""
    index = max(indices(typed, path), default=-1) + 1
    return {**{name: list(values) for name, values in typed.items()}, f"{path}.{index}.": [""]}


def without_row(typed: Typed, path: str) -> dict[str, list[str]]:
    """Without the row at `path`, such as lines.1; those behind it move up."""
    place, _, row = path.rpartition(".")
    found: dict[str, list[str]] = {}
    for name, values in typed.items():
        match = re.match(rf"{re.escape(place)}\.(\d+)(\..*)", name)
        if match is None or int(match[1]) < int(row):
            found[name] = list(values)
        elif int(match[1]) > int(row):
            found[f"{place}.{int(match[1]) - 1}{match[2]}"] = list(values)
    return found


def reshaped(typed: Typed, sent: Mapping[str, Any], fields: Sequence[Field]) -> dict[str, list[str]] | None:
    """With a row more or fewer, with copied rows, or as it is in another language, as the button asks that was pressed;
    None if it was another.

    `fields` are those of the form, in which the columns of the lists are found.
    """
    if "_lang" in sent:
        return {name: list(values) for name, values in typed.items()}
    if row := sent.get("_add"):
        return with_row(typed, str(row))
    if row := sent.get("_remove"):
        return without_row(typed, str(row))
    if row := sent.get("_open"):
        opened = f"{OPENED}.{str(row).rpartition('.')[0]}"
        return {**{name: list(values) for name, values in typed.items()}, opened: [str(row)]}
    if path := sent.get("_paste"):
        columns = next((one.columns for one in _below(fields) if one.name == path), ())
        return _pasted(typed, str(path), columns)
    return None


def _below(fields: Sequence[Field]) -> list[Field]:
    found = []
    for one in fields:
        found += [one, *_below(one.children), *_below(one.rows)]
    return found


def _pasted(typed: Typed, path: str, columns: Sequence[Field]) -> dict[str, list[str]]:
    """With the copied rows behind those that there are. A row with more cells than there are columns stays where it was
    pasted."""
    kept = {name: list(values) for name, values in typed.items()}
    copied = kept.pop(f"{PASTED}.{path}", [""])[0]
    for index in reversed(indices(typed, path)):
        if not any("".join(values).strip() for name, values in typed.items() if name.startswith(f"{path}.{index}.")):
            kept = without_row(kept, f"{path}.{index}")
    index, left = max(indices(kept, path), default=-1) + 1, []
    for line in filter(str.strip, copied.splitlines()):
        cells = [cell.strip() for cell in line.split("\t")]
        if len(cells) > len(columns):
            left.append(line)
            continue
        for column, cell in zip(columns, cells, strict=False):
            kept |= _typed(f"{path}.{index}.{column.name.rpartition('.')[2]}", column, cell)
        index += 1
    return {**kept, f"{PASTED}.{path}": ["\n".join(left)]}


def _typed(name: str, column: Field, cell: str) -> dict[str, list[str]]:
    """How the cell would have been typed."""
    if column.kind == "measure":
        amount = _AMOUNT.fullmatch(read_number(cell))
        value, unit = (amount["value"], amount["unit"]) if amount else (cell, "")
        return {f"{name}.value": [value], f"{name}.unit": [unit]}
    for one in column.choices:
        if cell.casefold() in {one.value.casefold(), one.zh.casefold(), one.en.casefold()}:
            return {name: [one.value]}
    return {name: [cell]}
