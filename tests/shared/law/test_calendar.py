"""The working calendar against the library it stands on, day by day, and what it says about years it does not know."""

from datetime import date, timedelta

import chinese_calendar
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.law import CalendarError, DayKind, Name, national

CALENDAR = national()
PUBLISHED = st.dates(date(2004, 1, 1), date(2026, 12, 31))
ANY_DAY = st.dates(date(1990, 1, 1), date(2060, 12, 31))


def naive_working(day: date) -> bool:
    if 2004 <= day.year <= 2026:
        return bool(chinese_calendar.is_workday(day))
    fixed = {(1, 1), (5, 1), (10, 1), (10, 2), (10, 3)}
    return day.weekday() < 5 and (day.month, day.day) not in fixed


def days_after(start: date, until: date) -> list[date]:
    return [start + timedelta(days=n) for n in range(1, (until - start).days + 1)]


@pytest.mark.parametrize(
    ("year", "working_days"),
    [
        (2013, 250), (2014, 250), (2015, 249), (2016, 250), (2017, 249), (2018, 250), (2019, 250),
        (2020, 249), (2021, 250), (2022, 249), (2023, 249), (2024, 251), (2025, 248), (2026, 248),
    ],
)  # fmt: skip
def test_working_days_of_a_year(year: int, working_days: int) -> None:
    assert CALENDAR.count(date(year - 1, 12, 31), date(year, 12, 31)) == working_days


@pytest.mark.parametrize(
    ("on", "kind", "name_zh"),
    [
        (date(2013, 9, 18), DayKind.WORKING, "星期三"),
        (date(2013, 9, 19), DayKind.HOLIDAY, "中秋"),
        (date(2013, 9, 21), DayKind.HOLIDAY, "中秋"),
        (date(2013, 9, 22), DayKind.MAKE_UP, "中秋调休上班"),
        (date(2013, 9, 28), DayKind.WEEKEND, "星期六"),
    ],
)
def test_kinds_of_days(on: date, kind: DayKind, name_zh: str) -> None:
    day = CALENDAR.day(on)
    assert (day.kind, day.name_zh, day.provisional) == (kind, name_zh, False)
    assert day.working is (kind in (DayKind.WORKING, DayKind.MAKE_UP))


def test_an_unpublished_year_is_weekends_and_fixed_holidays_and_says_so() -> None:
    assert CALENDAR.day(date(2027, 10, 1)).kind is DayKind.HOLIDAY
    assert CALENDAR.day(date(2027, 10, 4)).kind is DayKind.WORKING
    assert CALENDAR.day(date(2027, 10, 4)).provisional
    assert CALENDAR.provisional(date(2026, 12, 31), date(2027, 1, 1))
    assert not CALENDAR.provisional(date(2026, 1, 1), date(2026, 12, 31))


def test_version_names_years_and_release() -> None:
    assert CALENDAR.version.startswith("cn-2004-2026+chinesecalendar-1.")


@given(ANY_DAY)
def test_every_day_agrees_with_the_library(on: date) -> None:
    assert CALENDAR.is_working(on) == CALENDAR.day(on).working == naive_working(on)


@given(ANY_DAY, st.integers(0, 400))
def test_count_agrees_with_counting_on_fingers(after: date, length: int) -> None:
    until = after + timedelta(days=length)
    assert CALENDAR.count(after, until) == sum(map(naive_working, days_after(after, until)))


@given(ANY_DAY, st.integers(1, 300))
def test_add_ends_on_the_nth_working_day_and_back_again(start: date, n: int) -> None:
    end = CALENDAR.add(start, n)
    assert naive_working(end)
    assert CALENDAR.count(start, end) == n
    assert CALENDAR.count(CALENDAR.add(end, -n), end) == n


@given(PUBLISHED)
def test_next_working_day_skips_only_rest_days(on: date) -> None:
    found = CALENDAR.next_working_day(on)
    assert naive_working(found)
    assert not any(map(naive_working, days_after(on - timedelta(days=1), found - timedelta(days=1))))


def test_a_revision_moves_days_and_leaves_the_old_calendar_alone() -> None:
    yanbian = CALENDAR.revised("yanbian", off={date(2013, 9, 3): Name("州庆", "prefecture day")})
    assert CALENDAR.is_working(date(2013, 9, 3))
    assert not yanbian.is_working(date(2013, 9, 3))
    assert yanbian.add(date(2013, 9, 2), 5) == date(2013, 9, 10)

    published = CALENDAR.revised(
        "cn-2027", publish=frozenset({2027}), work={date(2027, 1, 3): Name("元旦", "New Year")}
    )
    assert published.day(date(2027, 1, 3)).kind is DayKind.MAKE_UP
    assert not published.day(date(2027, 1, 4)).provisional


def test_a_revision_can_take_a_holiday_back() -> None:
    works = CALENDAR.revised("v2", work={date(2013, 10, 7): Name("国庆节", "National Day")})
    again = works.revised("v3", off={date(2013, 10, 7): Name("国庆节", "National Day")})
    assert works.is_working(date(2013, 10, 7))
    assert not again.is_working(date(2013, 10, 7))


def test_the_end_of_all_calendars_is_an_error_that_helps() -> None:
    with pytest.raises(CalendarError, match="within 1 to 9999"):
        CALENDAR.add(date(9999, 12, 30), 5)
