"""The register of certificates counted: what was granted and what ended in a year, and OIML certificates by holder.

The numbers are public (Administrative Licensing Law Art. 40); the policy of 2013 (吉政发〔2013〕27号) wants more
instruments of the province to have OIML certificates, which the office counts from the applications it examined.
"""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import Any

from marshmallow import fields
from sqlalchemy import Connection, func, select

from services.type_approval.intake.oiml import OIML
from services.type_approval.models import certificates
from services.type_approval.queries import REGISTER
from shared.casework.facts import FORM
from shared.casework.models import cases
from shared.http.lists import YearQuery
from shared.http.routes import PUBLIC, Call, Reply, Route
from shared.identity import Role
from shared.identity.uscc import party
from shared.metrology.oiml import read
from shared.permits.facts import END
from shared.permits.historic import TAKEN_BACK
from shared.permits.life import ENDS
from shared.runtime.time import legal_date
from shared.schemas import Answer, listed


class EndedOn(Answer):
    """失效数。 How many ended on a ground."""

    ground = fields.String(required=True, metadata={"description": "原因 ground", "example": "REVOKED"})
    zh = fields.String(required=True, metadata={"description": "原因（中文） in Chinese", "example": "撤销"})
    en = fields.String(required=True, metadata={"description": "原因（英文） in English", "example": "revoked"})
    count = fields.Integer(required=True, metadata={"description": "数量 how many", "example": 1})


class YearFigures(Answer):
    """年度统计。 The certificates of a year, until its last day or today."""

    year = fields.Integer(required=True, metadata={"description": "年份 year", "example": 2013})
    granted = fields.Integer(required=True, metadata={"description": "当年批准 granted in the year", "example": 12})
    cumulative = fields.Integer(
        required=True, metadata={"description": "累计批准 granted in all until then", "example": 240}
    )
    in_force = fields.Integer(required=True, metadata={"description": "有效 in force then", "example": 231})
    ended = fields.List(
        fields.Nested(EndedOn), required=True, metadata={"description": "当年失效 ended in the year, by ground"}
    )


class OimlCount(Answer):
    """OIML证书数。 How many valid OIML certificates of a year a maker has applied with."""

    holder = fields.String(
        required=True, metadata={"description": "单位代码 code of the maker", "example": "91220101MA0Y000086"}
    )
    name = fields.String(
        required=True, metadata={"description": "单位名称 its name", "example": "长春示例衡器有限公司"}
    )
    year = fields.Integer(required=True, metadata={"description": "证书年份 year of the certificates", "example": 2013})
    count = fields.Integer(required=True, metadata={"description": "数量 how many", "example": 1})


def figures(tx: Connection, year: int, today: date) -> dict[str, Any]:
    """The certificates counted as of the last day of the year, or of today in the year that runs."""
    first, last = date(year, 1, 1), min(today, date(year, 12, 31))
    granted, end = certificates.c.granted_on, cases.c.data[END.name]
    counted = tx.execute(
        select(
            func.count().label("cumulative"),
            func.count().filter(granted >= first).label("granted"),
            func.count().filter(REGISTER.status_on(last) == "in_force").label("in_force"),
        )
        .select_from(certificates.join(cases, cases.c.id == certificates.c.case_id))
        .where(granted <= last, cases.c.state != TAKEN_BACK)
    ).one()
    ended_on = end["on"].astext
    ended = tx.execute(
        select(end["ground"].astext.label("ground"), func.count().label("many"))
        .select_from(certificates.join(cases, cases.c.id == certificates.c.case_id))
        .where(ended_on >= first.isoformat(), ended_on <= last.isoformat(), cases.c.state != TAKEN_BACK)
        .group_by("ground")
        .order_by("ground")
    ).all()
    return {
        "year": year,
        **counted._asdict(),
        "ended": [{"ground": one.ground, **ENDS[one.ground]._asdict(), "count": one.many} for one in ended],
    }


def oiml_counts(tx: Connection, year: int | None) -> list[dict[str, Any]]:
    """Valid OIML certificates that were examined, each once whatever its revision, by maker and year."""
    data = cases.c.data
    rows = tx.execute(
        select(
            cases.c.applicant,
            data[FORM.name]["applicant_name"].astext.label("name"),
            data[OIML.name]["number"].astext.label("number"),
        )
        .where(data[OIML.name]["status"].astext == "valid", data[OIML.name]["number"].astext.like("R%"))
        .order_by(cases.c.id)
    )
    names: dict[str, tuple[str, str]] = {}
    found: set[tuple[str, int, str]] = set()
    for row in rows:
        whose, listed_as = party(row.applicant), read(row.number)
        names[whose] = (row.applicant, row.name)
        if year in (None, listed_as.year):
            found.add((whose, listed_as.year, listed_as.without_revision))
    counted = Counter((whose, of) for whose, of, _ in found)
    return [
        {"holder": names[whose][0], "name": names[whose][1], "year": of, "count": count}
        for (whose, of), count in sorted(counted.items(), key=lambda one: (-one[0][1], one[0][0]))
    ]


def show_figures(call: Call) -> Reply:
    today = legal_date(call.now)
    with call.store.reading() as tx:
        return Reply(figures(tx, call.asked.get("year", today.year), today))


def show_oiml(call: Call) -> Reply:
    with call.store.reading() as tx:
        return Reply({"items": oiml_counts(tx, call.asked.get("year"))})


ROUTES = [
    Route(
        *("GET", "/v1/certificates/figures", show_figures, PUBLIC, "Count the certificates of a year 年度统计"),
        asks=YearQuery,
        gives=YearFigures,
    ),
    Route(
        "GET",
        "/internal/v1/registers/oiml",
        show_oiml,
        Role.STAFF,
        "Count OIML certificates by maker and year OIML证书统计",
        asks=YearQuery,
        gives=listed(OimlCount),
    ),
]
