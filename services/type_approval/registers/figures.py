"""What the registers come to: figures by which the policy on metrology (吉政发〔2013〕27号) is measured. Pure."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from marshmallow import fields, validate

from services.type_approval.registers import fitness
from services.type_approval.registers.books import LABORATORIES, PEOPLE
from shared.registers import VALID
from shared.schemas import Answer, Digits, Strict

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shared.registers import Version

    Entries = Mapping[tuple[str, str], Version]
    """What a register says on a day, by laboratory and key."""


class FiguresQuery(Strict):
    """Of which year."""

    year = Digits(
        validate=validate.Range(min=2000, max=2199),
        metadata={"description": "年份 year; this one if not said", "example": 2013},
    )


class Share(Answer):
    """占比。 How many of how many."""

    count = fields.Integer(required=True, metadata={"description": "数量 how many", "example": 19})
    of = fields.Integer(required=True, metadata={"description": "总数 of how many", "example": 20})
    per_cent = fields.String(metadata={"description": "百分比 per cent, if there are any", "example": "95.0"})


class Figures(Answer):
    """名册指标。 What the registers come to on the last day of the year, or today."""

    on = fields.Date(required=True, metadata={"description": "统计截止日期 as of which day"})
    laboratories = fields.Integer(
        required=True,
        metadata={"description": "授权有效的技术机构 laboratories with a valid authorisation", "example": 6},
    )
    national_laboratories = fields.Integer(
        required=True,
        metadata={"description": "国家型式评价实验室 of them, national type-evaluation laboratories", "example": 4},
    )
    new_standards = fields.Integer(
        required=True, metadata={"description": "当年新建计量标准 standards established in the year", "example": 25}
    )
    registered_metrologists = fields.Nested(
        Share,
        required=True,
        metadata={"description": "注册计量师占技术人员比例 people with a valid registration, of all technical staff"},
    )
    traceable_standards = fields.Nested(
        Share,
        required=True,
        metadata={
            "description": (
                "量传溯源覆盖率 standards in calibration whose chain to the top is unbroken, of all standards in use"
            )
        },
    )


def figures(laboratories: Entries, people: Entries, standards: Entries, on: date) -> dict[str, Any]:
    """The registers of a day, counted. What is ended counts nowhere."""
    authorised = [one for one in laboratories.values() if LABORATORIES.status(one, on) == VALID]
    staff = [one for one in people.values() if not one.ended]
    registered = [one for one in staff if PEOPLE.covers(one.content, on)]
    used = {place: one for place, one in standards.items() if not one.ended}
    begun = [date.fromisoformat(day) for one in used.values() if (day := one.content.get("established_on"))]
    return {
        "on": on,
        "laboratories": len(authorised),
        "national_laboratories": sum(bool(one.content.get("national")) for one in authorised),
        "new_standards": sum(day.year == on.year and day <= on for day in begun),
        "registered_metrologists": _share(len(registered), len(staff)),
        "traceable_standards": _share(_traceable(used, on), len(used)),
    }


def _traceable(used: Entries, on: date) -> int:
    found = 0
    for lab in {lab for lab, _ in used}:
        own = {key: one for (of, key), one in used.items() if of == lab}
        found += sum(not fitness.not_calibrated(one.content["code"], own, on)[0] for one in own.values())
    return found


def _share(count: int, of: int) -> dict[str, Any]:
    told: dict[str, Any] = {"count": count, "of": of}
    return {**told, "per_cent": str((Decimal(100 * count) / of).quantize(Decimal("0.1")))} if of else told
