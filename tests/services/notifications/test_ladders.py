"""When rungs fire: in order, once per last day, and after a move only those still ahead."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from services.notifications.clocks.book import Book
from services.notifications.clocks.rules import ENDED, midnight
from services.notifications.messages.collected import Messages
from shared.law import Clock, ClockState, load
from shared.messaging.envelope import Event, new_id

BEGAN = date(2013, 9, 17)
CASE = new_id()
RECEIVED = {
    "procedure": "type_approval",
    "rules": "jilin-2013",
    "applicant": {"code": "91220101MA0Y1X2Y3X", "name": "长春衡器有限公司", "email": "office@example.com"},
}
STEPS: dict[str, dict[str, Any]] = {
    "time_notice.served": {"notice": "告知1", "needed": "三个月"},
    "hearing.ordered": {"notice": "听证1", "held_on": "2013-10-20", "place": "长春", "reason": "利害关系人"},
    "hearing.closed": {},
    "report.issued": {"report": "R-1", "conclusion": "pass"},
    "decision.extended": {"working_days": 10, "approver": "局长", "reason": "复杂"},
}
# What happens, or nothing, and after how many days time is looked at next.
HISTORIES = st.lists(st.tuples(st.sampled_from(["", "", *STEPS]), st.integers(0, 9)), max_size=14)


def event(kind: str, on: date, seq: int, **data: Any) -> Event:
    return Event(
        id=new_id(),
        source="type_approval",
        type=kind,
        version=1,
        subject="TA-2013-00001",
        time=datetime(on.year, on.month, on.day, 1, tzinfo=UTC),
        actor="li",
        case_id=CASE,
        case_seq=seq,
        correlation_id=new_id(),
        causation_id="",
        data={"on": on.isoformat(), "state": "accepted", **data},
    )


def accepted() -> Book:
    book = Book(Messages(mail=False))
    book.hear(event("application.received", BEGAN, 1, **RECEIVED))
    book.hear(event("application.accepted", BEGAN, 2))
    return book


def decision(book: Book) -> Clock:
    return next(clock for clock in book.clocks[CASE] if clock.rule.id == "decision")


@given(HISTORIES)
def test_a_rung_fires_once_for_a_last_day_and_nothing_said_is_said_again_at_once(
    history: list[tuple[str, int]],
) -> None:
    book, day = accepted(), BEGAN
    for seq, (kind, days) in enumerate(history, 3):
        if kind:
            said, was = decision(book).fired, decision(book).projection.deadline
            book.hear(event(kind, day, seq, **STEPS[kind]))
            book.fire_due(CASE, midnight(day) + timedelta(hours=23))
            if decision(book).projection.deadline != was:
                again = {rung for rung, _ in said} & {rung for rung, _ in decision(book).fired - said}
                assert not again, (kind, day)
        day += timedelta(days=days)
        fired = decision(book).fired
        count = book.fire_due(CASE, midnight(day))
        assert book.fire_due(CASE, midnight(day)) == 0
        assert len(decision(book).fired - fired) <= count
        assert fired <= decision(book).fired


@given(HISTORIES)
def test_when_a_limit_has_run_out_its_breach_has_been_told(history: list[tuple[str, int]]) -> None:
    book, day = accepted(), BEGAN
    for seq, (kind, days) in enumerate(history, 3):
        if kind:
            book.hear(event(kind, day, seq, **STEPS[kind]))
        day += timedelta(days=days)
        book.fire_due(CASE, midnight(day))
    book.fire_due(CASE, midnight(day + timedelta(days=200)))
    clock = decision(book)
    last = clock.projection.deadline
    if clock.projection.state is ClockState.RUNNING:
        assert last is not None
        assert ("breach", last) in clock.fired


LADDER = ["reminder_50", "reminder_80", "working_days_2", "due_day", "breach"]


@given(st.integers(0, 60))
def test_after_any_downtime_what_was_missed_fires_in_the_order_of_its_days(days: int) -> None:
    book = accepted()
    book.fire_due(CASE, midnight(BEGAN + timedelta(days=days)))
    told = [one["rung"] for one in book._fired if one["clock_id"] == decision(book).id and one["rung"] in LADDER]
    assert told == LADDER[: len(told)]
    assert bool(told) == (days >= 21)  # half of the twenty days are used on 8 October


def test_a_breach_says_whether_the_law_was_broken_or_a_promise_and_why_a_clock_was_late_from_the_start() -> None:
    book = Book(Messages(mail=False))
    book.hear(event("application.received", BEGAN, 1, **RECEIVED))
    book.hear(event("application.accepted", BEGAN, 2, deemed=True))
    book.fire_due(CASE, midnight(BEGAN + timedelta(days=120)))
    told = {one.data["limit"]: one.data for one in book._events if one.type == "clock.breached"}
    weights = {limit: data["weight"] for limit, data in told.items()}
    assert weights == {"commissioning": "statutory", "decision": "statutory", "decision_promised": "promised"}
    assert "第三十二条" in told["commissioning"]["why"]["zh"]
    assert "from the day the application was received" in told["commissioning"]["why"]["en"]


def test_what_a_breach_is_called_suits_the_weight_of_its_limit() -> None:
    for rule in load().limits:
        for rung in load().ladder(rule.id, rule.valid_from):
            if rung.kind in ENDED:
                assert rung.template == {"statutory": "clock.breach", "promised": "clock.promise"}[rule.weight]


def test_a_bar_ends_by_itself_and_its_holder_is_told_on_the_last_day() -> None:
    book, until = accepted(), date(2014, 9, 17)
    told = {"reason": "虚假材料", "norms": [], "barred_until": until.isoformat(), "state": "refused"}
    book.hear(event("application.refused", BEGAN, 3, **told))
    book.fire_due(CASE, midnight(until) - timedelta(seconds=1))
    bar = next(clock for clock in book.clocks[CASE] if clock.rule.id == "bar")
    assert (bar.fired, bar.projection.due_on) == (frozenset(), until)
    book.fire_due(CASE, midnight(until))
    bar = next(clock for clock in book.clocks[CASE] if clock.rule.id == "bar")
    assert bar.fired == {("due_day", until)}
    [note] = [note for note in book.messages._notes if note.context.get("zh") == bar.rule.name.zh]
    assert (note.template.id, note.recipients) == ("clock.due", ("applicant",))
