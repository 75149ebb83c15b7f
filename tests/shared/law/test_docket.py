"""What events do to the clocks of a case."""

from __future__ import annotations

from datetime import date
from typing import Any

from shared.law import Clock, ClockState, Told, hear, load

RULES = load()
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
