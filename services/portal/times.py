"""The manager's figures: who holds cases for how long, what is done in time, what is open; and all as a file."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import date
from io import StringIO
from typing import TYPE_CHECKING, Any

from services.portal.formats import read_day
from services.portal.web import Page, Visit, attached
from shared.identity import Role

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from starlette.responses import Response

_STAFF = frozenset({Role.STAFF})
SIDES = ("authority", "applicant", "laboratory", "other")
PROCEDURES = {"type_approval": "service.type_approval", "manufacture": "service.licensing", "c_mark": "service.c_mark"}
"""What the procedures of the statistics are called."""
_WIDE = 100.0


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a bar: `kind` is its colour, `start` and `width` are in hundredths of the longest bar."""

    kind: str
    start: float
    width: float


def bar(parts: Sequence[tuple[str, float]], longest: float) -> list[Piece]:
    """The parts of a bar beside each other, where the longest bar has the whole width."""
    found, start = [], 0.0
    for kind, amount in parts:
        width = round(_WIDE * amount / longest, 2) if longest else 0.0
        if width:
            found.append(Piece(kind, round(start, 2), width))
        start += width
    return found


def by_month(cases: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Each procedure and month with the working days that a case was with each side on average, and their bar."""
    rows = [
        {**one, "days": {side: one["holders"][side]["total"] / one["cases"] for side in SIDES}}
        for one in sorted(cases, key=lambda one: (one["procedure"], one["month"]))
    ]
    longest = max((sum(row["days"].values()) for row in rows), default=0.0)
    return [{**row, "bar": bar([(side, row["days"][side]) for side in SIDES], longest)} for row in rows]


def by_limit(steps: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Each limit with how many were kept in the period, worst first."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for one in steps:
        row = found.setdefault((one["procedure"], one["limit"]), {**one, "count": 0, "in_time": 0})
        row["count"] += one["count"]
        row["in_time"] += one["in_time"]
    rows = sorted(found.values(), key=lambda row: row["in_time"] / row["count"])
    return [
        {
            **row,
            "share": 100 * row["in_time"] // row["count"],
            "bar": bar([("met", row["in_time"]), ("late", row["count"] - row["in_time"])], row["count"]),
        }
        for row in rows
    ]


def open_cases(backlog: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Who holds how many open cases, with those that are late."""
    most = max((one["cases"] for one in backlog), default=0)
    return [
        {**one, "bar": bar([(one["holder"], one["cases"] - one["overdue"]), ("late", one["overdue"])], most)}
        for one in backlog
    ]


async def show(visit: Visit) -> Response:
    """The figures of a period: by default the year up to today."""
    asked, wrong = _asked(visit)
    told = (await visit.api.get("notifications", f"{visit.api.face}/statistics", backlog="true", **asked)).body
    cases, limits = by_month(told["cases"]), by_limit(told["steps"])
    authority = [one for one in limits if one["holder"] == "authority"]
    count, met = (sum(one[name] for one in authority) for name in ("count", "in_time"))
    return visit.render(
        "figures.html",
        told=told,
        asked={name: visit.request.query_params.get(name, "") for name in ("from", "to", "procedure")},
        wrong=wrong,
        cases=cases,
        limits=limits,
        backlog=open_cases(told["backlog"]),
        share=100 * met // count if count else None,
        decided=sum(one["cases"] for one in cases),
        waiting=sum(one["cases"] for one in told["backlog"]),
        late=sum(one["overdue"] for one in told["backlog"]),
        procedures=PROCEDURES,
        sides=SIDES,
        query=visit.request.url.query,
    )


async def export(visit: Visit) -> Response:
    """The same figures, a line each."""
    asked, _ = _asked(visit)
    told = (await visit.api.get("notifications", f"{visit.api.face}/statistics", backlog="true", **asked)).body
    file = StringIO()
    out = csv.writer(file)
    out.writerow(("procedure", "month", "limit", "holder", "count", "p50", "p90", "total_days", "in_time", "overdue"))
    for one in told["cases"]:
        for side, days in {"elapsed": one["elapsed"], **one["holders"]}.items():
            figures = (days["p50"], days["p90"], days["total"])
            out.writerow((one["procedure"], one["month"], "", side, one["cases"], *figures, "", ""))
    for one in told["steps"]:
        head = (one["procedure"], one["month"], one["limit"], one["holder"])
        out.writerow((*head, one["count"], one["p50"], one["p90"], "", one["in_time"], ""))
    for one in told["backlog"]:
        out.writerow((one["procedure"], "", "", one["holder"], one["cases"], "", "", "", "", one["overdue"]))
    # Spreadsheets take a file for UTF-8 by this mark.
    name = f"quanheng {told['from']} {told['to']}.csv"
    return attached(f"\ufeff{file.getvalue()}".encode(), "text/csv; charset=utf-8", name)


def _asked(visit: Visit) -> tuple[dict[str, str], str]:
    """What is asked for of the service; and what was typed for a day but is none."""
    query, asked, wrong = visit.request.query_params, {}, ""
    for name in ("from", "to"):
        if typed := query.get(name, "").strip():
            try:
                asked[name] = date.fromisoformat(read_day(typed)).isoformat()
            except ValueError:
                wrong = typed
    if len(asked) > 1 and asked["from"] > asked["to"]:
        asked["from"], asked["to"] = asked["to"], asked["from"]
    if (procedure := query.get("procedure", "")) in PROCEDURES:
        asked["procedure"] = procedure
    return asked, wrong


PAGES = (Page("/office/times", show, _STAFF), Page("/office/times.csv", export, _STAFF))
