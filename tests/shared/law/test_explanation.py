"""The explanation of a clock: its days add up to its last day, and the words match."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from shared.law import (
    ClockState,
    EntryKind,
    LedgerEntry,
    Limit,
    Notice,
    SegmentKind,
    Unit,
    WorkingCalendar,
    explanation,
    national,
)
from shared.text import Text
from tests.shared.law.test_clock import ledgers

COUNTED = {SegmentKind.COUNTED, SegmentKind.MAKE_UP}
CALENDARS = st.dictionaries(st.dates(date(2004, 1, 1), date(2026, 12, 31)), st.booleans(), max_size=40).map(
    lambda changes: national().under(
        [
            Notice(
                *(1, 2013, "random"),
                off={day: Text("停", "off") for day, off in changes.items() if off},
                work={day: Text("班", "work") for day, off in changes.items() if not off},
                sources=(),
            )
        ]
    )
)


def started(on: str, *others: LedgerEntry) -> list[LedgerEntry]:
    return [LedgerEntry(EntryKind.STARTED, date.fromisoformat(on), "application.accepted"), *others]


def test_the_arithmetic_of_a_paused_clock_in_words() -> None:
    entries = started(
        "2013-09-22",
        LedgerEntry(EntryKind.PAUSED, date(2013, 9, 25), "x", Text("试验", "tests"), "告知〔2013〕17号"),
        LedgerEntry(EntryKind.RESUMED, date(2013, 11, 29), "y"),
    )
    told = explanation(entries, Limit.parse("20wd"), national(), date(2013, 12, 5))
    assert tuple(one.en for one in told.words) == (
        "20 working days from 22 September 2013, that day not counted",
        "paused from 26 September 2013 to 29 November 2013: tests (告知〔2013〕17号); 44 working days not counted",
        "weekends and statutory holidays not counted: 8 days",
        "20 working days counted; the last day is 24 December 2013",
    )
    assert told.words[-1].zh == "共计20个工作日，最后一日为2013年12月24日"


def test_a_limit_of_months_tells_over_what_it_moved() -> None:
    told = explanation(started("2013-07-01"), Limit.parse("3mo"), national(), date(2013, 7, 2))
    assert "moved by 7 days because the last day was a rest day" in tuple(one.en for one in told.words)
    assert told.days[-1].on == date(2013, 10, 8)


def test_an_open_pause_leaves_the_last_day_open() -> None:
    entries = started("2013-09-22", LedgerEntry(EntryKind.PAUSED, date(2013, 9, 25), "x"))
    told = explanation(entries, Limit.parse("20wd"), national(), date(2013, 12, 5))
    assert told.words[-1].en == "paused with 17 working days left"
    assert told.days[-1].on == date(2013, 12, 5)


def test_what_came_too_late_is_told() -> None:
    entries = started("2013-09-25", LedgerEntry(EntryKind.STOPPED, date(2013, 10, 15), "z"))
    told = explanation(entries, Limit.parse("10wd"), national(), date(2014, 1, 1))
    assert tuple(one.en for one in told.words)[-2:] == ("late by 1 working day", "ended on 15 October 2013, late")


def test_an_extension_is_part_of_the_sum() -> None:
    entries = started("2013-09-22", LedgerEntry(EntryKind.EXTENDED, date(2013, 10, 10), "x", working_days=10))
    told = explanation(entries, Limit.parse("20wd"), national(), date(2013, 10, 11))
    assert "extended by 10 working days on 10 October 2013" in tuple(one.en for one in told.words)
    assert told.days[-1].number == 30


def test_a_term_ends_on_the_day_that_was_granted_though_it_is_a_rest_day() -> None:
    start, last = date(2014, 2, 18), date(2017, 2, 18)
    begun = LedgerEntry(EntryKind.STARTED, start, "licence.granted", until=last)
    limit = Limit((last - start).days, Unit.CALENDAR_DAYS)
    told = explanation([begun], limit, national(), date(2016, 1, 1))
    assert tuple(one.en for one in told.words) == (
        "1096 calendar days from 18 February 2014 to the last day granted",
        "1096 days counted; the last day is 18 February 2017",
    )
    ended = explanation(
        [begun, LedgerEntry(EntryKind.EXPIRED, last, "licence.ended")], limit, national(), date(2018, 1, 1)
    )
    assert ended.words[-1].en == "ran out on 18 February 2017"


def test_a_date_that_leans_on_an_unpublished_year_says_so() -> None:
    told = explanation(started("2026-12-10"), Limit.parse("20wd"), national(), date(2026, 12, 11))
    assert told.words[-1].zh.startswith("暂定")
    assert next(day.on for day in told.days if day.provisional) == date(2027, 1, 1)


@given(ledgers(), CALENDARS)
def test_the_explanation_adds_up_to_the_last_day(
    case: tuple[list[LedgerEntry], Limit, date], calendar: WorkingCalendar
) -> None:
    entries, limit, today = case
    told = explanation(entries, limit, calendar, today)
    days = told.days
    assert [day.on for day in days] == [told.start + timedelta(days=step) for step in range(len(days))]
    counted = [day for day in days[1:] if day.kind in COUNTED]
    assert [day.number for day in counted] == list(range(1, len(counted) + 1))
    assert len(counted) == sum(run.counted for run in told.segments) == told.end.consumed
    if limit.unit is Unit.WORKING_DAYS:
        assert all(calendar.is_working(day.on) for day in counted)
    if told.now.state is ClockState.RUNNING:
        assert len(counted) == told.end.budget
        assert days[-1].on == max(told.end.deadline or today, told.now.as_of)
        assert told.now.deadline == told.end.deadline
