"""The register of licences counted for a year: holders, licences, and decisions, by state, office and kind.

The numbers are public (Administrative Licensing Law Art. 40).
"""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from marshmallow import fields
from sqlalchemy import text

from services.licensing.states import ENDED
from shared.documents.yearly import figures_as_csv
from shared.http.lists import YearQuery
from shared.http.routes import PUBLIC, Call, Reply, Route
from shared.labels import labelled
from shared.permits.historic import TAKEN_BACK
from shared.permits.life import ENDS
from shared.permits.reading import DECISION_LIMIT
from shared.runtime.time import legal_date
from shared.schemas import Answer, Bilingual
from shared.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sqlalchemy import Connection

    from shared.law import RuleSet
    from shared.law.rows import Named


def _many(zh: str, en: str, example: int) -> fields.Integer:
    return fields.Integer(required=True, metadata=labelled(zh, en, example=example))


class Holders(Answer):
    """持证单位数。 How many makers hold a licence in force."""

    added = _many("当年新增", "hold one at the end of the year and did not before it", 12)
    lost = _many("当年减少", "held one before the year and do not at its end", 3)
    total = _many("年末总数", "hold one at the end of the year", 140)


class Counted(Bilingual):
    """分项数量。 How many are of a state, an office or a kind of instrument, by its id."""

    id = fields.String(required=True, metadata=labelled("标识", "its id", example="provincial"))
    count = _many("数量", "how many", 131)


class Decisions(Answer):
    """决定。 Decisions on applications in the year, and how many were made within the limit of the law."""

    count = _many("决定数", "decisions", 40)
    on_time = _many("按时数", "within the limit", 39)
    share_on_time = fields.String(
        metadata=labelled(
            "按时率", "share of these", hint=Text("没有案件的无此项", "absent if there were none"), example="0.975"
        )
    )


class LicenceFigures(Answer):
    """制造许可年度统计。 The licences of a year, as of its last day or of today."""

    year = _many("年份", "year", 2014)
    granted = _many("当年颁发", "first licences granted in the year", 12)
    holders = fields.Nested(
        Holders, required=True, metadata=labelled("持证单位数", "how many makers hold a licence in force")
    )
    states = fields.List(
        fields.Nested(Counted), required=True, metadata=labelled("按现状", "all licences by what they are")
    )
    offices = fields.List(
        fields.Nested(Counted), required=True, metadata=labelled("按机关", "those in force by office")
    )
    kinds = fields.List(
        fields.Nested(Counted), required=True, metadata=labelled("按器具种类", "those in force by kind")
    )
    decisions = fields.Nested(
        Decisions, required=True, metadata=labelled("决定", "decisions on applications in the year")
    )


_VALID = {"zh": "有效", "en": "valid"}
_LICENCES = text(
    # What each licence was on the last day, and whether it was in force on the day before the first. An entry that
    # was taken back is none.
    "WITH term AS (SELECT licence, bool_or(:last BETWEEN begins AND ends) AS at_end,"
    " bool_or(:eve BETWEEN begins AND ends) AS at_eve FROM licence_terms GROUP BY licence),"
    " ended AS (SELECT id, office, data -> 'end' ->> 'ground' AS ground, data ->> 'cancelled_on' AS cancelled_on,"
    " CAST(data -> 'end' ->> 'on' AS date) - CAST(data -> 'end' ->> 'ground' <> 'EXPIRED' AS integer) AS last_day"
    " FROM cases WHERE state <> :taken_back)"
    " SELECT party(holder) AS holder, office, granted_on, at_end AND coalesce(last_day >= :last, true) AS at_end,"
    " at_eve AND coalesce(last_day >= :eve, true) AS at_eve,"
    " CASE WHEN last_day < :last AND cancelled_on <= CAST(CAST(:last AS date) AS text) THEN 'CANCELLED'"
    " WHEN last_day < :last THEN ground ELSE 'EXPIRED' END AS ground,"
    " jsonb_path_query_array(CAST(content AS jsonb), '$.lines[*].category') AS kinds"
    " FROM licences JOIN term ON term.licence = licences.number JOIN ended ON ended.id = licences.case_id"
    " WHERE granted_on <= :last"
)
_DECISIONS = text(
    "SELECT count(*) AS decided, count(*) FILTER (WHERE data -> 'decision' ->> 'outcome' <> 'deemed_granted'"
    " AND NOT EXISTS (SELECT 1 FROM journal WHERE case_id = cases.id AND action = 'clock.breached'"
    " AND CAST(journal.data AS jsonb) ->> 'limit' = :limit)) AS on_time FROM cases"
    " WHERE data -> 'decision' ->> 'on' BETWEEN CAST(CAST(:first AS date) AS text)"
    " AND CAST(CAST(:last AS date) AS text)"
)


