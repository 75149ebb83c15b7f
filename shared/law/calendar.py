"""Working days of mainland China, from the State Council's yearly notices.

Art. 82 of the Administrative Licensing Law 行政许可法 counts the authority's limits in working days, statutory holidays
excluded; a weekend day made a working day by the yearly notice (调休上班) is a working day like any other.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from datetime import MAXYEAR, MINYEAR, date, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, ClassVar, Protocol

import chinese_calendar

from shared.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from collections.abc import Set as AbstractSet

_SATURDAY = 5
_DECEMBER = 12
_NUMBER_DIGITS = 4
_NEW_YEAR = "New Year's Day"
_WEEKDAY_ZH = ("星期一", "星期二", "星期三", "星期四", "星期五", "星期六", "星期日")
_WEEKDAY_EN = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


class CalendarError(ValueError):
    """The calendar cannot answer, for example for a day after the year 9999."""


class DayKind(StrEnum):
    WORKING = "working"
    WEEKEND = "weekend"
    HOLIDAY = "holiday"
    MAKE_UP = "make_up"
    """A Saturday or Sunday that is a working day in exchange for a holiday, 调休上班."""


@dataclass(frozen=True, slots=True)
class Notice:
    """The days off and the make-up days of one year: for the whole country or, with `area`, those that a minority area
    adds (Measures on Holidays 全国年节及纪念日放假办法 Art. 4).

    `number` numbers the notices that are newer than the library, from 1. The days off for New Year may begin in
    December of the year before.
    """

    number: int
    year: int
    area: str
    off: Mapping[date, Text]
    work: Mapping[date, Text]
    sources: tuple[str, ...]

    @property
    def name(self) -> Text:
        if self.area:
            return Text(f"{self.area}{self.year}年地方节假日", f"the local holidays of {self.area} in {self.year}")
        en = f"the State Council's arrangement of holidays in {self.year}"
        return Text(f"国务院办公厅{self.year}年节假日安排", en)

    @property
    def make_up(self) -> Sequence[date]:
        """The Saturdays and Sundays that are working days. `work` may also list weekdays, which has no effect."""
        return [day for day in self.work if is_weekend(day)]


@dataclass(frozen=True, slots=True)
class Day:
    """One day of the calendar. `provisional`: the notice for its year is not published yet, so the day may change."""

    date: date
    working: bool
    kind: DayKind
    name: Text
    provisional: bool


class Fixed(Protocol):
    """The holidays that the law fixes by date: see `holidays.FixedHolidays`."""

    @property
    def until(self) -> int: ...

    since: ClassVar[int]

    def of(self, year: int) -> Mapping[date, Text]: ...


class WorkingCalendar:
    """Working-day arithmetic. Answers in O(log n) from one sorted list of working-day ordinals per year.

    `off` and `work` are the days that differ from a plain Monday-to-Friday week; `published` are the years for which
    they are complete. In any other year the calendar knows only weekends and the holidays that the law fixes by date,
    and every result that depends on such a year is provisional 暂定.
    """

    def __init__(
        self,
        version: str,
        published: frozenset[int],
        off: Mapping[date, Text],
        work: Mapping[date, Text],
        fixed: Fixed,
    ) -> None:
        self.version = version
        self._fixed = fixed
        self._published = published
        self._off = dict(off)
        self._work = dict(work)
        self._years: dict[int, list[int]] = {}

    def under(self, notices: Sequence[Notice]) -> WorkingCalendar:
        """This calendar with `notices` applied, in order from the first.

        For each year and area the newest notice counts. National notices apply before those of areas, and earlier years
        before later ones, so a national notice that comes later does not change the days of an area.
        """
        if not notices:
            return self
        newest = {(notice.area, notice.year): notice for notice in notices}
        published = {year for area, year in newest if not area}
        off = {day: name for day, name in self._off.items() if year_of_notice(day, name) not in published}
        work = {day: name for day, name in self._work.items() if year_of_notice(day, name) not in published}
        for _, notice in sorted(newest.items()):
            off = {day: name for day, name in off.items() if day not in notice.work} | dict(notice.off)
            work = {day: name for day, name in work.items() if day not in notice.off} | dict(notice.work)
        version = f"{self.version}+{notices[-1].number:0{_NUMBER_DIGITS}}"
        return WorkingCalendar(version, self._published | published, off, work, self._fixed)

    def as_of(self, version: str) -> WorkingCalendar:
        """This calendar as an older `version` of the library had it: the same days, but fewer years."""
        last = re.match(r"cn-[0-9]+-([0-9]+)\+", version)
        if last is None or version == self.version:
            return self
        until = int(last[1])
        return WorkingCalendar(
            version,
            frozenset(year for year in self._published if year <= until),
            {day: name for day, name in self._off.items() if year_of_notice(day, name) <= until},
            {day: name for day, name in self._work.items() if year_of_notice(day, name) <= until},
            self._fixed,
        )

    def first_change(self, other: WorkingCalendar) -> date | None:
        """The first day on which the two calendars differ: a working day in one only, or provisional in one only. None
        if they are equal."""
        days = {date(year, 1, 1) for year in self._published ^ other._published}
        named = {*self._off, *self._work, *other._off, *other._work, *self._fixed_differently(other)}
        days |= {day for day in named if self.is_working(day) != other.is_working(day)}
        return min(days, default=None)

    def _fixed_differently(self, other: WorkingCalendar) -> AbstractSet[date]:
        """The days that are fixed holidays in only one of the two calendars.

        Stops one year after the last year in which either law or either calendar changes: later years differ in the
        same days.
        """
        if self._fixed == other._fixed:
            return set()
        last = 1 + max(self._fixed.until, other._fixed.until, *self._published, *other._published)
        years = range(self._fixed.since, last + 1)
        return {day for year in years for day in self._fixed.of(year).keys() ^ other._fixed.of(year).keys()}

    def day(self, on: date) -> Day:
        kind, name = self._classify(on)
        working = kind in (DayKind.WORKING, DayKind.MAKE_UP)
        return Day(on, working, kind, name, on.year not in self._published)

    def unusual(self, year: int) -> list[Day]:
        """The days of the year that differ from a plain Monday-to-Friday week, in order."""
        first = date(year, 1, 1)
        days = map(self.day, (first + timedelta(days=n) for n in range((date(year + 1, 1, 1) - first).days)))
        return [day for day in days if day.kind in (DayKind.HOLIDAY, DayKind.MAKE_UP)]

    def is_working(self, on: date) -> bool:
        days = self._working_days(on.year)
        at = bisect_left(days, on.toordinal())
        return at < len(days) and days[at] == on.toordinal()

    def add(self, start: date, working_days: int) -> date:
        """The n-th working day after `start`, not counting `start` itself; n = 0 returns `start`.

        A negative n counts backwards. Raises CalendarError outside the years 1 to 9999.
        """
        if working_days == 0:
            return start
        if working_days < 0:
            return self._back(start, -working_days)
        year = start.year
        days = self._working_days(year)
        at = bisect_right(days, start.toordinal()) + working_days - 1
        while at >= len(days):
            at -= len(days)
            year += 1
            days = self._working_days(year)
        return date.fromordinal(days[at])

    def _back(self, start: date, working_days: int) -> date:
        year = start.year
        days = self._working_days(year)
        at = bisect_left(days, start.toordinal()) - working_days
        while at < 0:
            year -= 1
            days = self._working_days(year)
            at += len(days)
        return date.fromordinal(days[at])

    def count(self, after: date, until: date) -> int:
        """Working days in the half-open span (`after`, `until`]; 0 when `until` is not later."""
        if until <= after:
            return 0
        upto = bisect_right(self._working_days(until.year), until.toordinal())
        upto -= bisect_right(self._working_days(after.year), after.toordinal())
        return upto + sum(len(self._working_days(year)) for year in range(after.year, until.year))

    def next_working_day(self, on: date) -> date:
        """`on` itself if it is a working day, otherwise the first working day after it (Civil Code 民法典 Art. 203)."""
        return on if self.is_working(on) else self.add(on, 1)

    def provisional(self, first: date, last: date) -> bool:
        """Whether any day from `first` to `last` is in a year whose notice is not published."""
        return any(year not in self._published for year in range(first.year, last.year + 1))

    def _classify(self, on: date) -> tuple[DayKind, Text]:
        weekday = on.weekday()
        if (name := self._work.get(on)) is not None:
            if is_weekend(on):
                return DayKind.MAKE_UP, Text(f"{name.zh}调休上班", f"make-up working day for {name.en}")
            # A notice may also list weekdays as working days; they need no special case.
        elif (name := self._holiday(on)) is not None:
            return DayKind.HOLIDAY, name
        kind = DayKind.WEEKEND if is_weekend(on) else DayKind.WORKING
        return kind, Text(_WEEKDAY_ZH[weekday], _WEEKDAY_EN[weekday])

    def _holiday(self, on: date) -> Text | None:
        return self._off.get(on) or (None if on.year in self._published else self._fixed.of(on.year).get(on))

    def _working_days(self, year: int) -> list[int]:
        found = self._years.get(year)
        return self._tabulate(year) if found is None else found

    def _tabulate(self, year: int) -> list[int]:
        if not MINYEAR <= year <= MAXYEAR:
            raise CalendarError(f"no calendar for the year {year}; use a date and a limit that stay within 1 to 9999")
        first, length = date(year, 1, 1), (date(year, 12, 31) - date(year, 1, 1)).days + 1
        span = (first + timedelta(days=n) for n in range(length))
        rest = (DayKind.WEEKEND, DayKind.HOLIDAY)
        # Assign the finished list at once: two threads may both build it, but neither sees it half built.
        self._years[year] = days = [on.toordinal() for on in span if self._classify(on)[0] not in rest]
        return days


def is_weekend(day: date) -> bool:
    return day.weekday() >= _SATURDAY


def year_of_notice(day: date, name: Text) -> int:
    """The year whose notice lists the day: the days off for New Year may begin in December."""
    return day.year + (day.month == _DECEMBER and name.en == _NEW_YEAR)


_ENGLISH = {str(holiday.chinese): str(holiday.value) for holiday in chinese_calendar.Holiday}


def in_english(holiday: str) -> str:
    """The English name of one or several holidays (国庆节、中秋节); if unknown, "holiday" and the Chinese name."""
    parts = holiday.split("、")
    known = [found for part in parts if (found := _ENGLISH.get(part) or _ENGLISH.get(part.removesuffix("节")))]
    return " and ".join(known) if len(known) == len(parts) else f"holiday {holiday}"
