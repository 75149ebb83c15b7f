"""The public holidays that the law fixes by date: Measures on Holidays 全国年节及纪念日放假办法, Art. 2.

They are known for every year, even if its notice is not published yet. Holidays that follow the moon or the sun (春节,
清明, 端午, 中秋) are known only from notices.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, ClassVar

from shared.law.reading import read_rows
from shared.law.rows import FixedHoliday
from shared.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

_FORMER = (
    ((1, 1), Text("元旦", "New Year's Day")),
    ((5, 1), Text("劳动节", "Labour Day")),
    *(((10, day), Text("国庆节", "National Day")) for day in (1, 2, 3)),
)


@dataclass(frozen=True, slots=True)
class FixedHolidays:
    """The holidays fixed by law, with changes of the law up to and including the year `until`.

    With `until` 0, the same five days in every year: clocks counted before this data existed used them.
    """

    until: int
    since: ClassVar[int] = 1949

    def of(self, year: int) -> Mapping[date, Text]:
        """The fixed holidays of the year."""
        return _of(year, self.until)


@cache
def _rows() -> tuple[FixedHoliday, ...]:
    return read_rows(files("shared.law") / "data" / "holidays.toml", FixedHoliday)


def newest_law() -> int:
    """The year in which the newest row comes into force."""
    return max(row.valid_from.year for row in _rows())


def fixed_days(year: int) -> Mapping[date, Text]:
    """The days of the year that are holidays by law, independent of its notice."""
    return FixedHolidays(newest_law()).of(year)


@cache
def _of(year: int, until: int) -> Mapping[date, Text]:
    if not until:
        return {date(year, *day): name for day, name in _FORMER}
    dated = ((date(year, *day), row) for row in _rows() for day in row.days)
    known = date(until, 12, 31)
    return {day: row.name for day, row in dated if row.in_force(min(day, known))}