def figures(tx: Connection, rules: RuleSet, year: int, today: date) -> dict[str, Any]:
    """The licences counted as of the last day of the year, or of today in the year that runs. A licence that is no
    longer in force has the state in which its end left it, or has expired."""
    first, last = date(year, 1, 1), min(today, date(year, 12, 31))
    rows = tx.execute(_LICENCES, {"last": last, "eve": first - timedelta(days=1), "taken_back": TAKEN_BACK}).all()
    before = {row.holder for row in rows if row.at_eve}
    after = {row.holder for row in rows if row.at_end}
    states, offices, kinds = (dict[str, int]() for _ in range(3))
    for row in rows:
        _add(states, "valid" if row.at_end else ENDED[row.ground])
        if row.at_end:
            _add(offices, row.office)
            for kind in {*row.kinds}:
                _add(kinds, kind)
    decided = tx.execute(_DECISIONS, {"first": first, "last": last, "limit": DECISION_LIMIT}).one()
    share = (Decimal(decided.on_time) / decided.decided).quantize(Decimal("0.001")) if decided.decided else None
    names = {ENDED[ground]: name for ground, name in ENDS.items() if ground in ENDED}
    catalogue = {row.code: row for row in rules.catalogue}
    return {
        "year": year,
        "granted": sum(row.granted_on >= first for row in rows),
        "holders": {"added": len(after - before), "lost": len(before - after), "total": len(after)},
        "states": [
            {"id": state, **(names[state]._asdict() if state in names else _VALID), "count": count}
            for state, count in sorted(states.items())
        ],
        "offices": _named(offices, rules.offices(last)),
        "kinds": _named(kinds, catalogue),
        "decisions": {
            "count": decided.decided,
            "on_time": decided.on_time,
            **({} if share is None else {"share_on_time": str(share)}),
        },
    }


def _add(counts: dict[str, int], key: str) -> None:
    counts[key] = counts.get(key, 0) + 1


def _named(counts: Mapping[str, int], rows: Mapping[str, Named]) -> list[dict[str, Any]]:
    return [{"id": key, **rows[key].name._asdict(), "count": count} for key, count in sorted(counts.items())]


def _lines(told: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The figures a line each: of what, of which part of it, how many."""
    yield {"figure": "granted", "value": told["granted"]}
    for figure in ("holders", "decisions"):
        for name, value in told[figure].items():
            yield {"figure": figure, "id": name, "value": value}
    for figure in ("states", "offices", "kinds"):
        for one in told[figure]:
            yield {"figure": figure, "id": one["id"], "zh": one["zh"], "en": one["en"], "value": one["count"]}


def _asked(call: Call) -> dict[str, Any]:
    today = legal_date(call.now)
    with call.store.reading() as tx:
        return figures(tx, call.rules, call.asked.get("year", today.year), today)


def show_figures(call: Call) -> Reply:
    return Reply(_asked(call))


def fetch_figures(call: Call) -> Reply:
    told = _asked(call)
    return figures_as_csv(told["year"], _lines(told))


ROUTES = [
    Route(
        *("GET", "/v1/licences/figures", show_figures, PUBLIC, Text("年度统计", "Count the licences of a year")),
        asks=YearQuery,
        gives=LicenceFigures,
    ),
    Route(
        *(
            "GET",
            "/v1/licences/figures.csv",
            fetch_figures,
            PUBLIC,
            Text("下载年度统计", "Fetch the figures of a year as CSV"),
        ),
        asks=YearQuery,
        media="text/csv",
    ),
]
