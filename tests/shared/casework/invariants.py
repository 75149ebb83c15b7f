"""What the law wants of every case, whatever was done to it: the invariants that walks are checked against."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from services.instruments import differs
from shared.law import Clock, Told, hear
from shared.law.clock import EntryKind
from shared.permits.life import ENDS
from tests.shared.casework.parts import RULES, Desk

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shared.casework.journal import JournalEntry


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
    notice alone (Art. 45), and the same events give the same dates."""
    permit: Any = desk.case.procedure
    clocks = replayed(permit, told)
    assert [clock.projection.due_on for clock in clocks] == [one.projection.due_on for one in replayed(permit, told)]


def replayed(permit: Any, told: Sequence[Told]) -> tuple[Clock, ...]:
    clocks: tuple[Clock, ...] = ()
    for event in told:
        clocks = hear(RULES, permit, clocks, event)
        for clock in clocks:
            view = clock.projection
            assert view.consumed + view.remaining == view.budget
            if clock.rule.id == "decision":
                pauses = [one for one in clock.entries if one.kind is EntryKind.PAUSED]
                assert all(one.notice or one.event not in clock.rule.pauses for one in pauses)
    return clocks


def assert_granted_rightly(desk: Desk) -> None:
    """A certificate rests on a report that says it conforms; a licence on type approvals in force of the same holder
    for every line of it; a number is one permit's."""
    data = desk.case.data
    if "certificate" in data:
        assert data["report"]["conclusion"] == "pass"
        assert len(desk.rows("SELECT 1 FROM certificates WHERE number = :number", number=data["certificate"])) == 1
    if "licence" in data:
        in_force = "SELECT lines FROM type_approvals WHERE holder = :holder AND status = 'in_force'"
        approvals = desk.rows(in_force, holder=desk.code)
        approved = [line for (lines,) in approvals for line in lines]
        assert all(any(not differs(line, one) for one in approved) for line in desk.case.form["lines"])


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
