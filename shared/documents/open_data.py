"""The register as open data (Administrative Licensing Law Art. 40 and 61): all permits and their ends.

It is fetched whole, as CSV or as lines of JSON, and then kept up with from where one left off.
"""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import orjson
from marshmallow import validate
from sqlalchemy import null, select, tuple_

from shared.casework.models import cases
from shared.http.paging import AN_ID, Cursor, following
from shared.http.routes import PUBLIC, Call, Reply, Route
from shared.schemas import Digits, Instant, Strict

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from sqlalchemy import Connection, Table

    from shared.documents.issues import Permits

COLUMNS = (
    *(
        "number",
        "status",
        "holder",
        "holder_code",
        "category",
        "category_name",
        "instruments",
        "models",
        "granted_on",
        "valid_until",
    ),
    *("ended_on", "ground", "changed_at", "href"),
)
SETTLED = timedelta(minutes=2)
"""So long after a change it is listed: by then no other is committed that was made before it."""
_ORDER = "changed"
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes for a formula if a cell begins with it."""


class OpenDataQuery(Strict):
    """Which part of the register: what changed after the place of the cursor, the oldest change first."""

    limit = Digits(
        load_default=1000,
        validate=validate.Range(min=1, max=10_000),
        metadata={"description": "每次条数，默认 1000 maximum number of permits, by default 1000", "example": 1000},
    )
    cursor = Cursor({_ORDER: [Instant(), AN_ID]})


def open_data_routes(permits: Permits, table: Table, status: Callable[[str], str]) -> list[Route]:
    """The routes of the register that `table` keeps; `status` says what a permit is by the state of its case."""
    forms = {"csv": ("text/csv", _csv, "CSV"), "jsonl": ("application/jsonl", _lines, "JSON Lines")}
    return [
        Route(
            "GET",
            f"{permits.path}/data.{form}",
            partial(_data, permits.path, table, status, media, written),
            PUBLIC,
            f"Fetch the register as {name} 下载名录",
            asks=OpenDataQuery,
            media=media,
            about="The permits in the order of their last change. The header Link names the address of what follows;"
            " when nothing is left, of what will have changed by then: keep it, and ask again later.",
        )
        for form, (media, written, name) in forms.items()
    ]


def _data(
    path: str,
    table: Table,
    status: Callable[[str], str],
    media: str,
    written: Callable[[Iterable[Mapping[str, Any]]], str],
    call: Call,
) -> Reply:
    with call.store.reading() as tx:
        rows, place = _rows(tx, path, table, status, call)
    headers = {"Content-Type": f"{media}; charset=utf-8", "Cache-Control": "no-cache"}
    if place:
        headers["Link"] = f'<{following(call, [_ORDER, *place])}>; rel="next"'
    return Reply(written(rows), headers=headers)


def _rows(
    tx: Connection, path: str, table: Table, status: Callable[[str], str], call: Call
) -> tuple[list[dict[str, Any]], list[Any] | None]:
    """A page, and the place of its end; of an empty page, where it begins."""
    changed = cases.c.updated_at
    query = (
        select(
            table.c.number,
            table.c.content,
            table.c.granted_on,
            table.c.get("valid_until", null()).label("valid_until"),
            cases.c.state,
            cases.c.data["end"].label("end"),
            changed,
            cases.c.id,
        )
        .join_from(table, cases, cases.c.id == table.c.case_id)
        .where(cases.c.state != "draft", changed <= call.now - SETTLED)
        .order_by(changed, cases.c.id)
        .limit(call.asked["limit"])
    )
    _, *after = call.asked.get("cursor", (_ORDER,))
    if after:
        query = query.where(tuple_(changed, cases.c.id) > tuple_(*after))
    rows = tx.execute(query).all()
    end = [rows[-1].updated_at.isoformat(), rows[-1].id] if rows else after and [after[0].isoformat(), after[1]]
    return [_record(path, row, status(row.state)) for row in rows], end or None


def _record(path: str, row: Any, status: str) -> dict[str, Any]:
    content, end = row.content, row.end or {}
    kind, lines = content.get("category", {}), content["lines"]
    known = {
        "number": row.number,
        "status": status,
        "holder": content["holder"]["name"],
        "holder_code": content["holder"]["code"],
        "category": kind.get("code"),
        "category_name": kind.get("zh"),
        "instruments": list(dict.fromkeys(line["name"] for line in lines)),
        "models": list(dict.fromkeys(line["model"] for line in lines if "model" in line)),
        "granted_on": row.granted_on,
        "valid_until": row.valid_until,
        "ended_on": end.get("on"),
        "ground": end.get("ground"),
        "changed_at": row.updated_at,
        "href": f"{path}/{quote(row.number)}",
    }
    return {name: known[name] for name in COLUMNS if known[name] is not None}


def _lines(rows: Iterable[Mapping[str, Any]]) -> str:
    return "".join(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE).decode() for row in rows)


def _csv(rows: Iterable[Mapping[str, Any]]) -> str:
    """With a mark by which spreadsheets know UTF-8; what they would take for a formula is quoted."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for row in rows:
        writer.writerow([_cell(row.get(name, "")) for name in COLUMNS])
    return "\ufeff" + out.getvalue()


def _cell(value: Any) -> str:
    text = "; ".join(value) if isinstance(value, list) else str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text
