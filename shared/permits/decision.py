"""Time notice, examination, decision and delivery, the same law for all permits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from shared.casework.procedure import ConnectedStep, Effect, Informed, Step, Transition, all_of
from shared.casework.undoing import gone, way_back
from shared.documents.issues import not_issued, unmade
from shared.labels import labelled
from shared.law import LawError
from shared.permits import bars, hearing_right
from shared.permits.facts import (
    BAR,
    DECISION,
    DELIVERY,
    EXTENSION,
    REVIEW,
    SENT_BACK,
    TIME_NOTICE,
    Decision,
    Delivered,
    Delivery,
    Extension,
    Review,
    Reviewed,
    SentBack,
    ServedTimeNotice,
    TimeNotice,
)
from shared.permits.milestones import accepted_on
from shared.permits.reading import DECISION_LIMIT, time_ended_on
from shared.permits.serving import misdated, served_on
from shared.problems import Violation
from shared.schemas import Empty, Strict, several, text
from shared.text import Text, in_each

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import date

    from marshmallow import Schema

    from shared.casework.cases import Case
    from shared.casework.procedure import Guard, Rule

STATES = {
    "reviewed": Text("已审查，待决定", "examined, to be decided"),
    "hearing": Text("听证中", "hearing"),
    "granted": Text("准予许可", "granted"),
    "refused": Text("不予许可", "refused"),
    "closed": Text("已办结", "closed"),
}

EXAMINATION = ("review", "reject_preliminarily")
"""By which a case comes to be decided; who did it does not decide."""
DECIDING = ("grant", "refuse")
"""Who decided does not examine the case again once that is taken back."""


class Refusal(Strict):
    """不予许可。 Norms are the technical standards relied on, required where tests were failed (Art. 55(3))."""

    norms = several(
        text(maximum=200),
        minimum=0,
        maximum=50,
        unique_by=(),
        required=False,
        load_default=list,
        metadata=labelled("所依据的技术规范", "technical standards relied on", example=["GB/T 7722-2005"]),
    )
    bar = bars.ground(
        bars.FALSE_MATERIALS, "隐瞒有关情况或者提供虚假材料", "facts were concealed or materials false (Art. 78)"
    )


def has_notice(case: Case) -> bool:
    return TIME_NOTICE in case


def was_extended(case: Case) -> bool:
    return EXTENSION in case


def was_refused(case: Case) -> bool:
    return case[DECISION].outcome == "refused"


def replace_notice(step: Step) -> Effect:
    """The time was told, if wrongly: the day from which it does not count stays that of the first notice."""
    told = {"notice": step.notice, "needed": step.body["needed"], "reason": step.reason}
    return Effect(data=_kept_notice(step, step.case[TIME_NOTICE].on), event=told)


def _kept_notice(step: Step, on: date) -> dict[str, Any]:
    return TIME_NOTICE.set(ServedTimeNotice(**ServedTimeNotice.given(step.raw), number=step.notice, on=on))


def may_serve(step: Step, since: date) -> Sequence[Violation]:
    found = misdated(step, since)
    if served := step.case.get(TIME_NOTICE):
        number = served.number
        reason = Text(f"本环节已送达所需时间告知书{number}", f"time notice {number} was served for this step already")
        found.append(Violation("time_notice", "served_already", reason))
    return found


def serve(step: Step) -> Effect:
    """The time no longer counts from the day of service, whenever it is registered."""
    on = served_on(step)
    told = {"on": on.isoformat(), "notice": step.notice, "needed": step.body["needed"]}
    return Effect(data=_kept_notice(step, on), event=told)


def may_extend(step: Step, ended: date | None) -> Sequence[Violation]:
    """Art. 42: once, and only while the limit still runs."""
    found = []
    if extension := step.case.get(EXTENSION):
        extended = extension.on
        reason = Text(f"已于{extended}延长，依法只能延长一次", f"extended on {extended}: the law allows it once")
        found.append(Violation("extension", "extended_already", reason))
    if ended:
        reason = Text(
            f"期限已于{ended}届满，届满后不能延长", f"the limit ended on {ended}: what is over is not extended"
        )
        found.append(Violation("extension", "overdue", reason))
    return found


def extend(step: Step) -> Effect:
    """By as many working days as the law gave on the day of acceptance."""
    allowed = step.rules.limit(DECISION_LIMIT, accepted_on(step.case)).extension
    if allowed is None:
        raise LawError(
            "受理之日的法律没有规定可以延长决定期限",
            "the law of the day of acceptance knows no extension of the limit for the decision",
        )
    kept = Extension(on=step.today, working_days=allowed.amount, reason=step.why, approver=step.actor.name)
    told = {"working_days": kept.working_days, "reason": kept.reason, "approver": kept.approver}
    return Effect(data=EXTENSION.set(kept), event=told)


def keep_review(step: Step) -> Effect:
    review = Reviewed(**Reviewed.given(step.raw), on=step.today)
    return Effect(data=REVIEW.set(review), event={"recommendation": review.recommendation})


def send_back(step: Step) -> Effect:
    """Not decided on this examination. That is the office's own affair: the time for the decision goes on."""
    sent = SentBack(on=step.today, reason=step.why, by=step.actor.name)
    return Effect(data=REVIEW.set(None) | SENT_BACK.set(sent))


