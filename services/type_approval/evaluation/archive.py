"""The archives of a laboratory whose time of keeping is over: what is to be released."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from marshmallow import fields
from sqlalchemy import Connection, func, select

from services.type_approval.evaluation.custody import OVER, held, kept_until
from services.type_approval.evaluation.facts import ARCHIVE_RELEASED, REPORT
from shared.casework.models import cases
from shared.http.lists import path_of
from shared.http.routes import Call, Reply, Route
from shared.identity import Role
from shared.labels import labelled
from shared.law import before, national
from shared.runtime.time import legal_date
from shared.schemas import Answer, listed
from shared.text import Text

if TYPE_CHECKING:
    from datetime import date

    from shared.law import RuleSet

PATH = "/v1/lab/archive"


class Archived(Answer):
    """期满档案。 A case whose records need not be kept any longer."""

    number = fields.String(required=True, metadata=labelled("申请编号", "its number", example="TA-2013-00001"))
    report = fields.String(required=True, metadata=labelled("报告编号", "number of the report", example="R-1"))
    issued_on = fields.Date(required=True, metadata=labelled("签发日期", "day on which the report was issued"))
    samples_left = fields.List(
        fields.String(metadata={"example": "S-1"}),
        required=True,
        metadata=labelled("待处理样机", "prototypes that are not accounted for yet", example=[]),
    )
    href = path_of("/v1/lab/applications/TA-2013-00001")


def due(tx: Connection, lab: str, rules: RuleSet, today: date) -> list[dict[str, Any]]:
    """The cases of a laboratory whose records have been kept long enough and are not released; the oldest report
    first."""
    report = cases.c.data[REPORT.name]
    last = before(today, rules.limit("archive", today).budget, national()).isoformat()
    rows = tx.execute(
        select(cases.c.number, cases.c.data)
        .where(func.party(cases.c.lab) == lab, cases.c.state.in_(OVER), report["issued_on"].astext < last)
        .where(~cases.c.data.has_key(ARCHIVE_RELEASED.name))
        .order_by(report["issued_on"].astext, cases.c.id)
        .limit(1000)
    )
    return [
        {
            "number": row.number,
            "report": made.number,
            "issued_on": made.issued_on.isoformat(),
            "samples_left": held(row.data),
            "href": f"/v1/lab/applications/{row.number}",
        }
        for row in rows
        if (made := REPORT.read(row.data[REPORT.name])).issued_on and kept_until(made.issued_on, rules) < today
    ]


def show(call: Call) -> Reply:
    with call.store.reading() as tx:
        return Reply({"items": due(tx, call.actor.party, call.rules, legal_date(call.now))})


ROUTES = [
    Route(
        *("GET", PATH, show, Role.LAB, Text("期满待处置档案", "List the archives that may be released")),
        gives=listed(Archived),
    )
]
