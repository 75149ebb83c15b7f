"""Spreadsheets as laboratories fill them in."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Any

from openpyxl import load_workbook

if TYPE_CHECKING:
    from collections.abc import Mapping


def filled(template: bytes, record: Mapping[str, Any]) -> bytes:
    """The template with a record written into its cells, found by what the hidden column says of the rows."""
    book = load_workbook(BytesIO(template))
    sheet = next(page for page in book if str(page["A1"].value).endswith("record"))
    fields = {
        "field prototype": record["serial"],
        "field on": record.get("on", "2013-09-17"),
        **{f"field {name}": record[name] for name in ("reason", "run", "explanation", "supersedes") if name in record},
        **{f"field setting.{name}": text for name, text in record.get("settings", {}).items()},
    }
    points, equipment = iter(record["points"]), iter(record["equipment"])
    keys: dict[str, Any] = {}
    for row in sheet.iter_rows():
        marker = str(row[0].value)
        kind, _, table = marker.partition(" ")
        if marker in fields:
            row[2].value = fields[marker]
        elif kind == "keys":
            keys = {cell.value: place for place, cell in enumerate(row) if place and cell.value}
        elif marker == "row conditions":
            name = row[keys["name"]].value
            if name in record["conditions"]:
                row[keys["value"]].value = record["conditions"][name]
                row[keys["end"]].value = record["conditions_at_end"].get(name)
        elif kind == "row" and table in {"points", "equipment"}:
            for name, text in next(points if table == "points" else equipment, {}).items():
                row[keys[name]].value = text
    made = BytesIO()
    book.save(made)
    return made.getvalue()
