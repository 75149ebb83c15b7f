"""Due dates: worked vectors, and the explained list as an independent check."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.law import Limit, LimitError, Mark, Unit, add_months, before, due, national

CALENDAR = national()
LIMITS = st.builds(Limit, st.integers(1, 120), st.sampled_from(Unit)).filter(
    lambda limit: limit.unit is not Unit.MONTHS or limit.amount <= 12
)


@pytest.mark.parametrize(
    ("start", "limit", "on"),
    [
        (date(2013, 9, 2), "5wd", date(2013, 9, 9)),
        (date(2013, 9, 17), "5wd", date(2013, 9, 25)),
        (date(2013, 9, 25), "10wd", date(2013, 10, 14)),
        (date(2013, 9, 25), "20wd", date(2013, 10, 28)),
        (date(2014, 1, 24), "5wd", date(2014, 1, 30)),
        (date(2014, 1, 24), "20wd", date(2014, 2, 26)),
        (date(2016, 12, 26), "20wd", date(2017, 1, 23)),
        (date(2025, 9, 29), "20wd", date(2025, 11, 3)),
        (date(2025, 12, 15), "20wd", date(2026, 1, 13)),
        (date(2026, 2, 10), "5wd", date(2026, 2, 24)),
        (date(2026, 2, 10), "20wd", date(2026, 3, 16)),
        (date(2026, 9, 30), "10wd", date(2026, 10, 20)),
        (date(2013, 11, 30), "3mo", date(2014, 2, 28)),
        (date(2013, 7, 1), "3mo", date(2013, 10, 8)),
        (date(2014, 7, 6), "3mo", date(2014, 10, 8)),
        (date(2013, 8, 3), "60d", date(2013, 10, 8)),
    ],
)
def test_vectors(start: date, limit: str, on: date) -> None:
    answer = due(start, Limit.parse(limit), CALENDAR)
    assert (answer.on, answer.provisional) == (on, False)


def test_a_limit_into_an_unpublished_year_is_provisional() -> None:
    assert due(date(2026, 12, 10), Limit.parse("20wd"), CALENDAR).provisional
    assert due(date(2026, 12, 10), Limit.parse("3mo"), CALENDAR).provisional
    assert not due(date(2003, 12, 1), Limit.parse("3mo"), CALENDAR).provisional, "only the end can move"


def test_a_limit_ending_on_a_make_up_saturday_does_not_move() -> None:
    assert due(date(2013, 10, 2), Limit.parse("10d"), CALENDAR).on == date(2013, 10, 12)


def test_the_explanation_of_mid_autumn_2013() -> None:
    days = due(date(2013, 9, 17), Limit.parse("5wd"), CALENDAR).days
    assert [(day.on.day, day.mark, day.number) for day in days] == [
        (18, Mark.COUNTED, 1),
        (19, Mark.HOLIDAY, None),
        (20, Mark.HOLIDAY, None),
        (21, Mark.HOLIDAY, None),
        (22, Mark.MAKE_UP, 2),
        (23, Mark.COUNTED, 3),
        (24, Mark.COUNTED, 4),
        (25, Mark.COUNTED, 5),
    ]
    assert "中秋" in days[1].why.zh
    assert "Mid-autumn" in days[1].why.en


@given(st.dates(date(2004, 1, 1), date(2025, 12, 31)), LIMITS)
def test_the_explanation_leads_to_the_due_date(start: date, limit: Limit) -> None:
    answer = due(start, limit, CALENDAR)
    assert answer.days[-1].on == answer.on
    assert len(answer.days) == (answer.on - start).days
    assert CALENDAR.is_working(answer.on)
    numbers = [day.number for day in answer.days if day.number is not None]
    assert numbers == list(range(1, len(numbers) + 1))
    if limit.unit is not Unit.MONTHS:
        assert len(numbers) == limit.amount


@given(st.dates(date(2004, 1, 1), date(2026, 12, 31)), st.integers(-48, 48))
def test_months_keep_the_day_number_or_end_the_month(start: date, months: int) -> None:
    end = add_months(start, months)
    assert (end.year * 12 + end.month) - (start.year * 12 + start.month) == months
    assert end.day == start.day or (end.day < start.day and add_months(end.replace(day=1), 1).day == 1)


@pytest.mark.parametrize(
    ("end", "limit", "on"),
    [
        (date(2016, 10, 9), "3mo", date(2016, 7, 9)),
        (date(2016, 5, 31), "3mo", date(2016, 2, 29)),
        (date(2016, 10, 31), "30d", date(2016, 10, 1)),
        (date(2013, 9, 25), "5wd", date(2013, 9, 17)),
    ],
)
def test_windows_before_an_end_are_never_moved(end: date, limit: str, on: date) -> None:
    assert before(end, Limit.parse(limit), CALENDAR) == on


@given(LIMITS)
def test_a_limit_reads_back_as_written(limit: Limit) -> None:
    assert Limit.parse(str(limit)) == limit


def test_a_unit_read_as_text_is_the_unit() -> None:
    assert Limit(5, "working_days").unit is Unit.WORKING_DAYS  # type: ignore[arg-type]
    with pytest.raises(LimitError, match="unknown unit 'weeks'; use one of working_days"):
        Limit(5, "weeks")  # type: ignore[arg-type]


def test_a_limit_in_words() -> None:
    assert (Limit.parse("1wd").en, Limit.parse("3mo").en) == ("1 working day", "3 months")
    assert Limit.parse("20wd").zh == "20个工作日"


@pytest.mark.parametrize("text", ["", "5", "wd", "5 weeks", "-5wd", "5.5d", "0d", "10000wd", "５wd"])
def test_an_unreadable_limit_says_how_to_write_one(text: str) -> None:
    with pytest.raises(LimitError, match=r"working days|whole number"):
        Limit.parse(text)


@pytest.mark.parametrize("limit", ["5d", "3mo"])
def test_beyond_the_year_9999(limit: str) -> None:
    with pytest.raises(LimitError, match="use a shorter limit"):
        due(date(9999, 12, 30), Limit.parse(limit), CALENDAR)
