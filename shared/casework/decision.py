"""Time notice, examination, decision and delivery, the same law for both permits."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from shared.calendars import current
from shared.casework import bars
from shared.casework.intake import accepted_on
from shared.casework.procedure import Effect, Name, Step, Transition
from shared.casework.queries import breached
from shared.casework.serving import Served, misdated, served_on
from shared.law import LawError
from shared.problems import Violation
from shared.schemas import Day, Empty, Strict, choice, several, text

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from marshmallow import Schema

    from shared.casework.cases import Case

STATES = {
    "reviewed": Name("已审查，待决定", "examined, to be decided"),
    "hearing": Name("听证中", "hearing"),
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


EXAMINATION = ("review", "reject_preliminarily")
"""By which a case comes to be decided; who did it does not decide."""

HEARING_NOTICE_DAYS = 7
"""Working days between the notice of a hearing and the hearing (Art. 48 and 82)."""


class TimeNotice(Served):
    """所需时间告知书: how long tests or expert review will take; it stops the decision clock from the day it is
    served (Administrative Licensing Law Art. 45)."""

    number = text(maximum=60, metadata={"description": "文号 number of the notice", "example": "告知1号"})
    needed = text(
        maximum=200, metadata={"description": "所需时间 how long it will take, in words", "example": "约3个月"}
    )
    served_to = text(maximum=100, metadata={"description": "签收人 who signed for it", "example": "钱联系"})


class HearingNotice(Served):
    """听证通知书: when and where (Art. 48)."""

    number = text(maximum=60, metadata={"description": "文号 number of the notice", "example": "听证1号"})
    held_on = Day(required=True, metadata={"description": "举行日期 day of the hearing", "example": "2013-11-29"})
    place = text(maximum=200, metadata={"description": "地点 place", "example": "政务大厅三楼"})
    asked_by = choice(
        "authority",
        "applicant",
        "interested_party",
        metadata={
            "description": (
                "由谁提出: authority 行政机关依职权 by itself, applicant 申请人, interested_party 利害关系人 at"
                " whose instance it is held"
            )
        },
    )


class HearingRecord(Strict):
    """听证笔录, which the decision rests on; who closes the hearing has presided over it."""

    number = text(maximum=60, metadata={"description": "笔录编号 number of the record", "example": "笔录1号"})
    minutes = text(metadata={"description": "笔录 what was said", "example": "双方陈述了意见"})


class Review(Strict):
    """审查意见。 What the examiner found."""

    opinion = text(metadata={"description": "审查意见 the examiner's opinion", "example": "同意"})
    recommendation = choice(
        "grant",
        "refuse",
        metadata={
            "description": "建议: grant 准予许可, refuse 不予许可 what the examiner recommends",
            "example": "grant",
        },
    )


class Refusal(Strict):
    """不予许可。 Norms are the technical standards relied on, required where tests were failed (Art. 55(3))."""

    norms = several(
        text(maximum=200),
        minimum=0,
        maximum=50,
        required=False,
        load_default=list,
        metadata={"description": "所依据的技术规范 technical standards relied on", "example": ["GB/T 7722-2005"]},
    )
    bar = bars.ground(
        bars.FALSE_MATERIALS, "隐瞒有关情况或者提供虚假材料", "facts were concealed or materials false (Art. 78)"
    )


class Delivery(Strict):
    """送达回证。 Proof that the document reached the applicant."""

    receipt = text(
        maximum=60, metadata={"description": "送达回证编号 number of the delivery receipt", "example": "送-1"}
    )
    received_by = text(maximum=100, metadata={"description": "签收人 who signed for it", "example": "钱联系"})


def may_serve(step: Step, since: date) -> Sequence[Violation]:
    found = misdated(step, since)
    if step.case.data.get("time_notice"):
        number = step.case.data["time_notice"]["number"]
        found.append(Violation("number", "served_already", f"time notice {number} was served for this step already"))
    return found


def serve(step: Step) -> Effect:
    """The time counts no more from the day of service, whenever it is registered."""
    on = served_on(step).isoformat()
    told = {"on": on, "notice": step.body["number"], "needed": step.body["needed"]}
    return Effect(data={"time_notice": {**step.raw, "on": on}}, event=told)


def may_order_hearing(step: Step, since: date) -> Sequence[Violation]:
    found = misdated(step, since)
    if "hearing" in step.case.data:
        found.append(Violation("number", "held_already", f"a hearing was held: {step.case.data['hearing']['number']}"))
    earliest = current(step.tx).newest.add(served_on(step), HEARING_NOTICE_DAYS)
    if step.body["held_on"] < earliest:
        reason = f"served on {served_on(step)}, the notice lets the hearing be held on {earliest} at the earliest"
        found.append(Violation("held_on", "too_soon", f"{reason} (Administrative Licensing Law Art. 48)"))
    return found


def order_hearing(step: Step) -> Effect:
    on = served_on(step).isoformat()
    told = {name: step.raw[name] for name in ("held_on", "place")}
    return Effect(
        data={"hearing": {**step.raw, "on": on, "from": step.case.state, "reason": step.reason}},
        event={"on": on, "notice": step.body["number"], "reason": step.reason, **told},
    )


def _ordered_in(state: str) -> Callable[[Step], bool]:
    return lambda step: step.case.data["hearing"]["from"] == state


def hearing_was_held(step: Step) -> Sequence[Violation]:
    held_on = date.fromisoformat(step.case.data["hearing"]["held_on"])
    if step.today < held_on:
        return [Violation("hearing", "not_yet", f"the hearing is on {held_on}: close it when it has been held")]
    return []


def close_hearing(step: Step) -> Effect:
    record = {"record": step.body["number"], "minutes": step.body["minutes"], "chair": step.actor.name}
    hearing = {**step.case.data["hearing"], **record, "closed_on": step.today.isoformat()}
    return Effect(data={"hearing": hearing}, event={"record": step.body["number"]})


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
    review = {**step.raw, "on": step.today.isoformat()}
    return Effect(data={"review": review}, event={"recommendation": step.body["recommendation"]})


def send_back(step: Step) -> Effect:
    """Not decided on this examination. That is the office's own affair: the time for the decision goes on."""
    sent = {"on": step.today.isoformat(), "reason": step.reason, "by": step.actor.name}
    return Effect(data={"review": None, "sent_back": sent})


