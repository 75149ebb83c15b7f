"""The days on which an applicant is assessed on site: when, where, and who comes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from marshmallow import fields
from sqlalchemy import Date, cast, func, select, tuple_

from services.licensing.assessment.facts import ASSESSMENT_PLAN
from shared.casework.models import cases
from shared.http.cases import FACES
from shared.http.paging import Cursor, PageQuery, page
from shared.http.routes import Route
from shared.identity import Role
from shared.labels import labelled
from shared.runtime.time import legal_date
from shared.schemas import Answer, listed, text
from shared.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from sqlalchemy import Connection, Select

    from shared.http.routes import Call, Reply
    from shared.identity import Actor

PATH = "/v1/assessments"
PLANNED = "assessment_planned"
_BY_DAY = "planned_from"


class Coming(Answer):
    """考评员。 An assessor who comes."""

    name = fields.String(required=True, metadata=labelled("姓名", "name", example="卫考评"))
    employer = fields.String(required=True, metadata=labelled("工作单位", "employer", example="某检定所"))


class Appointed(Answer):
    """现场考核日程。 The days on which the applicant is assessed, as they are planned now."""

    number = fields.String(required=True, metadata=labelled("申请编号", "application number", example="ML-2013-00001"))
    planned_from = fields.Date(required=True, metadata=labelled("考核开始日期", "first day"))
    planned_to = fields.Date(required=True, metadata=labelled("考核结束日期", "last day"))
    places = fields.List(
        fields.String(metadata={"example": "吉林省长春市示例路9号"}),
        required=True,
        metadata=labelled("生产地址", "places of manufacture, where it takes place"),
    )
    team = fields.List(
        fields.Nested(Coming),
        required=True,
        metadata=labelled("考核组", "who comes", hint=Text("组长在先", "the leader first")),
    )
    href = fields.String(
        required=True,
        metadata=labelled("详情路径", "path of the case", example="/v1/applications/ML-2013-00001"),
    )


class AppointedQuery(PageQuery):
    """Which part of the days."""

    cursor = Cursor({_BY_DAY: [fields.Date(), text()]})


def asked(actor: Actor, today: date, query: Mapping[str, Any]) -> Select[Any]:
    """The assessments of the actor's own that are still to come or under way, the first at the beginning."""
    plan = cases.c.data[ASSESSMENT_PLAN.name]
    first, last = (cast(plan[name].astext, Date) for name in ("planned_from", "planned_to"))
    found = select(
        cases.c.number,
        plan.label("plan"),
        cases.c.data["form", "production_sites"].label("sites"),
    ).where(func.party(cases.c.applicant) == actor.party, cases.c.state == PLANNED, last >= today)
    if "cursor" in query:
        found = found.where(tuple_(first, cases.c.number) > tuple_(*query["cursor"][1:]))
    return found.order_by(first, cases.c.number)


def appointed(
    tx: Connection, actor: Actor, today: date, query: Mapping[str, Any]
) -> tuple[list[dict[str, Any]], list[Any] | None]:
    """A page of them, and the cursor of its end if there is more."""
    limit = query["limit"]
    rows = tx.execute(asked(actor, today, query).limit(limit + 1)).all()
    items = [_told(row.number, row.plan, row.sites or ()) for row in rows[:limit]]
    return items, [_BY_DAY, items[-1]["planned_from"], items[-1]["number"]] if len(rows) > limit else None


def _told(number: str, kept: Mapping[str, Any], sites: Any) -> dict[str, Any]:
    plan = ASSESSMENT_PLAN.read(kept)
    return {
        "number": number,
        "planned_from": plan.planned_from,
        "planned_to": plan.planned_to,
        "places": [site["address"] for site in sites],
        "team": [{"name": one.name, "employer": one.employer} for one in plan.team],
        "href": f"{FACES[Role.APPLICANT]}/{number}",
    }


def show(call: Call) -> Reply:
    with call.store.reading() as tx:
        items, end = appointed(tx, call.actor, legal_date(call.now), call.asked)
    return page(call, items, end)


ROUTES = [
    Route(
        *("GET", PATH, show, Role.APPLICANT, Text("现场考核日程", "List the days on which you are assessed")),
        asks=AppointedQuery,
        gives=listed(Appointed),
    )
]