def sending_back(to: str, when: Rule[bool] | None = None) -> list[Transition]:
    """From before the decision back to be examined again: sent by who decides and has not examined the case, or by an
    examiner who withdraws the opinion."""
    return [
        *way_back(
            "send_back",
            [("reviewed", to)],
            Text("退回重新审查", "Send back to be examined again"),
            emits="application.sent_back",
            by="staff:decider",
            when=when,
            effect=send_back,
            distinct_from=EXAMINATION,
            undoes=EXAMINATION,
        ),
        *way_back(
            "withdraw_review",
            [("reviewed", to)],
            Text("撤回审查意见", "Withdraw the opinion"),
            emits="application.sent_back",
            by="staff:examiner",
            when=when,
            effect=lambda _step: Effect(data=REVIEW.set(None)),
            undoes=EXAMINATION,
        ),
    ]


def refuse(step: Step) -> Effect:
    """Reasons and the right to review and suit are part of every refusal (Art. 38)."""
    ways = step.rules.ways_against(step.today)
    rights = Text(f"可以{'；或者'.join(zh for zh, _ in ways)}。", f"You may {'; or '.join(en for _, en in ways)}.")
    decision = Decision(
        outcome="refused",
        on=step.today,
        reason=step.reason,
        norms=tuple(step.body["norms"]),
        **in_each("rights", rights),
    )
    told, bar = {"reason": step.reason, "norms": step.body["norms"]}, bars.bar(step)
    return Effect(data=DECISION.set(decision) | {**bar.data}, event={**told, **bar.event})


def may_deliver(step: Step, unmade: Sequence[str]) -> Sequence[Violation]:
    """On a day from that of the decision until today, and nothing that could not be made."""
    return [*misdated(step, step.case[DECISION].on), *not_issued(unmade)]


def keep_delivery(step: Step) -> Effect:
    delivered = Delivered(**Delivered.given(step.raw), on=served_on(step))
    return Effect(data=DELIVERY.set(delivered), event={"on": delivered.on.isoformat(), "receipt": delivered.receipt})


def delivery(source: str, target: str, event: str, applies: Callable[[Case], bool] | None = None) -> list[Transition]:
    """Delivery of what was decided, and the way back from a delivery that was only registered; that one `applies`
    where the delivered state is one of several documents."""
    return [
        Transition(
            action="deliver",
            source=source,
            target=target,
            by="staff:intake",
            name=Text("送达", "Deliver"),
            body=Delivery,
            guard=Informed(unmade, may_deliver),
            effect=keep_delivery,
            emits=event,
            notice="delivery",
        ),
        *way_back(
            "cancel_delivery",
            [(target, source)],
            Text("撤销送达登记", "Cancel the registered delivery"),
            emits="delivery.cancelled",
            by="staff:intake",
            applies=lambda case: DELIVERY in case and (applies is None or applies(case)),
            effect=gone(DELIVERY),
            undoes=("deliver",),
        ),
    ]