def sending_back(to: str, when: Callable[[Step], bool] | None = None) -> Transition:
    """From before the decision back to be examined again; whoever examined the case does not do it."""
    return Transition(
        action="send_back",
        source="reviewed",
        target=to,
        by="staff:decider",
        name=Name("退回重新审查", "Send back to be examined again"),
        when=when,
        effect=send_back,
        emits="application.sent_back",
        distinct_from=EXAMINATION,
        needs_reason=True,
    )


def refuse(step: Step) -> Effect:
    """Reasons and the right to review and suit are part of every refusal."""
    decision = {
        "outcome": "refused",
        "on": step.today.isoformat(),
        "reason": step.reason,
        "norms": step.body["norms"],
        "rights": RIGHTS,
    }
    told = {"reason": step.reason, "norms": step.body["norms"]}
    return Effect(data={"decision": decision, **bars.bar(step)}, event=told)


def keep_delivery(step: Step) -> Effect:
    return Effect(
        data={"delivery": {**step.raw, "on": step.today.isoformat()}}, event={"receipt": step.body["receipt"]}
    )


def time_notice(states: Sequence[str], *, since: Callable[[Case], date]) -> tuple[Transition, ...]:
    """Serving the written time notice while the case is in one of `states`; the step it is about began `since`."""
    return tuple(
        Transition(
            action="serve_time_notice",
            source=state,
            target=state,
            by="staff:examiner",
            name=Name("送达所需时间告知书", "Serve the time notice"),
            body=TimeNotice,
            guard=lambda step: may_serve(step, since(step.case)),
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


def hearing(states: Sequence[str], *, since: Callable[[Case], date]) -> tuple[Transition, ...]:
    """A hearing 听证 of the parties, ordered in one of `states`, to which the case then returns (Art. 46 to 48).

    Whoever examines the case does not preside. What was last done in the case, and its clocks rest on, was done
    `since`.
    """
    return (
        *(
            Transition(
                action="order_hearing",
                source=state,
                target="hearing",
                by="staff:examiner",
                name=Name("决定听证", "Order a hearing"),
                body=HearingNotice,
                guard=lambda step: may_order_hearing(step, since(step.case)),
                effect=order_hearing,
                emits="hearing.ordered",
                needs_reason=True,
            )
            for state in states
        ),
        *(
            Transition(
                action="close_hearing",
                source="hearing",
                target=state,
                by="staff:examiner",
                name=Name("听证结束", "Close the hearing"),
                body=HearingRecord,
                when=_ordered_in(state),
                guard=hearing_was_held,
                effect=close_hearing,
                emits="hearing.closed",
                distinct_from=EXAMINATION,
            )
            for state in states
        ),
    )


def transitions(
    *,
    examined_from: str,
    may_grant: Callable[[Step], Sequence[Violation]],
    grant: Callable[[Step], Effect],
    granted: str,
    granting: type[Schema] = Empty,
    may_refuse: Callable[[Step], Sequence[Violation]] | None,
    effective: str,
    delivered: str,
) -> tuple[Transition, ...]:
    """Examination of the case in state `examined_from`, decision by another person, delivery.

    `granted` and `delivered` are the events of this permit's document, `granting` what is sent to grant it, `effective`
    the state it has once delivered.
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
            distinct_from=("close_hearing",),
        ),
        sending_back(examined_from),
        Transition(
            action="grant",
            source="reviewed",
            target="granted",
            by="staff:decider",
            name=Name("准予许可", "Grant"),
            body=granting,
            guard=may_grant,
            effect=grant,
            emits=granted,
            distinct_from=EXAMINATION,
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
            distinct_from=EXAMINATION,
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
