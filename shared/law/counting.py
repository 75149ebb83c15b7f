"""Compute the day on which a limit runs out, and explain every day on the way.

Rules: the day of the event is not counted (Civil Code 民法典 Art. 201). A month limit ends on the same day number, or
on the last day of the month if there is none (Art. 202). A month or calendar-day limit that ends on a rest day ends on
the next working day (Art. 203). Before 2021 the General Principles of Civil Law 民法通则 Art. 154 had the same rules.
The authority's limits are in working days (Administrative Licensing Law 行政许可法 Art. 82).
"""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass, field
from datetime import MAXYEAR, MINYEAR, date, timedelta
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING

from shared.law.calendar import DayKind
from shared.problems import ToldError
from shared.text import Text

if TYPE_CHECKING:
    from shared.law.calendar import Day, WorkingCalendar

_MONTHS_A_YEAR = 12
_LONGEST = 9999


class LimitError(ToldError):
    """The limit cannot be read, or it leads outside the calendar."""


class Unit(StrEnum):
    WORKING_DAYS = "working_days"
    MONTHS = "months"
    CALENDAR_DAYS = "calendar_days"


_SHORT = {"wd": Unit.WORKING_DAYS, "mo": Unit.MONTHS, "d": Unit.CALENDAR_DAYS}
_SUFFIX = {unit: suffix for suffix, unit in _SHORT.items()}
_UNIT_ZH = {Unit.WORKING_DAYS: "个工作日", Unit.MONTHS: "个月", Unit.CALENDAR_DAYS: "日"}
_UNIT_EN = {Unit.WORKING_DAYS: "working days", Unit.MONTHS: "months", Unit.CALENDAR_DAYS: "calendar days"}


def _unit(name: str) -> Unit:
    try:
        return Unit(name)
    except ValueError:
        raise LimitError(
            f"没有单位{name}：可用{'、'.join(Unit)}", f"unknown unit {name!r}; use one of {', '.join(Unit)}"
        ) from None


@dataclass(frozen=True, slots=True)
class Limit:
    """A length of time as the law states it: 5 working days, 3 months, 60 calendar days; 0 for a term that ends on the
    day on which it begins. Raises LimitError."""

    amount: int
    unit: Unit

    def __post_init__(self) -> None:
        # A database row gives a plain string; turn it into a Unit so that comparisons by identity work.
        object.__setattr__(self, "unit", _unit(self.unit))
        if not 0 <= self.amount <= _LONGEST:
            raise self._out_of_range()

    @classmethod
    def parse(cls, text: str) -> Limit:
        """Read "5wd", "3mo" or "60d"."""
        match = re.fullmatch(r"\s*([0-9]{1,9})\s*(wd|mo|d)\s*", text)
        if match is None:
            raise LimitError(
                f"期限“{text}”：写数字和wd（工作日）、mo（月）或d（日），如5wd",
                f"limit {text!r}: write a number and wd (working days), mo (months) or d (days), as 5wd",
            )
        return cls.stated(int(match[1]), _SHORT[match[2]])

    @classmethod
    def stated(cls, amount: int, unit: str) -> Limit:
        """A length that is stated: nobody states 0."""
        limit = cls(amount, _unit(unit))
        if not amount:
            raise limit._out_of_range()
        return limit

    def _out_of_range(self) -> LimitError:
        return LimitError(
            f"期限{self.amount}：须为1至{_LONGEST}的整数",
            f"limit of {self.amount} {_UNIT_EN[self.unit]}: give a whole number from 1 to {_LONGEST}",
        )

    @property
    def zh(self) -> str:
        return f"{self.amount}{_UNIT_ZH[self.unit]}"

    @property
    def en(self) -> str:
        plural = _UNIT_EN[self.unit]
        return f"{self.amount} {plural if self.amount != 1 else plural.removesuffix('s')}"

    def __str__(self) -> str:
        return f"{self.amount}{_SUFFIX[self.unit]}"


class Mark(StrEnum):
    """How one day counts."""

    COUNTED = "counted"
    MAKE_UP = "make_up"
    """A weekend day that is a working day; it is counted."""
    WEEKEND = "weekend"
    HOLIDAY = "holiday"
    ROLLED = "rolled"
    """A day after a last day that was a rest day: the end moves over it."""


@dataclass(frozen=True, slots=True)
class CountedDay:
    """`number` is the position of the day in the count; None if the day is not counted."""

    on: date
    mark: Mark
    number: int | None
    why: Text
    provisional: bool