def time_notice(states: Sequence[str], *, since: Callable[[Case], date]) -> tuple[Transition, ...]:
    """Serving the written time notice while the case is in one of `states`; the step it is about began `since`."""
    here = [(state, state) for state in states]
    return (
        *(
            Transition(
                action="serve_time_notice",
                source=state,
                target=state,
                by="staff:examiner",
                name=Text("送达所需时间告知书", "Serve the time notice"),
                body=TimeNotice,
                guard=lambda step: may_serve(step, since(step.case)),
                effect=serve,
                emits="time_notice.served",
                notice="time_notice",
            )
            for state in states
        ),
        *way_back(
            "replace_time_notice",
            here,
            Text("更正所需时间告知书", "Replace the time notice"),
            emits="time_notice.replaced",
            by="staff:examiner",
            body=TimeNotice,
            applies=has_notice,
            guard=lambda step: misdated(step, since(step.case)),
            effect=replace_notice,
            notice="time_notice",
            undoes=("serve_time_notice", "replace_time_notice"),
        ),
        *way_back(
            "withdraw_time_notice",
            here,
            Text("撤回所需时间告知书", "Withdraw the time notice"),
            emits="time_notice.withdrawn",
            by="staff:examiner",
            applies=has_notice,
            effect=gone(TIME_NOTICE),
            undoes=("serve_time_notice", "replace_time_notice"),
        ),
    )


def extension(states: Sequence[str]) -> tuple[Transition, ...]:
    """Extending the time for the decision while the case is in one of `states`: the head approves it, with a reason
    that the applicant is told (Art. 42)."""
    return (
        *(
            Transition(
                action="extend",
                source=state,
                target=state,
                by="staff:decider",
                name=Text("批准延长决定期限", "Extend the time for the decision"),
                guard=Informed(time_ended_on, may_extend),
                effect=extend,
                emits="decision.extended",
                notice="extension",
                needs_reason=True,
            )
            for state in states
        ),
        *way_back(
            "withdraw_extension",
            [(state, state) for state in states],
            Text("撤回延长决定期限", "Withdraw the extension"),
            emits="decision.extension_withdrawn",
            by="staff:decider",
            applies=was_extended,
            effect=gone(EXTENSION),
            undoes=("extend",),
        ),
    )


def transitions(
    *,
    examined_from: str,
    may_review: Guard | None = None,
    may_grant: Guard,
    grant: Callable[[ConnectedStep], Effect],
    granted: str,
    granting: type[Schema] = Empty,
    may_refuse: Guard,
    may_take_up: Guard | None,
    effective: str,
    delivered: str,
) -> tuple[Transition, ...]:
    """Examination of the case in state `examined_from`, decision by another person, delivery.

    `granted` and `delivered` are the events of this permit's document, `granting` what is sent to grant it, `effective`
    the state it has once delivered. `may_take_up` says what stands in the way of going on after a refusal.
    """
    return (
        Transition(
            action="review",
            source=examined_from,
            target="reviewed",
            by="staff:examiner",
            name=Text("审查", "Examine"),
            body=Review,
            guard=may_review,
            effect=keep_review,
            emits="application.reviewed",
            distinct_from=("close_hearing", *DECIDING),
        ),
        *sending_back(examined_from),
        Transition(
            action="grant",
            source="reviewed",
            target="granted",
            by="staff:decider",
            name=Text("准予许可", "Grant"),
            body=granting,
            guard=all_of(hearing_right.SETTLED, may_grant),
            effect=grant,
            emits=granted,
            distinct_from=EXAMINATION,
            notice="grant",
        ),
        Transition(
            action="refuse",
            source="reviewed",
            target="refused",
            by="staff:decider",
            name=Text("不予许可", "Refuse"),
            body=Refusal,
            guard=all_of(hearing_right.SETTLED, may_refuse),
            effect=refuse,
            emits="application.refused",
            distinct_from=EXAMINATION,
            notice="refusal",
            needs_reason=True,
        ),
        *way_back(
            "recall_decision",
            [("refused", "reviewed")],
            Text("收回未送达的决定", "Recall the decision before it is delivered"),
            emits="decision.recalled",
            by="staff:decider",
            guard=may_take_up,
            effect=gone(DECISION, BAR),
            undoes=("refuse",),
        ),
        *delivery("granted", effective, delivered),
        *delivery("refused", "closed", "refusal.delivered", was_refused),
        *way_back(
            "revoke_refusal",
            [("closed", "reviewed")],
            Text("撤销不予许可决定", "Revoke the refusal"),
            emits="refusal.revoked",
            by="staff:decider",
            applies=was_refused,
            guard=may_take_up,
            effect=gone(DECISION, BAR, DELIVERY),
            undoes=("refuse",),
        ),
    )
