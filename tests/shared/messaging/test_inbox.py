"""Events take effect once and in order, however they arrive; a failure stops only its own case."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Event as Signal
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, OperationalError

from shared.messaging import held
from shared.messaging.failures import is_transient
from shared.messaging.inbox import take
from shared.messaging.watermark import WatermarkMovedError
from tests.drawing import few
from tests.shared.messaging.parts import Handler, attempt_all, bodies, effects, give, make, rows, story
from tests.support import wait_for

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection, Engine

    from shared.messaging.envelope import Event

LAST_TRY = 1 + len(held.RETRY_SECONDS)


@st.composite
def deliveries(draw: st.DrawFn) -> tuple[list[list[Event]], list[list[Event]]]:
    """The stories of some cases, and batches with every event of them at least once, in any order."""
    lengths = draw(st.lists(st.integers(1, 6), min_size=1, max_size=4))
    stories = [story(length, draw(st.sampled_from(["probe", "other"]))) for length in lengths]
    events = [event for one in stories for event in one]
    repeated = draw(st.lists(st.sampled_from(events), max_size=8))
    order = draw(st.permutations(events + repeated))
    cuts = sorted(draw(st.sets(st.integers(1, max(1, len(order) - 1)), max_size=6)))
    return stories, [order[start:end] for start, end in zip([0, *cuts], [*cuts, len(order)], strict=True)]


def empty(engine: Engine) -> None:
    with engine.begin() as tx:
        tx.execute(text("TRUNCATE inbox, held, effects"))


def expected(stories: Sequence[Sequence[Event]]) -> dict[tuple[str, str], list[int]]:
    return {(one[0].source, one[0].case_id): [event.case_seq for event in one] for one in stories}


@few(40)
@given(delivery=deliveries(), retry_between=st.booleans())
def test_every_event_takes_effect_once_and_in_order(
    engine: Engine, delivery: tuple[list[list[Event]], list[list[Event]]], *, retry_between: bool
) -> None:
    empty(engine)
    stories, batches = delivery
    handler = Handler()
    for batch in batches:
        give(engine, handler, *batch)
        if retry_between:
            held.retry_due(engine, handler)
    attempt_all(engine, handler)
    assert effects(engine) == expected(stories)
    assert rows(engine, "SELECT * FROM held") == []
    assert rows(engine, "SELECT DISTINCT held FROM inbox") == [(0,)]


@few(40)
@given(delivery=deliveries(), data=st.data())
def test_poison_stops_its_own_case_only_until_it_is_cured(
    engine: Engine, delivery: tuple[list[list[Event]], list[list[Event]]], data: st.DataObject
) -> None:
    empty(engine)
    stories, batches = delivery
    poison = data.draw(st.lists(st.sampled_from([event for one in stories for event in one]), max_size=2))
    handler = Handler(*poison)
    for batch in batches:
        give(engine, handler, *batch)
    attempt_all(engine, handler)
    healthy = {
        (one[0].source, one[0].case_id): [
            event.case_seq for event in one if all(event.case_seq < bad.case_seq for bad in poison if bad in one)
        ]
        for one in stories
    }
    assert effects(engine) == {case: seqs for case, seqs in healthy.items() if seqs}
    held_per_case = rows(
        engine, "SELECT source, case_id::text, count(*) FROM held WHERE case_id IS NOT NULL GROUP BY 1, 2"
    )
    assert sorted(held_per_case) == sorted(rows(engine, "SELECT source, case_id::text, held FROM inbox WHERE held > 0"))

    handler.poison.clear()
    rows(engine, "UPDATE held SET next_try_at = clock_timestamp(), parked_at = NULL WHERE parked_at IS NOT NULL")
    attempt_all(engine, handler)
    assert effects(engine) == expected(stories)
    assert rows(engine, "SELECT * FROM held") == []


def test_a_poison_event_is_tried_with_growing_delays_and_parked_after_the_last(engine: Engine) -> None:
    events = story(3)
    handler = Handler(events[0])
    give(engine, handler, *events)
    waits = []
    for attempt in range(1, LAST_TRY + 1):
        ((attempts, wait, parked, error),) = rows(
            engine,
            "SELECT attempts, extract(epoch FROM next_try_at - clock_timestamp())::float, parked_at, error"
            " FROM held WHERE case_seq = 1",
        )
        assert attempts == attempt
        assert error.startswith("ValueError: cannot digest 1 at parts.py:")
        if attempt == LAST_TRY:
            assert wait is None
            assert parked is not None
            break
        assert held.retry_due(engine, handler) == 0, "not due yet, so not tried"
        waits.append(wait)
        rows(engine, "UPDATE held SET next_try_at = clock_timestamp() WHERE case_seq = 1")
        assert held.retry_due(engine, handler) == 1
    assert waits == pytest.approx(held.RETRY_SECONDS, abs=2)
    assert effects(engine) == {}
    assert rows(engine, "SELECT case_seq, next_try_at, parked_at, attempts FROM held WHERE case_seq > 1") == [
        (2, None, None, 0),
        (3, None, None, 0),
    ]


def test_other_cases_in_the_batch_of_a_poison_event_go_on(engine: Engine) -> None:
    sick, *healthy = [story(3) for _ in range(4)]
    batch = [event for seq in range(3) for event in (healthy[0][seq], sick[seq], healthy[1][seq], healthy[2][seq])]
    give(engine, Handler(sick[1]), *batch)
    assert effects(engine) == {**expected(healthy), ("probe", sick[0].case_id): [1]}
    assert rows(engine, "SELECT case_seq, attempts FROM held ORDER BY 1") == [(2, 1), (3, 0)]


def test_what_a_failed_event_wrote_is_undone(engine: Engine) -> None:
    (event,) = story(1)
    give(engine, Handler(event), event)
    attempt_all(engine, Handler(event))
    assert effects(engine) == {}


def test_a_parked_event_given_again_stays_parked_once(engine: Engine) -> None:
    events = story(2)
    handler = Handler(events[0])
    give(engine, handler, *events)
    attempt_all(engine, handler)
    give(engine, handler, *events)
    give(engine, handler, *events)
    assert rows(engine, "SELECT case_seq, parked_at IS NOT NULL FROM held ORDER BY 1") == [(1, True), (2, False)]
    assert rows(engine, "SELECT last_seq, held FROM inbox") == [(0, 2)]


def test_a_redriven_head_lets_its_followers_go_in_order(engine: Engine) -> None:
    events = story(5)
    handler = Handler(events[1])
    give(engine, handler, *events)
    attempt_all(engine, handler)
    handler.poison.clear()
    rows(engine, "UPDATE held SET next_try_at = clock_timestamp(), parked_at = NULL WHERE case_seq = 2")
    assert held.retry_due(engine, handler) == 4
    assert effects(engine) == expected([events])


def test_new_events_queue_up_behind_held_ones(engine: Engine) -> None:
    events = story(4)
    handler = Handler(events[0])
    give(engine, handler, events[0])
    handler.poison.clear()
    give(engine, handler, events[1])
    give(engine, handler, events[2], events[3])
    assert effects(engine) == {}
    attempt_all(engine, handler)
    assert effects(engine) == expected([events])


def test_a_gap_waits_without_a_time_and_closes_when_it_is_filled(engine: Engine) -> None:
    events = story(4)
    handler = Handler()
    give(engine, handler, events[0], events[2], events[3])
    assert effects(engine) == expected([events[:1]])
    assert rows(engine, "SELECT case_seq, next_try_at FROM held ORDER BY 1") == [(3, None), (4, None)]
    assert held.retry_due(engine, handler) == 0
    give(engine, handler, events[1])
    held.retry_due(engine, handler)
    assert effects(engine) == expected([events])
    assert rows(engine, "SELECT last_seq, held FROM inbox") == [(4, 0)]


def test_the_same_case_of_two_sources_is_counted_apart(engine: Engine) -> None:
    ours = story(2)
    theirs = [make(ours[0].case_id, seq, "other") for seq in (1, 2)]
    give(engine, Handler(ours[0]), *ours, *theirs)
    assert effects(engine) == expected([theirs])


def test_duplicates_are_counted(engine: Engine) -> None:
    events = story(2)
    give(engine, Handler(), *events, *events)
    give(engine, Handler(), events[1])
    assert rows(engine, "SELECT last_seq, duplicates FROM inbox") == [(2, 3)]
    assert effects(engine) == expected([events])


@pytest.mark.parametrize("body", [b"", b"\xff\xfe", b"hello", b"[]", b"7", b"null", b"{}", b'{"id": "no uuid"}'])
def test_bytes_that_are_no_event_are_parked_as_they_came(engine: Engine, body: bytes) -> None:
    event = story(1)
    take(engine, Handler(), [body, *bodies(event)])
    ((kept, error, parked),) = rows(engine, "SELECT body, error, parked_at FROM held")
    assert bytes(kept) == body
    assert error.startswith("not ")
    assert parked is not None
    assert effects(engine) == expected([event])


@pytest.mark.parametrize("sqlstate", ["40001", "40P01", "55P03", "57014"])
def test_what_may_succeed_when_done_again_is_raised_and_nothing_is_held(engine: Engine, sqlstate: str) -> None:
    events = story(2)

    def conflicting(tx: Connection, _: Sequence[Event], /) -> None:
        tx.execute(text(f"DO $$ BEGIN RAISE EXCEPTION 'conflict' USING ERRCODE = '{sqlstate}'; END $$"))

    with pytest.raises(DBAPIError) as caught:
        take(engine, conflicting, bodies(events))
    assert is_transient(caught.value)
    assert rows(engine, "SELECT * FROM held") == rows(engine, "SELECT * FROM inbox") == []
    give(engine, Handler(), *events)
    assert effects(engine) == expected([events])


def test_a_lock_that_is_not_to_be_had_is_raised_and_nothing_is_held(engine: Engine) -> None:
    events = story(1)
    give(engine, Handler(), *events)
    more = make(events[0].case_id, 2)

    def impatient(tx: Connection, _: Sequence[Event], /) -> None:
        tx.execute(text("SET LOCAL lock_timeout = '50ms'"))
        tx.execute(text("UPDATE effects SET case_seq = case_seq"))

    with engine.connect() as other:
        other.execute(text("SELECT * FROM effects FOR UPDATE"))
        with pytest.raises(OperationalError):
            take(engine, impatient, bodies([more]))
    assert rows(engine, "SELECT * FROM held") == []
    assert rows(engine, "SELECT last_seq FROM inbox") == [(1,)]


def test_a_lost_connection_is_raised_and_nothing_is_held(engine: Engine) -> None:
    events = story(2)

    def cut(tx: Connection, _: Sequence[Event], /) -> None:
        pid = tx.execute(text("SELECT pg_backend_pid()")).scalar_one()
        rows(engine, "SELECT pg_terminate_backend(:pid)", pid=pid)
        tx.execute(text("SELECT 1"))

    with pytest.raises(DBAPIError) as caught:
        take(engine, cut, bodies(events))
    assert is_transient(caught.value)
    assert rows(engine, "SELECT * FROM held") == []
    give(engine, Handler(), *events)
    assert effects(engine) == expected([events])


def test_to_take_nothing_is_to_try_again_what_is_due(engine: Engine) -> None:
    events = story(2)
    handler = Handler(events[0])
    give(engine, handler, *events)
    handler.poison.clear()
    give(engine, handler)
    assert effects(engine) == {}, "not due yet"
    rows(engine, "UPDATE held SET next_try_at = clock_timestamp() WHERE case_seq = 1")
    give(engine, handler)
    assert effects(engine) == expected([events])


def test_a_transient_failure_of_a_retry_leaves_the_event_due(engine: Engine) -> None:
    (event,) = story(1)
    give(engine, Handler(event), event)
    rows(engine, "UPDATE held SET next_try_at = clock_timestamp()")

    def conflicting(tx: Connection, _: Sequence[Event], /) -> None:
        tx.execute(text("DO $$ BEGIN RAISE EXCEPTION 'conflict' USING ERRCODE = '40001'; END $$"))

    with pytest.raises(DBAPIError):
        held.retry_due(engine, conflicting)
    assert rows(engine, "SELECT attempts FROM held") == [(1,)]
    assert held.retry_due(engine, Handler()) == 1
    assert effects(engine) == expected([[event]])


def test_two_consumers_that_meet_on_a_new_case_give_one_effect(engine: Engine) -> None:
    events = story(2)
    go_on = Signal()

    def slow(tx: Connection, events: Sequence[Event], /) -> None:
        Handler()(tx, events)
        go_on.wait(20)

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(take, engine, slow, bodies(events))
        wait_for(lambda: waiting(engine, "idle in transaction"), what="the first to be in its handler")
        second = pool.submit(take, engine, Handler(), bodies(events))
        wait_for(lambda: waiting(engine, "active"), what="the second to wait for the first")
        go_on.set()
        first.result(20)
        with pytest.raises(WatermarkMovedError):
            second.result(20)
    give(engine, Handler(), *events)
    assert effects(engine) == expected([events])
    assert rows(engine, "SELECT last_seq, held, duplicates FROM inbox") == [(2, 0, 2)]


def test_two_consumers_that_meet_on_a_known_case_give_one_effect(engine: Engine) -> None:
    events = story(4)
    give(engine, Handler(), events[0])
    with ThreadPoolExecutor(4) as pool:
        for done in [pool.submit(take, engine, Handler(), bodies(events)) for _ in range(8)]:
            done.result(20)
    assert effects(engine) == expected([events])
    assert rows(engine, "SELECT last_seq, held, duplicates FROM inbox") == [(4, 0, 7 * 4 + 1)]


def test_several_processes_may_retry_at_once(engine: Engine) -> None:
    stories = [story(5) for _ in range(6)]
    handler = Handler(*(one[0] for one in stories))
    give(engine, handler, *(event for one in stories for event in one))
    handler.poison.clear()
    rows(engine, "UPDATE held SET next_try_at = clock_timestamp() WHERE next_try_at IS NOT NULL")
    with ThreadPoolExecutor(4) as pool:
        tried = sum(pool.map(lambda _: held.retry_due(engine, handler), range(4)))
    assert tried == 30
    assert effects(engine) == expected(stories)


def waiting(engine: Engine, state: str) -> bool:
    """Whether another session of this database is in `state`, on a lock if it is active."""
    return bool(
        rows(
            engine,
            "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
            " AND state = :state AND (state <> 'active' OR wait_event_type = 'Lock')"
            " AND (query LIKE '%INTO%' OR query LIKE '%inbox_add%')",
            state=state,
        )
    )
