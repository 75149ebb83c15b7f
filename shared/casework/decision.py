"""Time notice, examination, decision and delivery, the same law for both permits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from marshmallow import fields, validate

from shared.casework.intake import accepted_on
from shared.casework.procedure import Effect, Name, Step, Transition
from shared.casework.queries import breached
from shared.law import LawError
from shared.problems import Violation
from shared.schemas import Strict, choice, text

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

STATES = {
    "reviewed": Name("已审查，待决定", "examined, to be decided"),
    "granted": Name("准予许可", "granted"),
    "refused": Name("不予许可", "refused"),
    "closed": Name("已办结", "closed"),
}

LIMIT = "decision"
"""The limit of the law within which the authority decides."""

RIGHTS = (
    "可自知道之日起六十日内申请行政复议，或依法提起行政诉讼。"
    " You may apply for administrative review within sixty days, or bring suit as the law provides."
)
"""What every refusal must tell (Administrative Licensing Law Art. 38)."""


class TimeNotice(Strict):
    """所需时间告知书: how long tests or expert review will take; it stops the decision clock from the day it is
    served (Administrative Licensing Law Art. 45)."""

    number = text(maximum=60)
    needed = text(maximum=200)
    served_to = text(maximum=100)


class Review(Strict):
    opinion = text()
    recommendation = choice("grant", "refuse")


class Refusal(Strict):
    """Norms are the technical standards relied on, required where tests were failed (Art. 55(3))."""

    norms = fields.List(text(maximum=200), load_default=list, validate=validate.Length(max=50))


class Delivery(Strict):
    """送达回证."""

    receipt = text(maximum=60)
    received_by = text(maximum=100)


def notice_served_once(step: Step) -> Sequence[Violation]:
    if "time_notice" in step.case.data:
        number = step.case.data["time_notice"]["number"]
        return [Violation("number", "served_already", f"time notice {number} was served for this step already")]
    return []


def serve(step: Step) -> Effect:
    notice = {**step.raw, "on": step.today.isoformat()}
    return Effect(data={"time_notice": notice}, event={"notice": step.body["number"], "needed": step.body["needed"]})


def may_extend(step: Step) -> Sequence[Violation]:
    """Art. 42: once, and only while the limit still runs."""
    found = []
    if "extension" in step.case.data:
        extended = step.case.data["extension"]["on"]
        found.append(Violation("extension", "extended_already", f"extended on {extended}: the law allows it once"))
    if due_on := breached(step.tx, step.case, LIMIT):
        found.append(Violation("extension", "overdue", f"the limit ended on {due_on}: what is over is not extended"))
    return found


def extend(step: Step) -> Effect:
    """By as many working days as the law gave on the day of acceptance."""
    extension = step.rules.limit(LIMIT, accepted_on(step.case)).extension
    if extension is None:
        raise LawError("the law of the day of acceptance knows no extension of the limit for the decision")
    told = {"working_days": extension.amount, "reason": step.reason, "approver": step.actor.name}
    return Effect(data={"extension": {**told, "on": step.today.isoformat()}}, event=told)


def keep_review(step: Step) -> Effect:
    return Effect(data={"review": dict(step.raw)}, event={"recommendation": step.body["recommendation"]})


def refuse(step: Step) -> Effect:
    """Reasons and the right to review and suit are part of every refusal."""
    decision = {
        "outcome": "refused",
        "on": step.today.isoformat(),
        "reason": step.reason,
        "norms": step.body["norms"],
        "rights": RIGHTS,
    }
    return Effect(data={"decision": decision}, event={"reason": step.reason, "norms": step.body["norms"]})


def keep_delivery(step: Step) -> Effect:
    return Effect(
        data={"delivery": {**step.raw, "on": step.today.isoformat()}}, event={"receipt": step.body["receipt"]}
    )


def time_notice(states: Sequence[str]) -> tuple[Transition, ...]:
    """Serving the written time notice while the case is in one of `states`."""
    return tuple(
        Transition(
            action="serve_time_notice",
            source=state,
            target=state,
            by="staff:examiner",
            name=Name("送达所需时间告知书", "Serve the time notice"),
            body=TimeNotice,
            guard=notice_served_once,
            effect=serve,
            emits="time_notice.served",
        )
        for state in states
    )


def extension(states: Sequence[str]) -> tuple[Transition, ...]:
    """Extending the time for the decision while the case is in one of `states`: the head approves it, with a reason
    that the applicant is told (Art. 42)."""
    return tuple(
        Transition(
            action="extend",
            source=state,
            target=state,
            by="staff:decider",
            name=Name("批准延长决定期限", "Extend the time for the decision"),
            guard=may_extend,
            effect=extend,
            emits="decision.extended",
            needs_reason=True,
        )
        for state in states
    )


def transitions(
    *,
    examined_from: str,
    may_grant: Callable[[Step], Sequence[Violation]],
    grant: Callable[[Step], Effect],
    granted: str,
    may_refuse: Callable[[Step], Sequence[Violation]] | None,
    effective: str,
    delivered: str,
) -> tuple[Transition, ...]:
    """Examination of the case in state `examined_from`, decision by another person, delivery.

    `granted` and `delivered` are the events of this permit's document, `effective` the state it has once delivered.
    """
    return (
        Transition(
            action="review",
            source=examined_from,
            target="reviewed",
            by="staff:examiner",
            name=Name("审查", "Examine"),
            body=Review,
            effect=keep_review,
            emits="application.reviewed",
        ),
        Transition(
            action="grant",
            source="reviewed",
            target="granted",
            by="staff:decider",
            name=Name("准予许可", "Grant"),
            guard=may_grant,
            effect=grant,
            emits=granted,
            distinct_from=("review",),
        ),
        Transition(
            action="refuse",
            source="reviewed",
            target="refused",
            by="staff:decider",
            name=Name("不予许可", "Refuse"),
            body=Refusal,
            guard=may_refuse,
            effect=refuse,
            emits="application.refused",
            distinct_from=("review",),
            needs_reason=True,
        ),
        Transition(
            action="deliver",
            source="granted",
            target=effective,
            by="staff:intake",
            name=Name("送达", "Deliver"),
            body=Delivery,
            effect=keep_delivery,
            emits=delivered,
        ),
        Transition(
            action="deliver",
            source="refused",
            target="closed",
            by="staff:intake",
            name=Name("送达", "Deliver"),
            body=Delivery,
            effect=keep_delivery,
            emits="refusal.delivered",
        ),
    )
