"""What becomes of a licence when a type approval under its lines ends, or comes back: a task of the office.

Nothing of a licence lapses without a decision."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from services.licensing.approvals import rules
from services.licensing.licence.facts import LICENCE, LOST_APPROVALS, LostApproval, Settled
from services.licensing.queries import approvals_of, licence_of_case
from shared.casework import Case, ConnectedStep, Effect, FollowUp, Informed, Step

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from shared.problems import Violation


def _lost(tx: Connection, case: Case) -> tuple[LostApproval, ...]:
    licence = licence_of_case(tx, case.id)
    lines = licence.content["lines"] if licence else ()
    known = case.get(LOST_APPROVALS)
    return rules.lost_approvals(lines, approvals_of(tx, case.applicant), known or ())


def follow_ups(tx: Connection, case: Case) -> Sequence[FollowUp]:
    """What is to be done to the case of a licence in force, if it does not know how its type approvals stand."""
    changed = _lost(tx, case) != case.get(LOST_APPROVALS, ())
    return [FollowUp(case.id, "follow_approvals", {})] if changed else []


def lost(step: ConnectedStep) -> tuple[LostApproval, ...]:
    """The type approvals under the licence that are lost, as things stand."""
    return _lost(step.tx, step.case)


def _may_follow(step: Step, lost: tuple[LostApproval, ...]) -> Sequence[Violation]:
    known = step.case.get(LOST_APPROVALS)
    return rules.unchanged(lost, known or ())


MAY_FOLLOW = Informed(lost, _may_follow)
SOME_ARE_LOST = Informed(lost, lambda _step, lost: bool(rules.unsettled(lost)))
"""Whether there is something for the office to settle."""


def follow(step: ConnectedStep) -> Effect:
    lost = _lost(step.tx, step.case)
    told: dict[str, Any] = {"licence": step.case[LICENCE]}
    if open_ := rules.unsettled(lost):
        told |= {
            "certificates": [one.certificate for one in open_],
            "lines": sorted({place for one in open_ for place in one.lines}),
        }
    return Effect(data=LOST_APPROVALS.set(lost or None), event=told)


def settle(step: Step) -> Effect:
    """The office has looked at the lines: whether they stand without the certificate, and what is done about it."""
    settled = Settled(on=step.today, reason=step.why)
    lost = tuple(replace(one, settled=one.settled or settled) for one in step.case[LOST_APPROVALS])
    return Effect(data=LOST_APPROVALS.set(lost), event={"licence": step.case[LICENCE], "reason": step.reason})
