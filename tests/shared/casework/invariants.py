"""What the law wants of every case, whatever was done to it: the invariants that walks are checked against."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from services.instruments import differs
from services.type_approval.evaluation.conformity import counting, item_id
from shared.law import Clock, ClockState, Told, Unit, hear, national
from shared.law.clock import EntryKind
from shared.metrology import family_of
from shared.permits.life import ENDS
from tests.shared.casework.parts import RULES, Desk

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shared.casework.journal import JournalEntry
    from shared.law import WorkingCalendar


def assert_lawful(desk: Desk, entries: Sequence[JournalEntry]) -> None:
    events = desk.outbox()
    assert_told_once(entries)
    assert_times(desk, [Told(one["type"], date.fromisoformat(one["data"]["on"]), one["data"]) for one in events])
    assert_granted_rightly(desk)
    assert_ended_once(events)


def assert_told_once(entries: Sequence[JournalEntry]) -> None:
    """All that is missing is told at once: no second notice while one stands (Administrative Licensing Law Art. 32)."""
    standing = 0
    for entry in entries:
        standing += (entry.action == "request_supplement") - (entry.action == "withdraw_supplement_notice")
        assert standing <= 1


def assert_times(desk: Desk, told: Sequence[Told]) -> None:
    """What is used and what is left of a limit is the limit after every event, the time for the decision stops for a
    notice alone (Art. 45), and the same events give the same dates by the calendar that was used, which are those that
    a person counts on its pages."""
    permit: Any = desk.case.procedure
    clocks = replayed(permit, told)
    stored = {clock.calendar.version for clock in clocks}
    assert len(stored) < 2
    for version in stored:
        again = replayed(permit, told, national().as_of(version))
        assert [(clock.entries, clock.projection) for clock in again] == [
            (clock.entries, clock.projection) for clock in clocks
        ]
    assert_clocks_of_the_state(desk, [clock for clock in clocks if clock.open and not expired_ahead(clock)])
    for clock in clocks:
        if clock.projection.due_on and clock.limit.unit is Unit.WORKING_DAYS:
            assert clock.projection.due_on == counted(clock)


SEVERAL = {"lost_approval", "bar", "recusal", "archive_release"}
"""Limits with a clock for each matter of a case, or for each time that walks tell that the same time has run out."""
TO_DELIVER = {"granted", "renewed", "amended", "refused"}


def assert_clocks_of_the_state(desk: Desk, running: Sequence[Clock]) -> None:
    """Whatever was taken back, only what there is to do has a clock that is not over."""
    limits = [clock.rule.id for clock in running]
    assert len({*limits} - SEVERAL) == len([limit for limit in limits if limit not in SEVERAL]), limits
    state = desk.case.state
    assert "delivery" not in limits or state in TO_DELIVER
    assert "intake" not in limits or state == "received"
    assert "supplement" not in limits or state == "supplement"
    assert "rectification" not in limits or state == "rectifying"
    assert "assessment" not in limits or state == "assessment_planned"
    waiting = {one["number"] for one in desk.case.data.get("recusals", ()) if "outcome" not in one}
    assert {clock.entries[0].about for clock in running if clock.rule.id == "recusal"} <= waiting
    for clock in running:
        if clock.rule.id == "decision" and desk.procedure.source == "licensing" and state != "hearing":
            awaited = "time_notice" in desk.case.data and state in {"assessment_planned", "rectifying"}
            assert (clock.projection.state is ClockState.PAUSED) == awaited


def expired_ahead(clock: Clock) -> bool:
    """Whether silence took effect before its day, as it does in walks alone: what ends the case then is in time, and
    the clock goes on with the case."""
    kinds = [one.kind for one in clock.entries]
    return EntryKind.EXPIRED in kinds and EntryKind.STOPPED in kinds[kinds.index(EntryKind.EXPIRED) :]


def counted(clock: Clock) -> date:
    """The last day of a clock that runs, day by day: neither days of rest count nor those of which a pause was told."""
    view, day = clock.projection, clock.started_on
    left = view.budget
    while left:
        day += timedelta(days=1)
        paused = any(one.after < day and (one.until is None or day <= one.until) for one in view.ledger.pauses)
        left -= clock.calendar.is_working(day) and not paused
    return day


def replayed(permit: Any, told: Sequence[Told], calendar: WorkingCalendar | None = None) -> tuple[Clock, ...]:
    clocks: tuple[Clock, ...] = ()
    for event in told:
        clocks = hear(RULES, permit, clocks, event, calendar)
        for clock in clocks:
            view = clock.projection
            assert view.consumed + view.remaining == view.budget
            if clock.rule.id == "decision":
                pauses = [one for one in clock.entries if one.kind is EntryKind.PAUSED]
                assert all(one.notice or one.event not in clock.rule.pauses for one in pauses)
    return clocks


NUMBERED = {"type_approval": "certificate", "licensing": "licence", "c_mark": "mark"}
"""What cases call the number of their permit."""


def assert_granted_rightly(desk: Desk) -> None:
    """A certificate rests on an issued report that says it conforms, of tests that do or on the whole gap that an OIML
    certificate leaves; a licence on type approvals in force of the same holder for every line of it; of the permits in
    force no two have one number, and each stands in the register under that of its case."""
    data, name = desk.case.data, NUMBERED[desk.procedure.source]
    twice = (
        f"SELECT data ->> '{name}' FROM cases WHERE state IN ('granted', 'valid', 'effective') AND data ? '{name}'"
        " GROUP BY 1 HAVING count(*) > 1"
    )
    assert desk.rows(twice) == []
    if name in data:
        registered = f"SELECT holder FROM {name}s WHERE number = :number"
        assert desk.rows(registered, number=data[name]) == [(desk.code,)]
    if "certificate" in data:
        assert_evaluated(desk)
    if "licence" in data:
        in_force = "SELECT lines FROM type_approvals WHERE holder = :holder AND status = 'in_force'"
        approvals = desk.rows(in_force, holder=desk.code)
        approved = [line for (lines,) in approvals for line in lines]
        assert all(any(not differs(line, one) for one in approved) for line in desk.case.form["lines"])


def assert_evaluated(desk: Desk) -> None:
    data, held = desk.case.data, family_of(desk.case.form["category"])
    report, tests = data["report"], counting(data).values()
    assert report["conclusion"] == "pass"
    assert "issued_on" in report
    passed = {item_id(one["item"], held) for one in tests if one["verdict"] == "pass"}
    if data.get("oiml", {}).get("decision") == "accept":
        assert report["oiml"]["certificate"] == data["oiml"]["number"]
        assert {item_id(one["item"], held) for one in data["oiml"]["gap"]} <= passed
    else:
        assert passed
        assert "oiml" not in report


def assert_ended_once(events: Sequence[dict[str, Any]]) -> None:
    """A permit ends on one ground at a time, and the register is closed on it with that ground (Art. 70)."""
    ground = None
    for event in events:
        kind = event["type"].partition(".")[2]
        if not event["type"].startswith(("certificate.", "licence.", "mark.")):
            continue
        if kind == "ended":
            assert ground is None
            ground = event["data"]["ground"]
            assert ground in ENDS
        elif kind == "cancelled":
            assert event["data"]["ground"] == ground
        # A late renewal lets a licence go on that had expired meanwhile.
        elif kind in {"restored", "renewed"}:
            ground = None
