"""申请回避 The applicant asks that an assessor stand aside, and the office decides before the assessment begins."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from services.licensing.assessment.assessors import member, not_in_team
from services.licensing.assessment.facts import ASSESSMENT_PLAN, DRAW, RECUSALS, Recusal
from shared.casework import Effect, Step
from shared.problems import Violation
from shared.text import Text

if TYPE_CHECKING:
    from shared.casework import Case


ASIDE = ("granted", "stood_aside")
"""The outcomes of a request about whoever stands aside."""


def asked_aside(case: Case) -> Recusal | None:
    """The request that an assessor stand aside which the office has to decide; None if there is none."""
    return next((one for one in case.get(RECUSALS, ()) if one.outcome is None), None)


def is_asked_aside(case: Case) -> bool:
    return asked_aside(case) is not None


def last_rejected(case: Case) -> bool:
    """Whether the newest request was rejected, and is about somebody who is still of the team; while another waits,
    that is decided first."""
    asked = case.get(RECUSALS, ())
    if not asked or asked[-1].outcome != "rejected" or is_asked_aside(case):
        return False
    return asked[-1].assessor in {one.code for one in case[ASSESSMENT_PLAN].team}


def may_ask_aside(step: Step) -> list[Violation]:
    """Somebody of the team; and nobody is asked about again whom the office has decided to keep."""
    team, said = step.case[ASSESSMENT_PLAN].team, step.body["assessor"]
    if found := not_in_team(team, said, "assessor"):
        return found
    named = member(team, said)
    rejected = (one for one in step.case.get(RECUSALS, ()) if one.outcome == "rejected")
    if before := next((one for one in rejected if one.assessor == named.code), None):
        told = Text(
            f"{before.on}对{named.name}的回避申请已被驳回：{before.why}",
            f"the request of {before.on} about {named.name} was rejected: {before.why}",
        )
        return [Violation("assessor", "recusal_rejected", told)]
    return []


def undecided(step: Step, name: str, code: str | None = None) -> list[Violation]:
    """A request that an assessor stand aside is decided first; only one about the expert `code`, if that is given."""
    asked = asked_aside(step.case)
    if asked is None or (code is not None and asked.assessor != code):
        return []
    told = Text(
        f"申请人于{asked.on}申请{asked.name}回避，尚未决定：请先决定",
        f"the applicant asked on {asked.on} that {asked.name} stand aside: decide that first",
    )
    return [Violation(name, "recusal_undecided", told)]


def may_ask(case: Case) -> bool:
    """One request at a time, about whoever was drawn."""
    return DRAW in case and not is_asked_aside(case)


def ask_aside(step: Step) -> Effect:
    """The applicant thinks that an assessor is not impartial."""
    named = member(step.case[ASSESSMENT_PLAN].team, step.body["assessor"])
    before = step.case.get(RECUSALS, ())
    number = 1 + max((one.number or 0 for one in before), default=0)
    asked = Recusal(number=number, assessor=named.code or "", name=named.name, reason=step.why, on=step.today)
    event = {"assessor": asked.name, "reason": asked.reason, **told(asked)}
    return Effect(data=RECUSALS.set((*before, asked)), event=event)


def told(asked: Recusal | None) -> dict[str, int]:
    """Which request an event is about: each has a clock of its own."""
    return {"request": asked.number} if asked and asked.number else {}


def decided(step: Step, outcome: str) -> tuple[Recusal, dict[str, Any]]:
    """The request that is open, and what the case says once it came to that."""
    asked = asked_aside(step.case)
    if asked is None:
        raise LookupError(f"{step.case.ref}: nobody is asked to stand aside")
    done = dataclasses.replace(asked, outcome=outcome, decided_on=step.today, why=step.reason)
    return asked, RECUSALS.set(tuple(done if one == asked else one for one in step.case[RECUSALS]))


def asked_about(case: Case, code: str) -> Recusal | None:
    """The open request, if it is that this expert stand aside."""
    asked = asked_aside(case)
    return asked if asked and asked.assessor == code else None


def withdraw_request(step: Step) -> Effect:
    asked, data = decided(step, "withdrawn")
    return Effect(data=data, event={"reason": step.reason, **told(asked)})


def reject_request(step: Step) -> Effect:
    asked, data = decided(step, "rejected")
    return Effect(data=data, event={"assessor": asked.name, "reason": step.reason, **told(asked)})


def reopen_request(step: Step) -> Effect:
    """The newest request, which was rejected, is to be decided again."""
    *before, last = step.case[RECUSALS]
    return Effect(data=RECUSALS.set((*before, again(last))), event={"reason": step.reason, **told(last)})


def again(asked: Recusal) -> Recusal:
    """The request, to be decided again."""
    return dataclasses.replace(asked, outcome=None, decided_on=None, why=None)
