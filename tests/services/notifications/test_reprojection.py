"""A published calendar reaches every open clock exactly once, as if the clock had been counted by it from the start."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from services.notifications.cases import TrackedCase
from services.notifications.clocks.book import Book
from services.notifications.clocks.reprojection import foresee, reproject
from services.notifications.clocks.rules import next_at
from services.notifications.commands import follow_calendars, sweep
from services.notifications.messages.collected import Messages
from services.notifications.reactions import react
from shared.calendars import current, publish, read
from shared.law import Calendars, Notice, Told, hear, load, national
from shared.messaging.doorbell import Doorbell
from shared.messaging.envelope import Event, new_id
from shared.runtime import config
from shared.runtime.database import Store
from shared.text import Text
from tests.shared.calendars.parts import file
from tests.shared.runtime.test_config import GIVEN
from tests.support import database

if TYPE_CHECKING:
    from collections.abc import Iterator
    from concurrent.futures import Future

    from sqlalchemy import Connection

    from deploy.local.backing import Backing
    from shared.law import Clock, WorkingCalendar

RULES = load()
NOW = datetime(2026, 12, 1, 1, tzinfo=UTC)
NOTICE = read(file())
CASES = 60
STEPS = (
    *("application.accepted", "evaluation.commissioned", "time_notice.served", "evaluation.arranged"),
    *("samples.received", "evaluation.nonconformity_found", "evaluation.improved", "report.issued"),
    *("hearing.ordered", "hearing.closed", "certificate.granted", "certificate.delivered"),
)
STORIES = st.tuples(
    st.dates(date(2013, 1, 1), date(2013, 12, 1)),
    st.lists(st.tuples(st.sampled_from(STEPS), st.integers(0, 40)), max_size=8),
)
NOTICES = st.lists(
    st.dictionaries(st.dates(date(2013, 1, 1), date(2014, 12, 31)), st.booleans(), max_size=30), min_size=1, max_size=3
).map(
    lambda found: [
        Notice(
            *(number, 2013, f"area {number}"),
            {day: Text("停", "off") for day, off in days.items() if off},
            {day: Text("班", "work") for day, off in days.items() if not off},
            (f"notice {number}",),
        )
        for number, days in enumerate(found, 1)
    ]
)
TRACKED = TrackedCase(
    id="00000000-0000-7000-8000-000000000000",
    source="type_approval",
    number="TA-1",
    procedure="type_approval",
    rules=RULES.name,
    state="received",
    applicant="91220101MA0Y1X2Y3X",
    applicant_name="衡器厂",
    email="office@example.com",
    lab="LAB-01",
    heard=1,
    events=0,
    assignee=None,
    law_as_of=None,
)


def told(start: date, steps: list[tuple[str, int]]) -> Iterator[Told]:
    yield Told("application.received", start, {})
    for kind, days in steps:
        start += timedelta(days=days)
        yield Told(kind, start, {"notice": "告知-1"})


def counted(story: list[Told], calendar: WorkingCalendar) -> list[Clock]:
    clocks: tuple[Clock, ...] = ()
    for fact in story:
        clocks = hear(RULES, "type_approval", clocks, fact, calendar)
    return [replace(clock, id=str(number)) for number, clock in enumerate(clocks)]


def shown(clocks: list[Clock]) -> list[Any]:
    return [(clock.calendar.version, clock.projection, next_at(RULES, clock)) for clock in clocks]


@given(STORIES, NOTICES, st.sampled_from([national().version, "cn-2004-2012+chinesecalendar-1.0"]))
def test_a_clock_counted_anew_stands_as_if_it_had_been_counted_so_from_the_start(
    story: tuple[date, list[tuple[str, int]]], notices: list[Notice], version: str
) -> None:
    facts, calendars = list(told(*story)), Calendars(notices)
    before, fresh = counted(facts, calendars.at(version)), counted(facts, calendars.newest)
    book = Book(Messages(mail=False), {TRACKED.id: TRACKED}, {TRACKED.id: list(before)}, calendars)
    moved = book.reproject(TRACKED.id, NOW, "c")
    clocks = book.clocks[TRACKED.id]
    assert shown([clock for clock in clocks if clock.open]) == shown([clock for clock in fresh if clock.open])
    assert [clock for clock in clocks if not clock.open] == [clock for clock in before if not clock.open]
    assert moved == sum(
        clock.open and clock.projection.due_on != was.projection.due_on
        for was, clock in zip(before, clocks, strict=True)
    )
    assert book.cases[TRACKED.id].events == moved
    assert book.reproject(TRACKED.id, NOW, "c") == 0
    assert book.clocks[TRACKED.id] == clocks


@pytest.fixture
def store(servers: Backing) -> Iterator[Store]:
    """Cases at all steps whose clocks run in 2027, counted before its holidays are known."""
    with database(servers.database_url, f"{servers.namespace}_reprojection", "notifications") as engine:
        store = Store(engine, Doorbell())
        chance = random.Random(7)  # noqa: S311 - which cases there are
        for number in range(CASES):
            start = date(2027, 1, 4) + timedelta(days=chance.randrange(35))
            steps = [(kind, chance.randrange(5)) for kind in STEPS[: chance.randrange(7)]]
            with store.transaction() as tx:
                react(tx, list(events(number, start, steps)), mail=False)
        yield store


def events(number: int, start: date, steps: list[tuple[str, int]]) -> Iterator[Event]:
    for seq, fact in enumerate(told(start, steps), 1):
        yield event(number, seq, fact)


APPLICANT = {"code": TRACKED.applicant, "name": TRACKED.applicant_name, "email": TRACKED.email}
FIELDS: dict[str, dict[str, Any]] = {
    "application.received": {"procedure": "type_approval", "rules": RULES.name, "applicant": APPLICANT},
    "evaluation.commissioned": {"lab": "LAB-01", "programme": "R 76"},
    "time_notice.served": {"needed": "三个月"},
    "evaluation.arranged": {"plan": "次日送样", "samples": 1},
    "samples.received": {"samples": 1},
    "evaluation.nonconformity_found": {"items": ["示值超差"]},
}


def event(number: int, seq: int, fact: Told) -> Event:
    data = {"on": fact.on.isoformat(), "state": "under_way", **fact.data, **FIELDS.get(fact.type, {})}
    return Event(
        *(new_id(), "type_approval", fact.type, 1, f"TA-{number}", NOW, "wang"),
        *(f"{number:08x}-0000-7000-8000-000000000000", seq, "c", "", data),
    )


def stored(tx: Connection) -> dict[str, tuple[Any, ...]]:
    query = text("SELECT id::text, calendar, state, due_on, provisional, next_at FROM clocks ORDER BY id")
    return {row.id: tuple(row)[1:] for row in tx.execute(query)}


def computed(tx: Connection) -> dict[str, tuple[Any, ...]]:
    """What should be stored of every clock, from its ledger alone."""
    book = Book(Messages(mail=False))
    book.load(tx, tx.execute(text("SELECT id::text FROM tracked_cases")).scalars().all(), lock=False)
    newest = current(tx).newest
    found = {}
    for clock in (clock for clocks in book.clocks.values() for clock in clocks):
        now = replace(clock, calendar=newest) if clock.open else clock
        seen = now.projection
        found[clock.id] = (
            *(now.calendar.version, str(seen.state), seen.due_on, seen.provisional),
            next_at(RULES, now),
        )
    return found


def moves(tx: Connection) -> list[tuple[Any, ...]]:
    query = (
        "SELECT body::jsonb -> 'data' ->> 'clock', body::jsonb -> 'data' ->> 'was', body::jsonb -> 'data' ->> 'due_on'"
        " FROM outbox WHERE body::jsonb ->> 'type' = 'clock.moved'"
    )
    return [tuple(row) for row in tx.execute(text(query))]


def test_every_open_clock_is_counted_anew_whoever_does_it_and_once(store: Store) -> None:
    with store.reading() as tx:
        before = stored(tx)
        foreseen = foresee(tx, NOTICE)
    with store.transaction() as tx:
        assert publish(tx, NOTICE, "notifications", "wang", NOW)
    with ThreadPoolExecutor(3) as several:
        done = list(several.map(lambda _: reproject(store, NOW, mail=False), range(3)))
    reproject(store, NOW, mail=False)
    with store.reading() as tx:
        after, told_of = stored(tx), moves(tx)
        assert after == computed(tx)
        moved = {clock for clock in after if after[clock][2] != before[clock][2]}
        assert len(told_of) == len(moved) == foreseen.moving > CASES / 2
        assert sum(done) <= len(moved)
        assert {clock for clock, _, _ in told_of} == moved
        assert all((str(before[clock][2]), str(after[clock][2])) == (was, due) for clock, was, due in told_of)
        assert {after[clock][1] for clock in moved} == {"running"}
        settled = sum(before[clock][3] and not after[clock][3] for clock in after if after[clock][1] == "running")
        assert settled == foreseen.settled > 0
        of_cases = "SELECT count(DISTINCT case_id) FROM clocks WHERE id = ANY(CAST(:moved AS uuid[]))"
        cases = tx.execute(text(of_cases), {"moved": list(moved)}).scalar()
        applicants = "SELECT count(*) FROM messages WHERE template = 'clock.moved' AND recipient = 'applicant'"
        assert tx.execute(text(applicants)).scalar() == cases
        queue = "SELECT DISTINCT work.due_on = clocks.due_on FROM work JOIN clocks USING (case_id, limit_id, law_on)"
        assert set(tx.execute(text(f"{queue} WHERE work.clock = 'running'")).scalars()) == {True}
    assert reproject(store, NOW, mail=False) == 0
    with store.reading() as tx:
        assert (stored(tx), moves(tx)) == (after, told_of)


def test_clocks_that_no_changed_day_can_touch_are_passed_over(store: Store) -> None:
    with store.transaction() as tx:
        before = stored(tx)
        local = Notice(0, 2029, "延边", {date(2029, 9, 3): Text("州庆", "day")}, {}, ("s",))
        publish(tx, local, "notifications", "wang", NOW)
        assert foresee(tx, NOTICE).moving > 0
    assert reproject(store, NOW, mail=False) == 0
    with store.reading() as tx:
        assert [row[1:] for row in stored(tx).values()] == [row[1:] for row in before.values()]
        assert stored(tx) == computed(tx)
        assert moves(tx) == []


def test_what_fires_or_is_heard_first_counts_by_the_new_calendar_and_tells_it(store: Store) -> None:
    """The sweep and the consumer come before the re-projection: nothing fires for a day that is the last no more."""
    later = datetime(2027, 2, 18, 1, tzinfo=UTC)
    with store.transaction() as tx:
        publish(tx, NOTICE, "notifications", "wang", NOW)
        case_id = tx.execute(text("SELECT case_id::text FROM clocks WHERE due_on > '2027-02-20' LIMIT 1")).scalar()
        assert case_id
        react(tx, [event(int(case_id[:8], 16), 99, Told("application.reviewed", NOW.date(), {}))], mail=False)
        assert len(moves(tx)) > 0
    assert sweep(store, RULES, later, mail=False) > 0
    with store.reading() as tx:
        fired = "SELECT firings.due_on = clocks.due_on FROM firings JOIN clocks ON clocks.id = clock_id"
        fired += " WHERE fired_at = :at AND state = 'running'"
        assert set(tx.execute(text(fired), {"at": later}).scalars()) == {True}
        told_early = moves(tx)
    assert reproject(store, later, mail=False) > 0
    with store.reading() as tx:
        told_of = moves(tx)
        assert 0 < len(told_early) < len(told_of) == len({clock for clock, _, _ in told_of})
        assert stored(tx) == computed(tx)


def test_sweeps_and_events_go_on_beside_it(store: Store) -> None:
    later = datetime(2027, 2, 18, 1, tzinfo=UTC)

    def hear(number: int) -> None:
        with store.transaction() as tx:
            react(tx, [event(number, 99, Told("time_notice.served", later.date(), {"notice": "告知-2"}))], mail=False)

    with store.transaction() as tx:
        publish(tx, NOTICE, "notifications", "wang", NOW)
    with ThreadPoolExecutor(4) as several:
        work: list[Future[Any]] = [several.submit(hear, number) for number in range(0, CASES, 3)]
        work += [several.submit(reproject, store, later, mail=False) for _ in range(5)]
        work += [several.submit(sweep, store, RULES, later, mail=False) for _ in range(3)]
        for done in work:
            done.result()
    sweep(store, RULES, later, mail=False)
    reproject(store, later, mail=False)
    with store.reading() as tx:
        told_of = moves(tx)
        assert len({clock for clock, _, _ in told_of}) == len(told_of) > 0
        assert stored(tx) == computed(tx)
        told_in_turn = (
            "SELECT events = (SELECT count(*) FROM outbox WHERE body::jsonb ->> 'caseid' = cases.id::text)"
            " FROM tracked_cases AS cases"
        )
        assert set(tx.execute(text(told_in_turn)).scalars()) == {True}


@pytest.mark.parametrize(("timekeeping", "expected"), [("wall", True), ("given", False)])
def test_clocks_are_counted_anew_by_themselves_where_time_does_not_wait_for_callers(
    store: Store, timekeeping: str, expected: bool
) -> None:
    settings = config.read("notifications", {**GIVEN, "QUANHENG_PROFILE": "development", "QUANHENG_TIME": timekeeping})
    with store.transaction() as tx:
        publish(tx, NOTICE, "notifications", "wang", NOW)
    follow_calendars(store, settings, NOW)
    with store.reading() as tx:
        assert bool(moves(tx)) is expected
