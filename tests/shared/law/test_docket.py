"""The effect of events on the clocks of a case."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from shared.law import Clock, ClockState, Told, Undoing, Unit, explanation, hear, load, national, rung_date, segments

RULES = load()
CALENDAR = national()
RECEIVED = date(2013, 9, 17)


def play(*events: tuple[str, date] | tuple[str, date, dict[str, Any]]) -> dict[str, Clock]:
    """The clocks of a type approval by their limit after the events."""
    clocks: tuple[Clock, ...] = ()
    for kind, on, *data in events:
        clocks = hear(RULES, "type_approval", clocks, Told(kind, on, data[0] if data else {}))
    return {clock.rule.id: clock for clock in clocks}


def test_an_event_starts_the_clocks_of_its_limits_and_stops_those_it_ends() -> None:
    clocks = play(("application.received", RECEIVED), ("application.accepted", date(2013, 9, 18)))
    assert clocks["intake"].projection.met
    assert clocks["decision"].projection.due_on == date(2013, 10, 22)
    assert {clock.rule.id for clock in clocks.values() if clock.open} == {
        "commissioning",
        "decision",
        "decision_promised",
    }


def test_a_clock_that_an_event_does_not_concern_stays_the_same_object() -> None:
    before = hear(RULES, "type_approval", (), Told("application.received", RECEIVED, {}))
    after = hear(RULES, "type_approval", before, Told("samples.received", RECEIVED, {}))
    assert after[0] is before[0]


def test_a_served_notice_pauses_the_decision_and_names_itself() -> None:
    clocks = play(
        ("application.accepted", RECEIVED), ("time_notice.served", date(2013, 9, 24), {"notice": "告知〔2013〕1号"})
    )
    assert clocks["decision"].projection.state is ClockState.PAUSED
    assert clocks["decision"].entries[-1].notice == "告知〔2013〕1号"
    assert clocks["commissioning"].projection.state is ClockState.RUNNING


def test_each_start_has_a_clock_of_its_own() -> None:
    clocks: tuple[Clock, ...] = ()
    for kind in ("application.received", "application.supplement_requested", "application.supplemented"):
        clocks = hear(RULES, "type_approval", clocks, Told(kind, RECEIVED, {}))
    assert [clock.open for clock in clocks if clock.rule.id == "intake"] == [False, True]


def expired(on: date = RECEIVED) -> tuple[str, date, dict[str, Any]]:
    return "application.accepted", on, {"deemed": True}


def test_an_acceptance_by_silence_ends_intake_as_expired_and_starts_the_decision_on_the_day_of_receipt() -> None:
    clocks = play(("application.received", RECEIVED), expired())
    intake = clocks["intake"].projection
    assert (intake.state, intake.met, intake.breached) == (ClockState.EXPIRED, False, False)
    assert intake.ledger.stopped_on == date(2013, 9, 25)
    decision = clocks["decision"]
    assert decision.started_on == RECEIVED
    told = explanation(decision.entries, decision.limit, CALENDAR, RECEIVED)
    assert "accepted by silence" in told.words[1].en
    assert "自收到申请材料之日起即为受理" in told.words[1].zh


@pytest.mark.parametrize(("served", "met"), [(date(2013, 9, 25), True), (date(2013, 9, 26), False)])
def test_a_notice_of_the_last_day_counts_though_it_is_heard_of_after_the_expiry(served: date, met: bool) -> None:
    clocks = play(("application.received", RECEIVED), expired(), ("application.supplement_requested", served))
    assert clocks["intake"].projection.met is met
    assert not clocks["intake"].open


def test_an_extension_moves_the_decision_and_one_after_the_end_has_no_effect_and_is_reported() -> None:
    def extended(on: date) -> Clock:
        return play(
            ("application.accepted", RECEIVED), ("decision.extended", on, {"working_days": 10, "reason": "复杂"})
        )["decision"]

    last = play(("application.accepted", RECEIVED))["decision"].projection.due_on
    assert last is not None
    assert extended(last).projection.due_on == CALENDAR.add(RECEIVED, 30)
    late = extended(CALENDAR.add(last, 1)).projection
    assert (late.deadline, len(late.ledger.without_effect)) == (last, 1)


def test_a_term_lasts_until_its_last_day_though_that_is_a_rest_day() -> None:
    sunday = date(2016, 10, 2)
    granted = Told("licence.granted", date(2013, 10, 8), {"valid_until": sunday.isoformat()})
    clocks = hear(RULES, "manufacture", (), granted)
    term = next(clock for clock in clocks if clock.rule.id == "licence_term")
    assert (term.projection.due_on, term.limit.unit) == (sunday, Unit.CALENDAR_DAYS)
    renewed = Told("licence.renewed", date(2016, 9, 1), {"valid_until": "2019-10-02", "deemed": False})
    first, second = (clock for clock in hear(RULES, "manufacture", (term,), renewed) if clock.rule.id == "licence_term")
    assert (first.open, second.projection.due_on) == (False, date(2019, 10, 2))


@pytest.mark.parametrize(("first", "last"), [(RECEIVED, RECEIVED), (date(2013, 9, 21), date(2013, 9, 23))])
def test_planned_days_are_those_that_were_planned_though_they_are_today_or_begin_on_a_rest_day(
    first: date, last: date
) -> None:
    planned = {"planned_from": first.isoformat(), "planned_to": last.isoformat()}
    clocks = hear(RULES, "manufacture", (), Told("assessment.planned", RECEIVED, planned))
    (clock,) = (one for one in clocks if one.rule.id == "assessment")
    view = clock.at(last)
    assert (view.begins_on, view.due_on, view.overrun) == (first, last, 0)
    assert rung_date(view, "due") == first
    later = {**planned, "planned_to": date(2013, 9, 24).isoformat()}
    clocks = hear(RULES, "manufacture", clocks, Told("assessment.replanned", date(2013, 9, 25), later))
    (clock,) = (one for one in clocks if one.rule.id == "assessment" and one.open)
    assert (clock.at(date(2013, 9, 26)).due_on, clock.at(date(2013, 9, 26)).overrun) == (date(2013, 9, 24), 1)
    assert [run.counted for run in segments(clock.at(date(2013, 9, 26)))] == [0]


def test_what_is_dated_before_the_start_counts_from_the_start() -> None:
    clocks = play(("application.accepted", RECEIVED), ("time_notice.served", date(2013, 9, 1), {"notice": "1"}))
    assert clocks["decision"].projection.consumed == 0


STEPS: dict[str, dict[str, Any]] = {
    "time_notice.served": {"notice": "告知1"},
    "hearing.ordered": {"notice": "听证1"},
    "hearing.closed": {},
    "report.issued": {},
    "decision.extended": {"working_days": 10},
    "certificate.granted": {},
}
HISTORIES = st.lists(st.tuples(st.sampled_from(sorted(STEPS)), st.integers(0, 60)), max_size=8).map(
    lambda steps: [(kind, RECEIVED + timedelta(days=day)) for kind, day in steps]
)


def happened(steps: list[tuple[str, date]]) -> list[tuple[str, date, dict[str, Any]]]:
    return [(kind, on, STEPS[kind]) for kind, on in steps]


@given(HISTORIES, st.integers(0, 120))
def test_whatever_happens_what_is_used_and_what_is_left_make_up_the_limit(
    steps: list[tuple[str, date]], after: int
) -> None:
    clock = play(("application.accepted", RECEIVED), *happened(steps))["decision"]
    view = clock.at(RECEIVED + timedelta(days=after))
    assert view.consumed + view.remaining == view.budget
    assert sum(segment.counted for segment in segments(view)) == view.consumed


@given(st.integers(0, 30), st.integers(0, 200))
def test_a_pause_moves_the_last_day_by_exactly_its_working_days(at: int, length: int) -> None:
    notice = RECEIVED + timedelta(days=at)
    report = notice + timedelta(days=length)
    plain = play(("application.accepted", RECEIVED))["decision"].projection.due_on
    assert plain is not None
    assume(notice < plain)
    paused = play(
        ("application.accepted", RECEIVED), ("time_notice.served", notice, {"notice": "1"}), ("report.issued", report)
    )["decision"].projection.due_on
    assert paused == CALENDAR.add(plain, CALENDAR.count(notice, report))


@given(HISTORIES)
def test_the_same_events_heard_again_give_the_same_dates(steps: list[tuple[str, date]]) -> None:
    events = happened(steps)
    first, second = (play(("application.accepted", RECEIVED), *events) for _ in range(2))
    assert {name: clock.projection for name, clock in first.items()} == {
        name: clock.projection for name, clock in second.items()
    }


BEFORE, AFTER = date(2023, 5, 26), date(2023, 6, 5)
"""On either side of the change of the rules for type approvals."""


def test_the_steps_of_a_case_follow_the_rules_of_its_day_of_acceptance() -> None:
    steps = [("evaluation.commissioned", AFTER), ("samples.received", AFTER)]
    old = play(("application.received", BEFORE), ("application.accepted", BEFORE), *steps)
    new = play(("application.received", BEFORE), ("application.accepted", AFTER), *steps)
    for limit in ("lab_contact", "evaluation"):
        assert [(clocks[limit].started_on, clocks[limit].law_on) for clocks in (old, new)] == [
            (AFTER, BEFORE),
            (AFTER, AFTER),
        ]
        assert [clocks[limit].rule.valid_from for clocks in (old, new)] == [date(2005, 8, 1), date(2023, 6, 1)]
    assert new["intake"].law_on == BEFORE


def test_an_acceptance_that_was_taken_back_decides_nothing() -> None:
    events = (
        *(("application.received", BEFORE), expired(BEFORE), ("application.supplement_requested", BEFORE)),
        *(("application.supplemented", AFTER), ("application.accepted", AFTER), ("evaluation.commissioned", AFTER)),
    )
    assert play(*events)["lab_contact"].law_on == AFTER


def test_a_window_follows_the_law_of_the_day_it_opens() -> None:
    clocks = play(("application.accepted", date(2015, 4, 1)), ("refusal.delivered", date(2015, 5, 4)))
    assert str(clocks["suit_window"].limit) == "6mo"


def test_once_a_permit_is_abolished_no_step_of_it_starts_a_clock_whenever_the_case_was_accepted() -> None:
    told = [Told("application.accepted", date(2017, 12, 1), {})]
    told += [Told("assessment.rectification_requested", date(2017, 12, day), {}) for day in (27, 28)]
    clocks: tuple[Clock, ...] = ()
    for event in told:
        clocks = hear(RULES, "manufacture", clocks, event)
    assert [clock.started_on.day for clock in clocks if clock.rule.id == "rectification"] == [27]


UNDOINGS = RULES.undoings
HISTORY = (
    *("application.received", "application.accepted", "evaluation.commissioned", "time_notice.served"),
    *("evaluation.arranged", "samples.received", "report.issued"),
)


def heard(*story: tuple[str, int]) -> tuple[Clock, ...]:
    """The clocks after events so many days after the receipt."""
    clocks: tuple[Clock, ...] = ()
    for kind, day in story:
        clocks = hear(RULES, "type_approval", clocks, Told(kind, RECEIVED + timedelta(days=day), {"working_days": 10}))
    return clocks


def test_a_withdrawn_commission_leaves_the_rest_of_the_time_to_commission() -> None:
    """Accepted on the 17th; two of five days are used when it is commissioned on the 22nd, a working Sunday; three are
    left when the commission is taken back on the 8th of October, the first day after the holidays."""
    clocks = play(
        ("application.accepted", RECEIVED),
        ("evaluation.commissioned", date(2013, 9, 22)),
        ("time_notice.served", date(2013, 9, 24)),
        ("evaluation.commission_withdrawn", date(2013, 10, 8)),
    )
    commissioning = clocks["commissioning"].projection
    assert (commissioning.state, commissioning.consumed, commissioning.due_on) == (
        *(ClockState.RUNNING, 2),
        date(2013, 10, 11),
    )
    decision = clocks["decision"].projection
    assert (decision.state, decision.consumed) == (ClockState.RUNNING, 4)
    contact = clocks["lab_contact"].projection
    assert (contact.state, contact.met, contact.margin) == (ClockState.STOPPED, None, None)


def test_time_without_a_valid_notice_counts() -> None:
    story = [("application.accepted", RECEIVED), ("time_notice.served", date(2013, 9, 24))]
    never = play(story[0])["decision"].projection
    withdrawn = play(*story, ("time_notice.withdrawn", date(2013, 9, 29)))["decision"].projection
    assert (withdrawn.state, withdrawn.due_on) == (never.state, never.due_on)


def test_a_reopened_clock_says_why_days_do_not_count() -> None:
    refused = [("application.accepted", RECEIVED), ("application.refused", date(2013, 9, 22))]
    clock = play(*refused, ("refusal.revoked", date(2013, 9, 24)))["decision"]
    told = explanation(clock.entries, clock.limit, CALENDAR, date(2013, 9, 24))
    assert any("the end was taken back" in words for words in tuple(one.en for one in told.words))
    assert told.now.consumed == 2


ASSESSED = (("application.accepted", 0), ("time_notice.served", 1), ("assessment.rectification_requested", 2))


def told_of_a_licence(*story: tuple[Any, ...]) -> list[Clock]:
    """The clocks of a licence after events so many days after the receipt, some about a numbered request."""
    clocks: tuple[Clock, ...] = ()
    for kind, day, *request in story:
        data = {
            "planned_from": "2013-11-05",
            "planned_to": "2013-11-06",
            **({"request": request[0]} if request else {}),
        }
        clocks = hear(RULES, "manufacture", clocks, Told(kind, RECEIVED + timedelta(days=day), data))
    return list(clocks)


@pytest.mark.parametrize(
    ("story", "open_"),
    [
        # Whoever stood aside without a request is back: nothing is to be decided again.
        ([("recusal_requested", 1), ("recusal_granted", 1), ("assessor_replaced", 0), ("assessor_reinstated", 0)], []),
        (
            [
                *(("recusal_requested", 1), ("recusal_granted", 1), ("recusal_requested", 2), ("recusal_settled", 2)),
                ("assessor_reinstated", 1),
            ],
            [1],
        ),
        (
            [
                *(("recusal_requested", 1), ("recusal_rejected", 1), ("recusal_requested", 2), ("recusal_rejected", 2)),
                ("recusal_reopened", 2),
            ],
            [2],
        ),
        ([("recusal_requested", 1), ("recusal_requested", 2), ("recusal_request_withdrawn", 2)], [1]),
        ([("recusal_requested", 1), ("cancelled", 0)], []),
    ],
)
def test_of_several_requests_each_has_a_clock_that_only_what_is_about_it_moves(
    story: list[tuple[str, int]], open_: list[int]
) -> None:
    told = [(f"assessment.{kind}", day, *([request] * bool(request))) for day, (kind, request) in enumerate(story)]
    clocks = [clock for clock in told_of_a_licence(*told) if clock.rule.id == "recusal"]
    assert [clock.entries[0].about for clock in clocks if clock.open] == open_


@pytest.mark.parametrize(
    ("story", "running"),
    [
        # Only the delivery that is cancelled was none: that of the refusal, which was revoked, is over.
        (
            [
                *(("application.refused", 2), ("refusal.delivered", 3), ("refusal.revoked", 4)),
                *(("licence.granted", 5), ("licence.delivered", 6), ("delivery.cancelled", 7)),
            ],
            ["delivery"],
        ),
        # A rectification that was failed is over once that assessment was taken back.
        (
            [
                *ASSESSED,
                *(("assessment.failed", 3), ("assessment.withdrawn", 4), ("assessment.rectification_requested", 5)),
            ],
            ["rectification"],
        ),
        ([*ASSESSED, ("assessment.failed", 3), ("assessment.withdrawn", 4), ("assessment.reported", 5)], ["decision"]),
        # The pause that begins again has the ground of the first: without a notice it counts.
        (
            [*ASSESSED, ("assessment.reported", 3), ("assessment.withdrawn", 4), ("time_notice.withdrawn", 5)],
            ["decision"],
        ),
        # A day that was set does not move while the case had ended.
        (
            [("assessment.planned", 1), ("application.terminated", 2), ("application.reopened", 90)],
            ["assessment"],
        ),
        (
            [
                *(*ASSESSED, ("assessment.reported", 3), ("assessment.withdrawn", 4), ("time_notice.withdrawn", 5)),
                *(("time_notice.served", 6), ("assessment.reported", 7)),
            ],
            ["decision"],
        ),
    ],
)
def test_only_what_still_stands_is_taken_back(story: list[tuple[str, int]], running: list[str]) -> None:
    clocks = [clock for clock in told_of_a_licence(*story) if clock.projection.state is ClockState.RUNNING]
    steps = {"decision", "delivery", "rectification", "assessment"}
    assert [clock.rule.id for clock in clocks if clock.rule.id in steps] == running
    assert {clock.projection.due_on for clock in clocks if clock.rule.id == "assessment"} <= {date(2013, 11, 6)}


def test_days_without_a_valid_notice_count_though_the_report_was_taken_back_meanwhile() -> None:
    """A notice that was withdrawn gives no time, whatever it paused again."""
    story = [*ASSESSED, ("assessment.reported", 3), ("assessment.withdrawn", 4), ("time_notice.withdrawn", 30)]
    paused, plain = (
        next(clock.projection for clock in told_of_a_licence(*told) if clock.rule.id == "decision")
        for told in (story, story[:1])
    )
    assert (paused.state, paused.due_on) == (plain.state, plain.due_on)


@given(st.integers(0, len(HISTORY)), st.sampled_from(UNDOINGS), st.data())
def test_what_is_taken_back_uses_what_was_used_or_counts_as_never_done(
    length: int, undoing: Undoing, data: st.DataObject
) -> None:
    """A void slip leaves each clock as it would be without it; any other uses no more time than until it was done,
    where it had ended or paused the clock."""
    slip = data.draw(st.sampled_from(undoing.undoes))
    story = [(kind, 3 * place) for place, kind in enumerate(HISTORY[:length]) if kind not in undoing.undoes]
    at = 3 * len(HISTORY) + data.draw(st.integers(0, 20))
    later = at + data.draw(st.integers(0, 60))
    before, done = heard(*story), heard(*story, (slip, at))
    after = heard(*story, (slip, at), (undoing.id, later))
    day = RECEIVED + timedelta(days=later)
    # A slip may itself take something back, and stop a clock that had ended before.
    for was, slipped, clock in zip(before, done[: len(before)], after[: len(before)], strict=True):
        now = clock.at(day)
        assert now.consumed + now.remaining == now.budget
        if undoing.id in (*clock.rule.starts, *clock.rule.stops, *clock.rule.pauses, *clock.rule.resumes):
            continue
        if clock.entries == was.entries:
            continue
        if undoing.void:
            assert (now.state, now.due_on, now.consumed) == (
                *(was.at(day).state, was.at(day).due_on, was.at(day).consumed),
            )
        elif slip in (*clock.rule.stops, *clock.rule.pauses):
            assert clock.open
            assert now.consumed == slipped.at(RECEIVED + timedelta(days=at)).consumed
    for clock in after[len(before) :]:
        assert clock.projection.ledger.cancelled or not clock.open or slip not in clock.rule.starts
