"""Lists in files, read by the form of what a line says: a line of headings, then a line for each thing."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from marshmallow import fields

from shared.metrology.spreadsheets import SpreadsheetError, read_lines
from shared.metrology.spreadsheets.lists import MOST_LINES
from shared.problems import Problem, Violation
from shared.registers.naming import FIELDS, codes_of, in_codes
from shared.schemas import instance, invalid
from shared.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from marshmallow import Schema

    from shared.law import RuleSet

_WORDS = {"是": True, "true": True, "yes": True, "1": True, "否": False, "false": False, "no": False, "0": False}
_BETWEEN = re.compile(r"[\s;；、,，]+")


def columns(form: type[Schema], cells: Mapping[str, Callable[[str], Any]]) -> dict[str, str]:
    """The Chinese headings of a list, by the names of the fields."""
    known = instance(form).fields
    return {
        name: str(field.metadata["x-label"]["zh"])
        for name, field in known.items()
        if name in cells or not _has_parts(field)
    }


def told_headings(form: type[Schema], cells: Mapping[str, Callable[[str], Any]]) -> str:
    """The headings by both of their names, for the API's documents."""
    return ", ".join(f"{label} `{name}`" for name, label in columns(form, cells).items())


def _has_parts(field: fields.Field[Any]) -> bool:
    """Whether it is a list of things with fields of their own, which no cell holds."""
    return isinstance(field, fields.List) and isinstance(field.inner, fields.Nested)


def said(
    form: type[Schema], cells: Mapping[str, Callable[[str], Any]], texts: Mapping[str, str], rules: RuleSet
) -> dict[str, Any]:
    """What the cells of a line say, as JSON; what cannot be read stays a text, for the form to refuse. Kinds of
    instruments are written by their codes, or as the catalogue calls them."""
    known = instance(form).fields
    if naming := FIELDS & texts.keys():
        codes = codes_of(rules)
        texts = {name: in_codes(text, codes) if name in naming else text for name, text in texts.items()}
    return {name: cells[name](text) if name in cells else _typed(known[name], text) for name, text in texts.items()}


def _typed(field: fields.Field[Any], text: str) -> Any:
    if isinstance(field, fields.List):
        return _BETWEEN.split(text)
    if isinstance(field, fields.Boolean):
        return _WORDS.get(text.casefold(), text)
    if isinstance(field, fields.Integer):
        return int(text) if text.isascii() and text.isdigit() else text
    return text


def read(
    form: type[Schema], cells: Mapping[str, Callable[[str], Any]], data: bytes, most: int = MOST_LINES
) -> tuple[set[str], list[tuple[int, dict[str, str]]]]:
    """The fields that the file has columns for, and the texts of each line by field, with its number in the file.

    Raises Problem for a file that is no such list.
    """
    try:
        found = read_lines(data, "file", most)
    except SpreadsheetError as error:
        raise invalid([Violation(one.place, "cell", one.reason) for one in error.faults]) from None
    if not found:
        raise Problem("invalid", Text("文件是空的：首行须为表头", "the file is empty: begin with a line of headings"))
    (number, headings), *rows = found
    labels = columns(form, cells)
    named = {**{label: name for name, label in labels.items()}, **{name: name for name in labels}}
    unknown = [text for text in headings.values() if text not in named]
    fields_at = {place: named[text] for place, text in headings.items() if text in named}
    faults = [
        Violation(
            f"line {number}",
            "unknown_field",
            Text(f"“{text}”不是表头；可用{'、'.join(named)}", f"{text!r} is not a heading; use {', '.join(named)}"),
        )
        for text in unknown
    ]
    if len(set(fields_at.values())) < len(fields_at):
        faults.append(Violation(f"line {number}", "twice", Text("两列表头相同", "two columns have the same heading")))
    stray = [line for line, texts in rows if texts.keys() - headings.keys()]
    faults += [
        Violation(f"line {line}", "unknown_field", Text("有单元格没有表头", "a cell stands under no heading"))
        for line in stray
    ]
    if faults:
        raise invalid(faults)
    return set(fields_at.values()), [
        (line, {fields_at[place]: text for place, text in texts.items()}) for line, texts in rows
    ]
