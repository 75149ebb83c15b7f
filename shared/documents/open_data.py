"""Open data (Administrative Licensing Law Art. 5, 40 and 61): all permits and their ends, and what became of each
application that was accepted.

They are fetched whole, as CSV or as lines of JSON, and then kept up with from where one left off. They name
organisations, and no persons.
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import orjson
from marshmallow import validate
from sqlalchemy import func, null, or_, select, true, tuple_
from sqlalchemy.dialects.postgresql import array

from shared.casework.cases import UNSUBMITTED
from shared.casework.facts import FORM
from shared.casework.models import cases, journal
from shared.http.paging import AN_ID, Cursor, following
from shared.http.routes import PUBLIC, Call, Reply, Route
from shared.labels import labelled
from shared.permits.facts import ACCEPTED, DECISION, END
from shared.schemas import Digits, Instant, Strict
from shared.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection, Select, Table

    from shared.documents.issues import Permits

_ENDED = ("withdrawn", "terminated")
"""States of an application that ended without a decision after it was accepted."""
SETTLED = timedelta(minutes=2)
"""So long after a change it is listed: by then no other is committed that was made before it."""
_ORDER = "changed"
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""What a spreadsheet takes for a formula if a cell begins with it."""


class OpenDataQuery(Strict):
    """Which part of the data: what changed after the place of the cursor, the oldest change first."""

    limit = Digits(
        load_default=1000,
        validate=validate.Range(min=1, max=10_000),
        metadata=labelled(
            "每次条数", "maximum number of lines", hint=Text("默认1000", "by default 1000"), example=1000
        ),
    )
    cursor = Cursor({_ORDER: [Instant(), AN_ID]})


@dataclass(frozen=True, slots=True)
class Listing:
    """Something that is listed: a line for each case that `query` finds, with these columns as far as they are known.

    The query tells `updated_at` and `id` of each case too, and `record` makes the line of a row.
    """

    path: str
    name: Text
    columns: Sequence[str]
    query: Select[Any]
    record: Callable[[Any], Mapping[str, Any]]

    def page(
        self, tx: Connection, asked: Mapping[str, Any], now: datetime
    ) -> tuple[list[dict[str, Any]], list[Any] | None]:
        """A page, and the place of its end; of an empty page, where it begins."""
        changed = cases.c.updated_at
        settled = self.query.where(cases.c.state.not_in(UNSUBMITTED), changed <= now - SETTLED)
        query = settled.order_by(changed, cases.c.id).limit(asked["limit"])
        _, *after = asked.get("cursor", (_ORDER,))
        if after:
            query = query.where(tuple_(changed, cases.c.id) > tuple_(*after))
        rows = tx.execute(query).all()
        end = [rows[-1].updated_at.isoformat(), rows[-1].id] if rows else after and [after[0].isoformat(), after[1]]
        return [self._line(row) for row in rows], end or None

    def _line(self, row: Any) -> dict[str, Any]:
        known = self.record(row)
        return {name: known[name] for name in self.columns if known[name] is not None}


def open_data_routes(permits: Permits, table: Table, status: Callable[[str], str]) -> list[Route]:
    """The routes of the register that `table` keeps, and of the applications for its permits; `status` says what a
    permit is by the state of its case."""
    forms = {"csv": ("text/csv", csv_of, "CSV"), "jsonl": ("application/jsonl", _lines, "JSON Lines")}
    return [
        Route(
            "GET",
            f"{listing.path}.{form}",
            partial(_data, listing, media, written),
            PUBLIC,
            Text(f"{listing.name.zh}（{name}）", f"{listing.name.en} as {name}"),
            asks=OpenDataQuery,
            media=media,
            about="In the order of the last change. The header Link names the address of what follows; when nothing is"
            " left, of what will have changed by then: keep it, and ask again later.",
        )
        for listing in (register(permits, table, status), applications(permits))
        for form, (media, written, name) in forms.items()
    ]


