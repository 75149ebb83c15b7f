"""The statutory clock: the rules one by one, then random ledgers against a day-by-day reference."""

from collections.abc import Sequence
from datetime import date, timedelta
from random import Random

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from shared.law import (
    ClockState,
    EntryKind,
    LedgerEntry,
    LedgerError,
    Limit,
    SegmentKind,
    Unit,
    due,
    national,
    project,
    rung_date,
    rung_dates,
    segments,
    status,
)
from shared.text import Text

CALENDAR = national()
STARTED, PAUSED, RESUMED = EntryKind.STARTED, EntryKind.PAUSED, EntryKind.RESUMED
STOPPED, EXTENDED = EntryKind.STOPPED, EntryKind.EXTENDED
DECISION = Limit.parse("20wd")
START = date(2013, 9, 25)


def entry(kind: EntryKind, on: date, working_days: int | None = None) -> LedgerEntry:
    return LedgerEntry(kind, on, f"test.{kind}", working_days=working_days)


def ledger(*lines: tuple[EntryKind, date]) -> list[LedgerEntry]:
    return [entry(STARTED, START), *(entry(kind, on) for kind, on in lines)]


def test_without_a_pause_it_is_the_plain_limit() -> None:
    clock = project(ledger(), DECISION, CALENDAR)
    assert (clock.state, clock.due_on, clock.consumed, clock.remaining) == (
        ClockState.RUNNING,
        date(2013, 10, 28),
        0,
        20,
    )


def test_a_paused_clock_cannot_fall_due() -> None:
    clock = status(ledger((PAUSED, date(2013, 9, 27))), DECISION, CALENDAR, date(2014, 3, 1))
    assert (clock.state, clock.due_on, clock.consumed, clock.breached) == (ClockState.PAUSED, None, 2, False)


def test_notice_day_is_the_last_counted_and_result_day_is_day_zero() -> None:
    clock = project(ledger((PAUSED, date(2013, 9, 27)), (RESUMED, date(2013, 12, 20))), DECISION, CALENDAR)
    assert clock.consumed == 2
    assert clock.due_on == CALENDAR.add(date(2013, 12, 20), 18)


def test_overlapping_pauses_are_their_union() -> None:
    both = ledger(
        (PAUSED, date(2013, 10, 8)),
        (PAUSED, date(2013, 10, 10)),
        (RESUMED, date(2013, 10, 15)),
        (RESUMED, date(2013, 10, 21)),
    )
    union = ledger((PAUSED, date(2013, 10, 8)), (RESUMED, date(2013, 10, 21)))
    assert project(both, DECISION, CALENDAR).due_on == project(union, DECISION, CALENDAR).due_on


def test_a_result_without_a_notice_changes_nothing() -> None:
    clock = project(ledger((RESUMED, date(2013, 10, 15))), DECISION, CALENDAR)
    assert clock.due_on == date(2013, 10, 28)


def test_an_extension_enlarges_the_limit_and_restarts_nothing() -> None:
    clock = project([entry(STARTED, START), entry(EXTENDED, date(2013, 10, 22), 10)], DECISION, CALENDAR)
    assert clock.due_on == due(START, Limit.parse("30wd"), CALENDAR).on
    assert clock.budget == 30


@pytest.mark.parametrize(
    ("stop", "met", "margin"),
    [
        (date(2013, 10, 25), True, 1),
        (date(2013, 10, 28), True, 0),
        (date(2013, 10, 30), False, -2),
    ],
)
def test_a_stopped_clock_tells_whether_it_was_met(stop: date, met: bool, margin: int) -> None:
    clock = project(ledger((STOPPED, stop)), DECISION, CALENDAR)
    assert (clock.state, clock.due_on, clock.deadline) == (ClockState.STOPPED, None, date(2013, 10, 28))
    assert (clock.met, clock.margin) == (met, margin)


