"""The register of the permits of one kind counted: what was granted and what ended in a year.

The numbers are public (Administrative Licensing Law Art. 40).
"""

from __future__ import annotations

from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Any

from marshmallow import fields
from sqlalchemy import Connection, func, select

from shared.casework.models import cases
from shared.documents.open_data import csv_of
from shared.http.lists import YearQuery
from shared.http.routes import PUBLIC, Call, Reply, Route
from shared.labels import labelled
from shared.permits.facts import END
from shared.permits.historic import TAKEN_BACK
from shared.permits.life import ENDS
from shared.runtime.time import legal_date
from shared.schemas import Answer
from shared.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from shared.documents.permit_register import PermitRegister


class EndedOn(Answer):
    """失效数。 How many ended on a ground."""

    ground = fields.String(required=True, metadata=labelled("原因", "ground", example="REVOKED"))
    zh = fields.String(required=True, metadata=labelled("原因（中文）", "in Chinese", example="撤销"))
    en = fields.String(required=True, metadata=labelled("原因（英文）", "in English", example="revoked"))
    count = fields.Integer(required=True, metadata=labelled("数量", "how many", example=1))


class YearFigures(Answer):
    """年度统计。 The permits of a year, until its last day or today."""

    year = fields.Integer(required=True, metadata=labelled("年份", "year", example=2013))
    granted = fields.Integer(required=True, metadata=labelled("当年批准", "granted in the year", example=12))
    cumulative = fields.Integer(required=True, metadata=labelled("累计批准", "granted in all until then", example=240))
    in_force = fields.Integer(required=True, metadata=labelled("有效", "in force then", example=231))
    ended = fields.List(
        fields.Nested(EndedOn), required=True, metadata=labelled("当年失效", "ended in the year, by ground")
    )


def figures(tx: Connection, register: PermitRegister, year: int, today: date) -> dict[str, Any]:
    """The permits counted as of the last day of the year, or of today in the year that runs."""
    table = register.table
    first, last = date(year, 1, 1), min(today, date(year, 12, 31))
    granted, end = table.c.granted_on, cases.c.data[END.name]
    permits = table.join(cases, cases.c.id == table.c.case_id)
    counted = tx.execute(
        select(
            func.count().label("cumulative"),
            func.count().filter(granted >= first).label("granted"),
            func.count().filter(register.status_on(last) == register.in_force).label("in_force"),
        )
        .select_from(permits)
        .where(granted <= last, cases.c.state != TAKEN_BACK)
    ).one()
    ended_on = end["on"].astext
    ended = tx.execute(
        select(end["ground"].astext.label("ground"), func.count().label("many"))
        .select_from(permits)
        .where(ended_on >= first.isoformat(), ended_on <= last.isoformat(), cases.c.state != TAKEN_BACK)
        .group_by("ground")
        .order_by("ground")
    ).all()
    return {
        "year": year,
        **counted._asdict(),
        "ended": [{"ground": one.ground, **ENDS[one.ground]._asdict(), "count": one.many} for one in ended],
    }


def _lines(told: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The figures a line each: of what, on which ground, how many."""
    for figure in ("granted", "cumulative", "in_force"):
        yield {"figure": figure, "value": told[figure]}
    for one in told["ended"]:
        yield {"figure": "ended", "id": one["ground"], "zh": one["zh"], "en": one["en"], "value": one["count"]}


def _asked(register: PermitRegister, call: Call) -> dict[str, Any]:
    today = legal_date(call.now)
    with call.store.reading() as tx:
        return figures(tx, register, call.asked.get("year", today.year), today)


def _show(register: PermitRegister, call: Call) -> Reply:
    return Reply(_asked(register, call))


def _fetch(register: PermitRegister, call: Call) -> Reply:
    told = _asked(register, call)
    return figures_as_csv(told["year"], _lines(told))


def figures_as_csv(year: int, lines: Iterator[dict[str, Any]]) -> Reply:
    """The figures of a year as a spreadsheet reads them."""
    columns = ("year", "figure", "id", "zh", "en", "value")
    headers = {"Content-Type": "text/csv; charset=utf-8", "Cache-Control": "no-cache"}
    return Reply(csv_of(columns, ({"year": year, **line} for line in lines)), headers=headers)


def yearly_routes(path: str, register: PermitRegister) -> list[Route]:
    """The routes of the figures of the register at `path`."""
    return [
        Route(
            *(
                "GET",
                f"{path}/figures",
                partial(_show, register),
                PUBLIC,
                Text("年度统计", "Count the permits of a year"),
            ),
            asks=YearQuery,
            gives=YearFigures,
        ),
        Route(
            "GET",
            f"{path}/figures.csv",
            partial(_fetch, register),
            PUBLIC,
            Text("下载年度统计", "Fetch the figures of a year as CSV"),
            asks=YearQuery,
            media="text/csv",
        ),
    ]
