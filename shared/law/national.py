"""The national calendars: what the installed library knows, and the notices that are newer than it."""

from __future__ import annotations

import re
from functools import cache
from importlib.metadata import version as installed_version
from typing import TYPE_CHECKING

import chinese_calendar

from shared.law.calendar import WorkingCalendar, year_of_notice
from shared.law.holidays import FixedHolidays, newest_law
from shared.text import Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shared.law.calendar import Notice


class Calendars:
    """Every version of the calendar: the library's, and one more per notice.

    New counts use `newest`. A clock counted by an older version keeps it until it is counted again.
    """

    def __init__(self, notices: Sequence[Notice] = ()) -> None:
        self.notices = tuple(notices)
        self.newest = national().under(self.notices)
        self._versions = {self.newest.version: self.newest}

    def at(self, version: str) -> WorkingCalendar:
        """The calendar of that version, also of an older release of the library than the one installed."""
        found = self._versions.get(version)
        if found is None:
            library, number = _parts(version)
            found = self._versions[version] = _as_of(library).under(self.notices[:number])
        return found

    def of(self, year: int) -> list[Notice]:
        """The notices that apply to the year: the national one, if it is newer than the library, and those of areas."""
        newest = {notice.area: notice for notice in self.notices if notice.year == year}
        return [notice for _, notice in sorted(newest.items())]

    def since(self, version: str) -> tuple[Notice, ...]:
        """The notices that `newest` contains and that version does not."""
        return self.notices[_parts(version)[1] :]


_LIBRARY = re.compile(r"cn-\d+-(?P<last>\d+)\+[^+]*(?:\+law-(?P<law>\d+))?")


def _parts(version: str) -> tuple[str, int]:
    """The library and law part of the version, and the number of notices applied."""
    library, plus, number = version.rpartition("+")
    return (library, int(number)) if plus and number.isdecimal() else (version, 0)


def _as_of(version: str) -> WorkingCalendar:
    """The calendar of an older library (the same days, fewer years) or of an older law of fixed holidays.

    A version without a law part was made before fixed holidays were dated.
    """
    newest, known = national(), _LIBRARY.fullmatch(version)
    if known is None or version == newest.version:
        return newest
    return _made(version, int(known["last"]), FixedHolidays(int(known["law"] or 0)))


@cache
def national() -> WorkingCalendar:
    """The calendar of the installed `chinesecalendar` library. Its version names the years, the release, and the year
    of the newest law of fixed holidays.

    Versions sort: a later one has more years, a newer law, or more notices.
    """
    first, last = min(chinese_calendar.holidays).year, max(chinese_calendar.holidays).year
    release = installed_version("chinesecalendar")
    return _made(f"cn-{first}-{last}+chinesecalendar-{release}+law-{newest_law()}", last, FixedHolidays(newest_law()))


def _made(version: str, last: int, fixed: FixedHolidays) -> WorkingCalendar:
    """The calendar from the library's data for the years up to `last`."""
    names = {holiday.value: Text(holiday.chinese, holiday.value) for holiday in chinese_calendar.Holiday}
    off, work = (
        {day: name for day, found in days.items() if year_of_notice(day, name := names[str(found)]) <= last}
        for days in (chinese_calendar.holidays, chinese_calendar.workdays)
    )
    published = frozenset(range(min(chinese_calendar.holidays).year, last + 1))
    return WorkingCalendar(version, published, off, work, fixed)