def test_what_comes_after_the_stop_changes_nothing() -> None:
    stopped = ledger((STOPPED, date(2013, 10, 25)))
    later = [*stopped, entry(PAUSED, date(2013, 11, 1)), entry(STOPPED, date(2013, 12, 1))]
    assert project(later, DECISION, CALENDAR).margin == project(stopped, DECISION, CALENDAR).margin


def test_paused_on_the_last_day_it_is_not_breached_and_due_on_the_day_of_the_result() -> None:
    paused = ledger((PAUSED, date(2013, 10, 28)))
    assert not status(paused, DECISION, CALENDAR, date(2013, 12, 1)).breached
    resumed = project([*paused, entry(RESUMED, date(2013, 12, 7))], DECISION, CALENDAR)
    assert (resumed.remaining, resumed.due_on) == (0, date(2013, 12, 9)), "a Saturday result is due on Monday"


def test_a_breach_outlives_a_later_pause() -> None:
    lines = ledger((PAUSED, date(2013, 10, 30)), (RESUMED, date(2013, 11, 20)))
    clock = status(lines, DECISION, CALENDAR, date(2013, 11, 22))
    assert (clock.breached, clock.due_on, clock.overrun, clock.remaining) == (True, date(2013, 10, 28), 4, 0)
    assert status(lines[:2], DECISION, CALENDAR, date(2013, 11, 1)).breached


def test_a_month_clock_moves_by_the_calendar_days_of_its_pause() -> None:
    lines = ledger((PAUSED, date(2013, 10, 10)), (RESUMED, date(2013, 10, 20)))
    clock = project(lines, Limit.parse("3mo"), CALENDAR)
    assert clock.budget == 91
    assert clock.due_on == CALENDAR.next_working_day(date(2013, 12, 25) + timedelta(days=10)) == date(2014, 1, 6)


def test_rest_days_after_the_last_are_neither_counted_nor_overrun() -> None:
    begin = [entry(STARTED, date(2013, 7, 1))]
    clock = status(begin, Limit.parse("3mo"), CALENDAR, date(2013, 10, 5))
    assert (clock.remaining, clock.overrun, clock.breached, clock.due_on) == (0, 0, False, date(2013, 10, 8))
    assert segments(clock)[-1].kind is SegmentKind.ROLLED
    late = status(begin, Limit.parse("3mo"), CALENDAR, date(2013, 10, 10))
    assert (late.overrun, late.breached) == (2, True)
    assert segments(late)[-1].kind is SegmentKind.OVERRUN


def test_the_clock_leaning_on_an_unpublished_year_is_provisional() -> None:
    lines = [entry(STARTED, date(2026, 12, 10))]
    assert project(lines, DECISION, CALENDAR).provisional
    stopped = [*lines, entry(STOPPED, date(2026, 12, 20))]
    assert not project(stopped, DECISION, CALENDAR).provisional
    assert project(lines, Limit.parse("3mo"), CALENDAR).provisional
    assert not project([entry(STARTED, date(2003, 12, 1))], Limit.parse("3mo"), CALENDAR).provisional


def test_rungs_follow_the_ledger() -> None:
    clock = project(ledger(), DECISION, CALENDAR)
    assert rung_dates(clock, [5, 80, 81, 100]) == {
        5: CALENDAR.add(START, 1),
        80: CALENDAR.add(START, 16),
        81: CALENDAR.add(START, 17),
        100: clock.due_on,
    }
    paused = project(ledger((PAUSED, date(2013, 10, 10))), DECISION, CALENDAR)
    assert rung_dates(paused, [10, 80]) == {10: CALENDAR.add(START, 2), 80: None}
    months = project(ledger(), Limit.parse("3mo"), CALENDAR)
    assert (rung_date(clock, "due"), rung_date(clock, "after_due")) == (date(2013, 10, 28), date(2013, 10, 29))
    assert rung_date(paused, "after_due") is None
    assert rung_dates(months, [80]) == {80: START + timedelta(days=73)}, "ceil(80 % of 91 days)"


