"""The working calendar, compared day by day with its library, and its answers for unknown years."""

from dataclasses import replace
from datetime import date, timedelta

import chinese_calendar
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.law import CalendarError, Calendars, DayKind, Notice, fixed_days, national
from shared.law.calendar import in_english
from shared.text import Text

CALENDAR = national()
PUBLISHED = st.dates(date(2004, 1, 1), date(2026, 12, 31))
ANY_DAY = st.dates(date(1990, 1, 1), date(2060, 12, 31))


def naive_working(day: date) -> bool:
    if 2004 <= day.year <= 2026:
        return bool(chinese_calendar.is_workday(day))
    fixed = {(1, 1), (5, 1), (10, 1), (10, 2)}
    if day >= date(1999, 9, 18):
        fixed |= {(10, 3)}
    if date(1999, 9, 18) <= day < date(2008, 1, 1):
        fixed |= {(5, 2), (5, 3)}
    if day >= date(2025, 1, 1):
        fixed |= {(5, 2)}
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
    assert (day.kind, day.name.zh, day.provisional) == (kind, name_zh, False)
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


YANBIAN = Notice(
    1, 2013, "延边朝鲜族自治州", {date(2013, 9, 3): Text("州庆", "prefecture day")}, {}, ("https://a.example/1",)
)
NEW_YEAR = Text("元旦", "New Year's Day")
OFF_2027 = fixed_days(2027)


def notice_of_2027(number: int, **work: Text) -> Notice:
    days = {date(2027, 1, int(day.removeprefix("january_"))): name for day, name in work.items()}
    return Notice(number, 2027, "", OFF_2027, days, ("https://a.example/2027",))


def test_an_area_adds_its_own_days_and_the_calendar_below_stays_as_it_is() -> None:
    local = CALENDAR.under([YANBIAN])
    assert CALENDAR.is_working(date(2013, 9, 3))
    assert not local.is_working(date(2013, 9, 3))
    assert local.add(date(2013, 9, 2), 5) == date(2013, 9, 10)
    assert local.count(date(2012, 12, 31), date(2013, 12, 31)) == 249


def test_a_notice_publishes_its_year() -> None:
    published = CALENDAR.under([notice_of_2027(1, january_3=NEW_YEAR)])
    assert published.day(date(2027, 1, 3)).kind is DayKind.MAKE_UP
    assert not published.day(date(2027, 1, 4)).provisional
    assert CALENDAR.first_change(published) == published.first_change(CALENDAR) == date(2027, 1, 1)
    assert published.first_change(published) is None


def test_the_newer_notice_of_a_year_takes_the_place_of_the_older() -> None:
    newer = CALENDAR.under([notice_of_2027(1, january_3=NEW_YEAR), notice_of_2027(2, january_9=NEW_YEAR)])
    assert not newer.is_working(date(2027, 1, 3))
    assert newer.is_working(date(2027, 1, 9))


def test_a_notice_of_a_year_the_library_knows_replaces_its_days_but_not_the_next_new_year() -> None:
    newer = CALENDAR.under([Notice(1, 2018, "", {date(2018, 1, 1): NEW_YEAR}, {}, ("https://a.example/2018",))])
    assert newer.is_working(date(2018, 10, 1))
    assert newer.is_working(date(2018, 12, 29)) == CALENDAR.is_working(date(2018, 12, 29)) is True
    assert newer.is_working(date(2018, 12, 31)) == CALENDAR.is_working(date(2018, 12, 31)) is False


@given(st.permutations([replace(YANBIAN, area=area) for area in ("a", "b")] + [notice_of_2027(1)]))
def test_the_order_of_notices_of_different_years_and_areas_does_not_matter(notices: list[Notice]) -> None:
    made = CALENDAR.under([replace(notice, number=number) for number, notice in enumerate(notices, 1)])
    assert made.first_change(CALENDAR.under([YANBIAN, notice_of_2027(2)])) is None


def test_versions_sort_in_the_order_in_which_they_came() -> None:
    notices = [replace(YANBIAN, number=number) for number in range(1, 12)]
    calendars = Calendars(notices)
    versions = [CALENDAR.under(notices[:number]).version for number in range(12)]
    assert versions == sorted(versions)
    assert calendars.newest.version == versions[-1]
    assert [len(calendars.since(version)) for version in versions] == list(range(11, -1, -1))
    assert [calendars.at(version).version for version in versions] == versions


def test_an_older_library_knew_fewer_years() -> None:
    older = Calendars().at("cn-2004-2022+chinesecalendar-1.8.0")
    assert older.version == "cn-2004-2022+chinesecalendar-1.8.0" < CALENDAR.version
    assert older.provisional(date(2023, 1, 1), date(2023, 1, 1))
    law = CALENDAR.version.removeprefix("cn-2004-2026+chinesecalendar-").partition("+")[2]
    assert Calendars().at(f"cn-2004-2022+chinesecalendar-1.8.0+{law}").first_change(CALENDAR) == date(2023, 1, 1)
    assert Calendars().at(f"cn-2004-2017+chinesecalendar-1.0+{law}").first_change(CALENDAR) == date(2018, 1, 1)
    assert Calendars().at(f"cn-2004-2018+chinesecalendar-1.1+{law}").first_change(CALENDAR) == date(2018, 12, 29)


def test_what_was_counted_before_fixed_holidays_were_dated_stays_so_until_it_is_counted_anew() -> None:
    before = CALENDAR.version.partition("+law-")[0]
    calendars = Calendars([replace(YANBIAN, number=1)])
    for version in (before, f"{before}+0001"):
        older = calendars.at(version)
        assert older.version == version < calendars.newest.version
        assert older.add(date(2028, 4, 28), 1) == date(2028, 5, 2)
        assert older.first_change(calendars.at(CALENDAR.version)) == date(1949, 10, 3)
    assert calendars.newest.add(date(2028, 4, 28), 1) == date(2028, 5, 3)
    assert calendars.newest.day(date(2028, 5, 2)).provisional


@pytest.mark.parametrize(
    ("holiday", "english"),
    [
        ("国庆节", "National Day"),
        ("中秋节", "Mid-autumn Festival"),
        ("国庆节、中秋节", "National Day and Mid-autumn Festival"),
        ("州庆", "holiday 州庆"),
    ],
)
def test_holidays_have_english_names(holiday: str, english: str) -> None:
    assert in_english(holiday) == english


@pytest.mark.parametrize(("year", "off", "make_up"), [(2013, 29, 12), (2025, 28, 5), (2026, 33, 6)])
def test_days_off_and_make_up_days_of_a_year(year: int, off: int, make_up: int) -> None:
    kinds = [CALENDAR.day(day).kind for day in days_after(date(year - 1, 12, 31), date(year, 12, 31))]
    assert (kinds.count(DayKind.HOLIDAY), kinds.count(DayKind.MAKE_UP)) == (off, make_up)


def test_the_end_of_all_calendars_is_an_error_that_helps() -> None:
    with pytest.raises(CalendarError, match="within 1 to 9999"):
        CALENDAR.add(date(9999, 12, 30), 5)
