"""Every slip has a way back: the tables of all procedures are walked, and no state is found without one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from services.catalogue import EVENTS
from services.messages.templates import ASKED, TEAM, templates
from shared.law import load
from tests.shared.casework.parts import PROCEDURES

if TYPE_CHECKING:
    from shared.casework import Procedure, Transition

SERVICES = sorted(PROCEDURES)


def by_people(procedure: Procedure) -> list[Transition]:
    return [row for row in procedure.transitions if row.by != "system"]


def ways_back(procedure: Procedure, row: Transition) -> list[Transition]:
    """What takes the move back in the state to which it led."""
    return [back for back in by_people(procedure) if back.source == row.target and row.action in back.undoes]


def reachable(procedure: Procedure, state: str) -> set[str]:
    """The states to which people can bring a case from `state`."""
    found, left = set(), {state}
    while left:
        found.add(state := left.pop())
        left |= {row.target for row in by_people(procedure) if row.source == state} - found
    return found


def can_be_done_again(procedure: Procedure, row: Transition) -> bool:
    """Whether from where a way back leads, something that it takes back can be done once more."""
    found = reachable(procedure, row.target)
    return any(again.source in found and again.action in row.undoes for again in procedure.transitions)


@pytest.mark.parametrize("service", SERVICES)
def test_whatever_people_do_by_mistake_is_taken_back_or_says_why_it_stands(service: str) -> None:
    procedure = PROCEDURES[service]
    without = [
        f"{row.action} from {row.source} to {row.target}"
        for row in by_people(procedure)
        if not row.stands and not ways_back(procedure, row)
        if not row.undoes or not can_be_done_again(procedure, row)
    ]
    assert without == []


@pytest.mark.parametrize("service", SERVICES)
def test_every_state_that_people_bring_about_has_a_way_back(service: str) -> None:
    procedure = PROCEDURES[service]
    brought_about = {row.target for row in by_people(procedure) if not row.undoes} - {procedure.initial}
    left = {row.source for row in by_people(procedure) if row.undoes}
    final = {row.target for row in by_people(procedure) if row.stands}
    assert brought_about - left <= final


@pytest.mark.parametrize("service", SERVICES)
def test_a_way_back_needs_a_reason_and_is_told(service: str) -> None:
    """Who corrects their own draft, or says whose case it is, gives none; a test record does if it corrects another."""
    own = {"edit", "restore_draft"}
    ways = [row for row in PROCEDURES[service].transitions if row.undoes]
    without = {row.action for row in ways if not row.needs_reason}
    assert without <= own | {"claim", "assign", "release", "withdraw", "record_test", "request_supplement"}
    assert {row.action for row in ways if not row.emits} <= own


@pytest.mark.parametrize("service", SERVICES)
def test_what_is_taken_back_is_there_and_what_stands_has_no_way_back(service: str) -> None:
    procedure = PROCEDURES[service]
    actions = {row.action for one in PROCEDURES.values() for row in one.transitions}
    for row in procedure.transitions:
        assert {*row.undoes} <= actions, row.action
        assert not (row.stands and ways_back(procedure, row)), row.action


APART = ("assessment.recusal_granted", "assessment.recusal_reopened")
"""Only a request that was rejected is reopened; one that was granted is taken back by reinstating the assessor."""


@pytest.mark.parametrize("service", SERVICES)
def test_who_was_told_of_the_slip_is_told_that_it_was_taken_back(service: str) -> None:
    procedure = PROCEDURES[service]
    told = {
        kind: {
            to for suffix in ("", TEAM, ASKED) if kind + suffix in templates() for to in templates()[kind + suffix].to
        }
        for kind in templates()
    }
    for row in by_people(procedure):
        for back in ways_back(procedure, row):
            # Who takes back what they said themselves knows of it.
            if row.emits in told and not back.by == row.by == "applicant" and (row.emits, back.emits) != APART:
                assert told[str(row.emits)] <= told[str(back.emits)], f"{row.action}, {back.action}"


def test_clocks_hear_of_what_the_tables_take_back() -> None:
    """The law's data name only what a way back of some procedure takes back, by its events."""
    declared = {
        (back.emits, row.emits)
        for procedure in PROCEDURES.values()
        for row in procedure.transitions
        for back in procedure.transitions
        if row.action in back.undoes
    }
    undone_with = {
        ("evaluation.commission_withdrawn", "time_notice.served"),
        ("evaluation.commission_declined", "time_notice.served"),
        ("assessment.cancelled", "time_notice.served"),
        ("refusal.revoked", "refusal.delivered"),
    }
    for row in load("jilin-2013").undoings:
        for event in row.undoes:
            assert (row.id, event) in declared | undone_with, f"{row.id}: {event}"


def test_every_event_that_starts_or_stops_a_clock_is_undone_for_the_clock_too() -> None:
    """Where a way back is told, the clocks that the slip had moved are put right: by the event as such, or as one that
    takes back."""
    rules = load("jilin-2013")
    moving = {
        event
        for rule in rules.limits
        for event in (*rule.starts, *rule.stops, *rule.pauses, *rule.resumes, *rule.extends)
    }
    undoing = {row.id: {*row.undoes} for row in rules.undoings}
    for procedure in PROCEDURES.values():
        for row in by_people(procedure):
            for back in ways_back(procedure, row):
                moves_back = back.emits in moving or row.emits in undoing.get(str(back.emits), ())
                assert row.emits not in moving or moves_back or back.target == row.target, (row.action, back.action)


def test_every_event_of_a_way_back_is_in_the_catalogue() -> None:
    told = {kind for kinds in EVENTS.values() for kind in kinds}
    assert {row.id for row in load("jilin-2013").undoings} <= told
