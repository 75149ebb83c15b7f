"""The calendars of the country: what the installed library knows, and what notices say after it."""

from __future__ import annotations

import re
from functools import cache
from importlib.metadata import version as installed_version
from typing import TYPE_CHECKING

import chinese_calendar

from shared.law.calendar import Name, WorkingCalendar, year_of_notice
from shared.law.holidays import FixedHolidays, newest_law

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shared.law.calendar import Notice


class Calendars:
    """Every version of the calendar: the library's, and one more after each notice. Clocks are counted by `newest`;
    those counted by an older one keep it until they are counted anew."""

    def __init__(self, notices: Sequence[Notice] = ()) -> None:
        self.notices = tuple(notices)
        self.newest = national().under(self.notices)
        self._versions = {self.newest.version: self.newest}

    def at(self, version: str) -> WorkingCalendar:
        """The calendar of that version; of a library that is older than this process's, as it was."""
        found = self._versions.get(version)
        if found is None:
            library, number = _parts(version)
            found = self._versions[version] = _as_of(library).under(self.notices[:number])
        return found

    def of(self, year: int) -> list[Notice]:
        """The notices that count for the year: the country's, if one came after the library, and the areas'."""
        newest = {notice.area: notice for notice in self.notices if notice.year == year}
        return [notice for _, notice in sorted(newest.items())]

    def since(self, version: str) -> tuple[Notice, ...]:
        """The notices that are in `newest` and not in that version."""
        return self.notices[_parts(version)[1] :]


_LIBRARY = re.compile(r"cn-\d+-(?P<last>\d+)\+[^+]*(?:\+law-(?P<law>\d+))?")


def _parts(version: str) -> tuple[str, int]:
    """The version of the library and the law, and how many notices came after it."""
    library, plus, number = version.rpartition("+")
    return (library, int(number)) if plus and number.isdecimal() else (version, 0)


def _as_of(version: str) -> WorkingCalendar:
    """The calendar of an older library, which knew the same days of fewer years, or of an older law of fixed holidays.

    A version that names no law is of the time before fixed holidays were dated.
    """
    newest, known = national(), _LIBRARY.fullmatch(version)
    if known is None or version == newest.version:
        return newest
    return _made(version, int(known["last"]), FixedHolidays(int(known["law"] or 0)))


@cache
def national() -> WorkingCalendar:
    """The calendar of the installed `chinesecalendar` library; its version names the years, the release and the year
    of the newest law of fixed holidays.

    Versions sort: the later one has more years, a newer law, or more notices.
    """
    first, last = min(chinese_calendar.holidays).year, max(chinese_calendar.holidays).year
    release = installed_version("chinesecalendar")
    return _made(f"cn-{first}-{last}+chinesecalendar-{release}+law-{newest_law()}", last, FixedHolidays(newest_law()))


def _made(version: str, last: int, fixed: FixedHolidays) -> WorkingCalendar:
    """What the library knows of the years up to `last`."""
    names = {holiday.value: Name(holiday.chinese, holiday.value) for holiday in chinese_calendar.Holiday}
    off, work = (
        {day: name for day, found in days.items() if year_of_notice(day, name := names[str(found)]) <= last}
        for days in (chinese_calendar.holidays, chinese_calendar.workdays)
    )
    published = frozenset(range(min(chinese_calendar.holidays).year, last + 1))
    return WorkingCalendar(version, published, off, work, fixed)
