"""Counting the days of a limit from any day, for anybody, as the clocks of cases count them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from marshmallow import fields, validate

from services.notifications.clocks.queries import steps
from services.notifications.clocks.schemas import Budget, Run, Steps
from services.notifications.fields import CALENDAR, PROVISIONAL, shown
from shared.calendars import current
from shared.http import PUBLIC, Call, Problem, Reply, Route
from shared.labels import labelled
from shared.law import EntryKind, LedgerEntry, Limit, LimitError, draw, explanation
from shared.schemas import Day, Digits, Strict, choice
from shared.text import Text

if TYPE_CHECKING:
    from shared.law import Explanation

PATH = "/v1/days"
MOST = 400
"""Longer than any limit of the law, in days; each is drawn."""
_INERT = "default-src 'none'; style-src 'unsafe-inline'"


class DaysQuery(Strict):
    """Which days to count."""

    start = Day(
        required=True,
        metadata=labelled(
            "起算日", "day of the start", hint=Text("当日不计", "not counted itself"), example="2013-09-17"
        ),
    )
    days = Digits(
        required=True,
        validate=validate.Range(min=1, max=MOST),
        metadata=labelled("期限长度", "length of the limit", example=5),
    )
    unit = choice(
        *("wd", "d", "mo"),
        required=False,
        load_default="wd",
        metadata=labelled(
            "单位",
            "unit",
            hint=Text("不填即为工作日", "working days if not said"),
            choices={
                "wd": Text("工作日", "working days"),
                "d": Text("日", "calendar days"),
                "mo": Text("月", "months"),
            },
            example="wd",
        ),
    )


class CountedDays(Strict):
    """期限计算。 The last day of a limit, and every day on the way."""

    started_on = fields.Date(
        required=True,
        metadata=labelled(
            "起算日", "day of the start", hint=Text("当日不计", "not counted itself"), example="2013-09-17"
        ),
    )
    last_day = fields.Date(required=True, metadata=labelled("届满日", "last day", example="2013-09-25"))
    budget = fields.Nested(Budget, required=True, metadata=labelled("期限长度", "length of the limit"))
    provisional = fields.Boolean(required=True, metadata=PROVISIONAL)
    calendar = fields.String(required=True, metadata=CALENDAR)
    segments = fields.List(
        fields.Nested(Run), required=True, metadata=labelled("连续的同类日期", "consecutive days of one kind")
    )
    arithmetic = fields.Nested(Steps, required=True, metadata=labelled("计算过程", "the arithmetic"))


def count_days(call: Call) -> Reply:
    limit, told, calendar = _counted(call)
    found: dict[str, Any] = {
        "started_on": told.start,
        "last_day": told.end.deadline,
        "budget": {"text": str(limit), "zh": limit.zh, "en": limit.en},
        "provisional": told.end.provisional,
        "calendar": calendar,
        **steps(told),
    }
    return Reply(shown(CountedDays, found))


def draw_days(call: Call) -> Reply:
    limit, told, _ = _counted(call)
    headers = {"Content-Type": "image/svg+xml; charset=utf-8", "Content-Security-Policy": _INERT}
    return Reply(draw(told, Text(limit.zh, limit.en)), headers=headers)


def _counted(call: Call) -> tuple[Limit, Explanation, str]:
    """The limit, its days, and the calendar they are counted by. Raises Problem beyond the year 9999."""
    start, limit = call.asked["start"], Limit.parse(f"{call.asked['days']}{call.asked['unit']}")
    with call.store.reading() as tx:
        calendar = current(tx).newest
    try:
        return limit, explanation([LedgerEntry(EntryKind.STARTED, start, "")], limit, calendar, start), calendar.version
    except LimitError as error:
        raise Problem("malformed", Text(f"参数start：{error.told.zh}", f"start: {error.told.en}")) from None


DAY_ROUTES = [
    Route(
        *("GET", PATH, count_days, PUBLIC, Text("计算期限", "Count the days of a limit")),
        asks=DaysQuery,
        gives=CountedDays,
    ),
    Route(
        *("GET", f"{PATH}.svg", draw_days, PUBLIC, Text("期限图", "Draw the days of a limit")),
        asks=DaysQuery,
        media="image/svg+xml",
    ),
]