def register(permits: Permits, table: Table, status: Callable[[str], str]) -> Listing:
    """All permits that `table` keeps, with their ends."""

    def record(row: Any) -> dict[str, Any]:
        content, end = row.content, row.end and END.read(row.end)
        kind, lines = content.get("category", {}), content["lines"]
        return {
            "number": row.number,
            "status": status(row.state),
            "holder": content["holder"]["name"],
            "holder_code": content["holder"]["code"],
            "category": kind.get("code"),
            "category_name": kind.get("zh"),
            "instruments": list(dict.fromkeys(line["name"] for line in lines)),
            "models": list(dict.fromkeys(line["model"] for line in lines if "model" in line)),
            "granted_on": row.granted_on,
            "valid_until": row.valid_until,
            "ended_on": end and end.on.isoformat(),
            "ground": end and end.ground,
            "changed_at": row.updated_at,
            "href": f"{permits.path}/{quote(row.number)}",
        }

    columns = (
        *("number", "status", "holder", "holder_code", "category", "category_name", "instruments", "models"),
        *("granted_on", "valid_until", "ended_on", "ground", "changed_at", "href"),
    )
    query = select(
        table.c.number,
        table.c.content,
        table.c.granted_on,
        table.c.get("valid_until", null()).label("valid_until"),
        cases.c.state,
        cases.c.data[END.name].label("end"),
        cases.c.updated_at,
        cases.c.id,
    ).join_from(table, cases, cases.c.id == table.c.case_id)
    return Listing(f"{permits.path}/data", Text("下载名录", "Fetch the register"), columns, query, record)


def applications(permits: Permits) -> Listing:
    """All applications that were accepted or decided, with what became of them.

    They stay listed where the acceptance or the decision was taken back, so that copies learn of it. Models are left
    out: a type that is not approved yet is its maker's business.
    """

    def record(row: Any) -> dict[str, Any]:
        accepted = row.accepted and ACCEPTED.read(row.accepted)
        decision = row.decision and DECISION.read(row.decision)
        under_way = "accepted" if accepted and row.state not in _ENDED else row.state
        return {
            "application": row.number,
            "status": decision.outcome if decision else under_way,
            "applicant": row.applicant_name,
            "applicant_code": row.applicant,
            "category": row.category,
            "instruments": list(dict.fromkeys(row.instruments)),
            "accepted_on": accepted and accepted.on.isoformat(),
            "decided_on": decision and decision.on.isoformat(),
            "number": row.permit,
            "changed_at": row.updated_at,
            "href": f"{permits.path}/{quote(row.permit)}" if row.permit else None,
        }

    columns = (
        *("application", "status", "applicant", "applicant_code", "category", "instruments"),
        *("accepted_on", "decided_on", "number", "changed_at", "href"),
    )
    data = cases.c.data
    # Not EXISTS, for which the whole journal would be read first: of the few that this is asked of, each by its key.
    once = select(true()).where(journal.c.case_id == cases.c.id, journal.c.to_state == "accepted").limit(1)
    query = select(
        cases.c.number,
        cases.c.state,
        cases.c.applicant,
        data[FORM.name]["applicant_name"].astext.label("applicant_name"),
        data[FORM.name]["category"].astext.label("category"),
        func.jsonb_path_query_array(data, "$.form.lines[*].name").label("instruments"),
        data[ACCEPTED.name].label("accepted"),
        data[DECISION.name].label("decision"),
        data[permits.name].astext.label("permit"),
        cases.c.updated_at,
        cases.c.id,
    ).where(or_(data.has_any(array([ACCEPTED.name, DECISION.name])), once.scalar_subquery()))
    return Listing(
        f"{permits.path}/applications",
        Text("下载受理与决定", "Fetch what became of applications"),
        columns,
        query,
        record,
    )


def _data(
    listing: Listing, media: str, written: Callable[[Sequence[str], Iterable[Mapping[str, Any]]], str], call: Call
) -> Reply:
    with call.store.reading() as tx:
        rows, place = listing.page(tx, call.asked, call.now)
    headers = {"Content-Type": f"{media}; charset=utf-8", "Cache-Control": "no-cache"}
    if place:
        headers["Link"] = f'<{following(call, [_ORDER, *place])}>; rel="next"'
    return Reply(written(listing.columns, rows), headers=headers)


def _lines(_: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> str:
    return "".join(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE).decode() for row in rows)


def csv_of(columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> str:
    """With a mark by which spreadsheets know UTF-8; what they would take for a formula is quoted."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(columns)
    for row in rows:
        writer.writerow([_cell(row.get(name, "")) for name in columns])
    return "\ufeff" + out.getvalue()


def _cell(value: Any) -> str:
    text = "; ".join(value) if isinstance(value, list) else str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text
