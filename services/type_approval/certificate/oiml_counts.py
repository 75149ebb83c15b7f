"""OIML certificates counted by holder.

The policy of 2013 (吉政发〔2013〕27号) wants more instruments of the province to have them; the office counts
them from the applications that it examined.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from marshmallow import fields
from sqlalchemy import Connection, select

from services.type_approval.intake.oiml import OIML
from shared.casework.facts import FORM
from shared.casework.models import cases
from shared.http.lists import YearQuery
from shared.http.routes import Call, Reply, Route
from shared.identity import Role
from shared.identity.uscc import party
from shared.labels import labelled
from shared.metrology.oiml import read
from shared.schemas import Answer, listed
from shared.text import Text


class OimlCount(Answer):
    """OIML证书数。 How many valid OIML certificates of a year a maker has applied with."""

    holder = fields.String(
        required=True, metadata=labelled("单位代码", "code of the maker", example="91220101MA0Y000086")
    )
    name = fields.String(required=True, metadata=labelled("单位名称", "its name", example="长春示例衡器有限公司"))
    year = fields.Integer(required=True, metadata=labelled("证书年份", "year of the certificates", example=2013))
    count = fields.Integer(required=True, metadata=labelled("数量", "how many", example=1))


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


def show_oiml(call: Call) -> Reply:
    with call.store.reading() as tx:
        return Reply({"items": oiml_counts(tx, call.asked.get("year"))})


ROUTES = [
    Route(
        "GET",
        "/internal/v1/registers/oiml",
        show_oiml,
        Role.STAFF,
        Text("OIML证书统计", "Count OIML certificates by maker and year"),
        asks=YearQuery,
        gives=listed(OimlCount),
    ),
]
