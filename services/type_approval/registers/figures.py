"""What the registers come to: figures by which the policy on metrology (吉政发〔2013〕27号) is measured. Pure."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from marshmallow import fields, validate

from services.type_approval.registers import fitness
from services.type_approval.registers.books import LABORATORIES, PEOPLE
from shared.labels import labelled
from shared.registers import VALID
from shared.schemas import Answer, Bilingual, Digits, Strict
from shared.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shared.registers import Version

    Entries = Mapping[tuple[str, str], Version]
    """What a register says on a day, by laboratory and key."""


class FiguresQuery(Strict):
    """Of which year."""

    year = Digits(
        validate=validate.Range(min=2000, max=2199),
        metadata=labelled("年份", "year", hint=Text("不填即为本年", "this one if not said"), example=2013),
    )


class Share(Answer):
    """占比。 How many of how many."""

    count = fields.Integer(required=True, metadata=labelled("数量", "how many", example=19))
    of = fields.Integer(required=True, metadata=labelled("总数", "of how many", example=20))
    per_cent = fields.String(
        metadata=labelled("百分比", "per cent", hint=Text("有则填写", "if there are any"), example="95.0")
    )


class Goal(Bilingual):
    """政策目标。 What the policy wants of a figure by 2020, and whether it is reached."""

    figure = fields.String(required=True, metadata=labelled("指标", "the figure", example="national_laboratories"))
    zh = fields.String(required=True, metadata=labelled("目标（中文）", "goal, in Chinese", example="4—5个"))
    en = fields.String(required=True, metadata=labelled("目标（英文）", "goal, in English", example="4 to 5"))
    reached = fields.Boolean(required=True, metadata=labelled("是否达到", "whether it is reached", example=True))


class Figures(Answer):
    """名册指标。 What the registers come to on the last day of the year, or today."""

    on = fields.Date(required=True, metadata=labelled("统计截止日期", "as of which day"))
    laboratories = fields.Integer(
        required=True,
        metadata=labelled("授权有效的技术机构", "laboratories with a valid authorisation", example=6),
    )
    national_laboratories = fields.Integer(
        required=True,
        metadata=labelled(
            "国家型式评价实验室", "national type-evaluation laboratories", hint=Text("在其中", "among them"), example=4
        ),
    )
    new_standards = fields.Integer(
        required=True, metadata=labelled("当年新建计量标准", "standards established in the year", example=25)
    )
    new_standards_in_all = fields.Integer(
        required=True,
        metadata=labelled(
            "政策发布以来新建", "standards in use that were established since the policy was issued", example=120
        ),
    )
    registered_metrologists = fields.Nested(
        Share,
        required=True,
        metadata=labelled(
            "注册计量师占技术人员比例",
            "people with a valid registration",
            hint=Text("占全部技术人员", "of all technical staff"),
        ),
    )
    traceable_standards = fields.Nested(
        Share,
        required=True,
        metadata=labelled(
            "量传溯源覆盖率",
            "standards in calibration whose chain to the top is unbroken",
            hint=Text("占全部在用标准器", "of all standards in use"),
        ),
    )
    goals = fields.List(fields.Nested(Goal), required=True, metadata=labelled("政策目标", "goals of the policy"))


ISSUED = date(2013, 8, 30)
"""When the policy was issued: from then on what is new counts towards its goals."""


_LABORATORIES, _STANDARDS, _COVERAGE = 4, 200, 95
"""At least so many laboratories, new standards, and per cent of the standards traced."""


def _goals(told: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The goals of the policy beside the figures (吉政发〔2013〕27号, for 2020)."""
    people, standards = told["registered_metrologists"], told["traceable_standards"]
    laboratories, new = told["national_laboratories"], told["new_standards_in_all"]
    goals = (
        ("national_laboratories", Text("4—5个", "4 to 5"), laboratories >= _LABORATORIES),
        ("new_standards_in_all", Text("200项", "200"), new >= _STANDARDS),
        ("registered_metrologists", Text("100%", "100 %"), 0 < people["of"] == people["count"]),
        (
            "traceable_standards",
            Text("95%以上", "95 % or more"),
            0 < _COVERAGE * standards["of"] <= 100 * standards["count"],
        ),
    )
    return [{"figure": figure, **goal._asdict(), "reached": reached} for figure, goal, reached in goals]


def figures(laboratories: Entries, people: Entries, standards: Entries, on: date) -> dict[str, Any]:
    """The registers of a day, counted. What is ended counts nowhere."""
    authorised = [one for one in laboratories.values() if LABORATORIES.status(one, on) == VALID]
    staff = [one for one in people.values() if not one.ended]
    registered = [one for one in staff if PEOPLE.covers(one.content, on)]
    used = {place: one for place, one in standards.items() if not one.ended}
    begun = [date.fromisoformat(day) for one in used.values() if (day := one.content.get("established_on"))]
    told = {
        "on": on,
        "laboratories": len(authorised),
        "national_laboratories": sum(bool(one.content.get("national")) for one in authorised),
        "new_standards": sum(day.year == on.year and day <= on for day in begun),
        "new_standards_in_all": sum(ISSUED <= day <= on for day in begun),
        "registered_metrologists": _share(len(registered), len(staff)),
        "traceable_standards": _share(_traceable(used, on), len(used)),
    }
    return {**told, "goals": _goals(told)}


def _traceable(used: Entries, on: date) -> int:
    found = 0
    for lab in {lab for lab, _ in used}:
        own = {key: one for (of, key), one in used.items() if of == lab}
        found += sum(not fitness.not_calibrated(one.content["code"], own, on)[0] for one in own.values())
    return found


def _share(count: int, of: int) -> dict[str, Any]:
    told: dict[str, Any] = {"count": count, "of": of}
    return {**told, "per_cent": str((Decimal(100 * count) / of).quantize(Decimal("0.1")))} if of else told
