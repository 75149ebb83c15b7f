"""A hearing 听证 of the parties before the decision, the same law for all permits."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from shared.calendars import current
from shared.casework.procedure import Effect, Name, Step, Transition
from shared.casework.undoing import gone, way_back
from shared.permits.decision import EXAMINATION
from shared.permits.serving import Served, misdated, served_on
from shared.problems import Text, Violation
from shared.schemas import Day, Strict, choice, text

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from shared.casework.cases import Case

HEARING_NOTICE_DAYS = 7
"""Working days between the notice of a hearing and the hearing (Art. 48 and 82)."""


class HearingNotice(Served):
    """听证通知书: when and where (Art. 48)."""

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


def is_held(case: Case) -> bool:
    """Whether a hearing was held and closed."""
    return "closed_on" in case.data.get("hearing", {})


def may_order_hearing(step: Step, since: date) -> Sequence[Violation]:
    if "hearing" in step.case.data:
        number = step.case.data["hearing"]["number"]
        return [Violation("hearing", "held_already", Text(f"已举行过听证：{number}", f"a hearing was held: {number}"))]
    return may_be_held(step, since)


def may_be_held(step: Step, since: date) -> Sequence[Violation]:
    """Seven working days after its notice at the earliest."""
    found = misdated(step, since)
    earliest = current(step.tx).newest.add(served_on(step), HEARING_NOTICE_DAYS)
    if step.body["held_on"] < earliest:
        reason = Text(
            f"通知于{served_on(step)}送达，听证最早可于{earliest}举行（行政许可法第四十八条）",
            f"served on {served_on(step)}, the notice lets the hearing be held on {earliest} at the earliest"
            " (Administrative Licensing Law Art. 48)",
        )
        found.append(Violation("held_on", "too_soon", reason))
    return found


def order_hearing(step: Step) -> Effect:
    on = served_on(step).isoformat()
    told = {name: step.raw[name] for name in ("held_on", "place")}
    return Effect(
        data={
            "hearing": {
                **step.raw,
                "number": step.notice,
                "on": on,
                "from": step.case.state,
                "reason": step.reason,
            }
        },
        event={"on": on, "notice": step.notice, "reason": step.reason, **told},
    )


def correct_hearing(step: Step) -> Effect:
    """Another notice; the days since the first one stay uncounted."""
    ordered = step.case.data["hearing"]
    told = {name: step.raw[name] for name in ("held_on", "place")}
    kept = {name: ordered[name] for name in ("on", "from", "reason")}
    hearing = {**step.raw, "number": step.notice, **kept}
    return Effect(data={"hearing": hearing}, event={"notice": step.notice, "reason": step.reason, **told})


def correct_minutes(step: Step) -> Effect:
    record = {"record": step.body["number"], "minutes": step.body["minutes"]}
    told = {"record": step.body["number"], "reason": step.reason}
    return Effect(data={"hearing": {**step.case.data["hearing"], **record}}, event=told)


def _ordered_in(state: str) -> Callable[[Step], bool]:
    return lambda step: step.case.data["hearing"]["from"] == state


def hearing_was_held(step: Step) -> Sequence[Violation]:
    held_on = date.fromisoformat(step.case.data["hearing"]["held_on"])
    if step.today < held_on:
        reason = Text(
            f"听证定于{held_on}，举行后再结束", f"the hearing is on {held_on}: close it when it has been held"
        )
        return [Violation("hearing", "not_yet", reason)]
    return []


def close_hearing(step: Step) -> Effect:
    record = {"record": step.body["number"], "minutes": step.body["minutes"], "chair": step.actor.name}
    hearing = {**step.case.data["hearing"], **record, "closed_on": step.today.isoformat()}
    return Effect(data={"hearing": hearing}, event={"record": step.body["number"]})


def transitions(states: Sequence[str], *, since: Callable[[Case], date]) -> tuple[Transition, ...]:
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
                notice="hearing_notice",
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
        *way_back(
            "correct_hearing",
            [("hearing", "hearing")],
            Name("更正听证通知", "Correct the notice of the hearing"),
            emits="hearing.corrected",
            by="staff:examiner",
            body=HearingNotice,
            guard=lambda step: may_be_held(step, since(step.case)),
            effect=correct_hearing,
            notice="hearing_notice",
            undoes=("order_hearing", "correct_hearing"),
        ),
        *(
            row
            for state in states
            for row in way_back(
                "cancel_hearing",
                [("hearing", state)],
                Name("取消听证", "Cancel the hearing"),
                emits="hearing.cancelled",
                by="staff:examiner",
                when=_ordered_in(state),
                effect=gone("hearing"),
                undoes=("order_hearing", "correct_hearing"),
            )
        ),
        *way_back(
            "correct_minutes",
            [(state, state) for state in states],
            Name("更正听证笔录", "Correct the record of the hearing"),
            emits="hearing.record_corrected",
            by="staff:examiner",
            body=HearingRecord,
            applies=is_held,
            effect=correct_minutes,
            distinct_from=EXAMINATION,
            undoes=("close_hearing", "correct_minutes"),
        ),
    )