def test_a_pause_says_why_and_on_which_notice() -> None:
    pause = LedgerEntry(
        PAUSED, date(2013, 9, 27), "time_notice.served", Text("型式评价", "type evaluation"), "TN-2013-7"
    )
    strip = segments(status([entry(STARTED, START), pause], DECISION, CALENDAR, date(2013, 10, 16)))
    assert [(run.kind, run.first.day, run.last.day, run.counted, run.working_days) for run in strip] == [
        (SegmentKind.COUNTED, 26, 27, 2, 2),
        (SegmentKind.PAUSED, 28, 16, 0, 10),
    ]
    assert strip[1].why == ("型式评价 (TN-2013-7)", "type evaluation (TN-2013-7)")
    assert strip[1].basis == ("行政许可法第四十五条", "Administrative Licensing Law Art. 45")


@pytest.mark.parametrize(
    ("lines", "text"),
    [
        ([], "first entry must be `started`"),
        ([entry(PAUSED, START)], "first entry must be `started`"),
        ([entry(STARTED, START), entry(STARTED, START)], "starts again"),
        ([entry(STARTED, START), entry(EXTENDED, START)], "give working_days"),
        ([entry(STARTED, START), entry(EXTENDED, START, 0)], "give working_days"),
    ],
)
def test_impossible_ledgers(lines: list[LedgerEntry], text: str) -> None:
    with pytest.raises(LedgerError, match=text):
        project(lines, DECISION, CALENDAR)


def test_questions_without_an_answer() -> None:
    with pytest.raises(LedgerError, match="has not started"):
        status(ledger(), DECISION, CALENDAR, START - timedelta(days=1))
    with pytest.raises(LedgerError, match="cannot be extended"):
        project([*ledger(), entry(EXTENDED, START, 10)], Limit.parse("3mo"), CALENDAR)
    with pytest.raises(LedgerError, match="percentage"):
        rung_dates(project(ledger(), DECISION, CALENDAR), [0])


# Any ledger.

LIMITS = st.one_of(
    st.builds(Limit, st.integers(1, 40), st.sampled_from([Unit.WORKING_DAYS, Unit.CALENDAR_DAYS])),
    st.builds(Limit, st.integers(1, 6), st.just(Unit.MONTHS)),
)
STARTS = st.dates(date(2004, 1, 1), date(2025, 1, 1))


@st.composite
def ledgers(draw: st.DrawFn) -> tuple[list[LedgerEntry], Limit, date]:
    limit = draw(LIMITS)
    kinds = [PAUSED, RESUMED, PAUSED, RESUMED, STOPPED]
    if limit.unit is Unit.WORKING_DAYS:
        kinds.append(EXTENDED)
    lines = [entry(STARTED, draw(STARTS))]
    for kind in draw(st.lists(st.sampled_from(kinds), max_size=8)):
        on = lines[-1].on + timedelta(days=draw(st.integers(0, 25)))
        lines.append(entry(kind, on, draw(st.integers(1, 10)) if kind is EXTENDED else None))
    return lines, limit, lines[-1].on + timedelta(days=draw(st.integers(0, 60)))


def naive_running(lines: Sequence[LedgerEntry], day: date) -> bool:
    """Whether the clock runs on a day, told from the entries of the days before it."""
    depth = 0
    for line in lines:
        if line.on >= day:
            break
        if line.kind is STOPPED:
            return False
        depth = max(0, depth + {PAUSED: 1, RESUMED: -1}.get(line.kind, 0))
    return depth == 0


def naive_used(lines: Sequence[LedgerEntry], limit: Limit, as_of: date) -> int:
    start = lines[0].on
    days = (start + timedelta(days=n) for n in range(1, (as_of - start).days + 1))
    working_only = limit.unit is Unit.WORKING_DAYS
    return sum(naive_running(lines, day) and (not working_only or CALENDAR.is_working(day)) for day in days)


@given(ledgers())
def test_consumed_and_remaining_are_the_budget_and_agree_with_the_reference(
    case: tuple[list[LedgerEntry], Limit, date],
) -> None:
    lines, limit, as_of = case
    clock = status(lines, limit, CALENDAR, as_of)
    assert clock.consumed + clock.remaining == clock.budget
    assert clock.consumed == min(clock.budget, naive_used(lines, limit, as_of))
    assert clock.remaining >= 0
    assert not clock.overrun or (clock.breached and clock.remaining == 0)