@dataclass(frozen=True)
class Due:
    """`provisional`: the count includes a year whose holidays are not published yet, so the date may change."""

    start: date
    limit: Limit
    on: date
    provisional: bool
    calendar: WorkingCalendar = field(repr=False, compare=False)

    @cached_property
    def days(self) -> tuple[CountedDay, ...]:
        """Every day after `start` up to `on`, whether it is counted, and why."""
        return tuple(_explain(self.start, self.limit, self.on, self.calendar))


def due(start: date, limit: Limit, calendar: WorkingCalendar) -> Due:
    """When `limit` runs out after an event on `start`. Raises LimitError beyond the year 9999."""
    last = span_end(start, limit, calendar)
    if limit.unit is Unit.WORKING_DAYS:
        return Due(start, limit, last, calendar.provisional(start, last), calendar)
    # For months and calendar days only the holidays at the end matter, because the end may move over them.
    moved = calendar.next_working_day(last)
    return Due(start, limit, moved, calendar.provisional(last, moved), calendar)


def span_end(start: date, limit: Limit, calendar: WorkingCalendar) -> date:
    """The last day of the count, before any move to a working day."""
    if limit.unit is Unit.WORKING_DAYS:
        return calendar.add(start, limit.amount)
    if limit.unit is Unit.MONTHS:
        return add_months(start, limit.amount)
    return add_days(start, limit.amount)


def before(end: date, limit: Limit, calendar: WorkingCalendar) -> date:
    """The day `limit` before `end`, for windows such as "3 months before expiry"; never moved to a working day."""
    if limit.unit is Unit.WORKING_DAYS:
        return calendar.add(end, -limit.amount)
    if limit.unit is Unit.MONTHS:
        return add_months(end, -limit.amount)
    return add_days(end, -limit.amount)


def add_days(start: date, days: int) -> date:
    try:
        return start + timedelta(days=days)
    except OverflowError:
        raise LimitError(
            f"自{start}起{days}日超出公元1至9999年：请用较短的期限",
            f"{days} days from {start} is outside the years 1 to 9999; use a shorter limit",
        ) from None


def add_months(start: date, months: int) -> date:
    """The same day number `months` later, or the last day of that month if there is none (Civil Code Art. 202)."""
    year, month = divmod(start.year * _MONTHS_A_YEAR + start.month - 1 + months, _MONTHS_A_YEAR)
    if not MINYEAR <= year <= MAXYEAR:
        raise LimitError(
            f"自{start}起{months}个月超出公元1至9999年：请用较短的期限",
            f"{months} months from {start} is outside the years 1 to 9999; use a shorter limit",
        )
    return date(year, month + 1, min(start.day, monthrange(year, month + 1)[1]))


def _explain(start: date, limit: Limit, last: date, calendar: WorkingCalendar) -> list[CountedDay]:
    end = span_end(start, limit, calendar)
    days: list[CountedDay] = []
    number = 0
    for step in range(1, (last - start).days + 1):
        day = calendar.day(start + timedelta(days=step))
        mark, why = _mark(day, limit, rolled=day.date > end)
        counted = mark in (Mark.COUNTED, Mark.MAKE_UP)
        number += counted
        days.append(CountedDay(day.date, mark, number if counted else None, why, day.provisional))
    return days


def _mark(day: Day, limit: Limit, *, rolled: bool) -> tuple[Mark, Text]:
    if rolled:
        return Mark.ROLLED, Text(
            "最后一日是法定休息日，顺延至下一工作日", "the last day was a rest day: moved to the next working day"
        )
    zh, en = day.name
    if limit.unit is not Unit.WORKING_DAYS:
        return Mark.COUNTED, Text(f"自然日（{zh}）", f"calendar day ({en})")
    if day.kind is DayKind.WORKING:
        return Mark.COUNTED, Text(f"工作日（{zh}）", f"working day ({en})")
    if day.kind is DayKind.MAKE_UP:
        return Mark.MAKE_UP, Text(f"计入：{zh}", f"counted: {en}")
    if day.kind is DayKind.HOLIDAY:
        return Mark.HOLIDAY, Text(f"法定节假日不计：{zh}", f"statutory holiday, not counted: {en}")
    return Mark.WEEKEND, Text(f"周末不计（{zh}）", f"weekend, not counted ({en})")