@given(ledgers())
def test_segments_cover_every_day_once_and_sum_to_consumed(case: tuple[list[LedgerEntry], Limit, date]) -> None:
    lines, limit, as_of = case
    clock = status(lines, limit, CALENDAR, as_of)
    strip = segments(clock)
    assert sum(run.counted for run in strip) == clock.consumed
    end = clock.ledger.stopped_on or as_of
    covered = [run.first + timedelta(days=n) for run in strip for n in range((run.last - run.first).days + 1)]
    assert covered == [lines[0].on + timedelta(days=n) for n in range(1, (end - lines[0].on).days + 1)]
    paused = [run for run in strip if run.kind is SegmentKind.PAUSED]
    assert not any(naive_running(lines, run.first) or naive_running(lines, run.last) for run in paused)


@given(ledgers())
def test_a_running_clock_uses_its_last_day_on_the_due_date(case: tuple[list[LedgerEntry], Limit, date]) -> None:
    lines, limit, as_of = case
    clock = status(lines, limit, CALENDAR, as_of)
    assume(clock.state is ClockState.RUNNING and clock.remaining)
    assert clock.due_on is not None
    on_the_day = status(lines, limit, CALENDAR, clock.due_on)
    assert (on_the_day.remaining, on_the_day.breached) == (0, False)
    assert CALENDAR.is_working(clock.due_on)
    day_before = status(lines, limit, CALENDAR, max(as_of, clock.due_on - timedelta(days=1)))
    assert limit.unit is not Unit.WORKING_DAYS or day_before.remaining == 1 or clock.due_on == as_of
    assert status(lines, limit, CALENDAR, clock.due_on + timedelta(days=1)).breached


@given(STARTS, st.integers(2, 40), st.integers(0, 39), st.integers(0, 200))
def test_a_pause_moves_the_due_date_by_exactly_its_working_days(start: date, amount: int, at: int, length: int) -> None:
    limit = Limit(amount, Unit.WORKING_DAYS)
    plain = due(start, limit, CALENDAR).on
    pause = CALENDAR.add(start, at % amount)
    resume = pause + timedelta(days=length)
    clock = project([entry(STARTED, start), entry(PAUSED, pause), entry(RESUMED, resume)], limit, CALENDAR)
    assert clock.due_on == CALENDAR.add(plain, CALENDAR.count(pause, resume))


@given(STARTS, LIMITS, st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), min_size=1, max_size=5))
def test_pauses_in_any_overlap_equal_their_union(start: date, limit: Limit, pauses: list[tuple[int, int]]) -> None:
    lines = [
        line
        for begin, length in pauses
        for line in (
            entry(PAUSED, start + timedelta(days=begin)),
            entry(RESUMED, start + timedelta(days=begin + length)),
        )
    ]
    # On a shared day the pause is entered before the resume, so that touching pauses stay one.
    lines.sort(key=lambda line: (line.on, line.kind is RESUMED))
    covered = {begin + day for begin, length in pauses for day in range(1, length + 1)}
    clock = status([entry(STARTED, start), *lines], limit, CALENDAR, start + timedelta(days=90))
    running = [start + timedelta(days=n) for n in range(1, 91) if n not in covered]
    used = len(running) if limit.unit is not Unit.WORKING_DAYS else sum(map(CALENDAR.is_working, running))
    assert clock.consumed == min(clock.budget, used)


@given(ledgers(), st.randoms(use_true_random=False))
def test_entries_recorded_out_of_order_give_the_same_clock(
    case: tuple[list[LedgerEntry], Limit, date], random: Random
) -> None:
    lines, limit, as_of = case
    assume(len({line.on for line in lines}) == len(lines))
    shuffled = list(lines)
    random.shuffle(shuffled)
    assert status(shuffled, limit, CALENDAR, as_of) == status(lines, limit, CALENDAR, as_of)
