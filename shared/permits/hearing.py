"""A hearing 听证 of the parties before the decision, the same law for all permits."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from shared.casework.procedure import Effect, Informed, Step, Transition
from shared.casework.undoing import gone, way_back
from shared.labels import labelled
from shared.permits import hearing_right
from shared.permits.decision import EXAMINATION
from shared.permits.hearing_facts import HEARING, HEARING_REQUEST, Hearing, HearingNotice
from shared.permits.reading import working_days
from shared.permits.serving import misdated, served_on
from shared.problems import Violation
from shared.schemas import Strict, text
from shared.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import date

    from shared.casework.cases import Case
    from shared.law import WorkingCalendar

HEARING_NOTICE_DAYS = 7
"""Working days between the notice of a hearing and the hearing (Art. 48 and 82)."""


class HearingRecord(Strict):
    """听证笔录, which the decision rests on; who closes the hearing has presided over it."""

    number = text(maximum=60, metadata=labelled("笔录编号", "number of the record", example="笔录1号"))
    minutes = text(metadata=labelled("笔录", "what was said", example="双方陈述了意见"))


def is_held(case: Case) -> bool:
    """Whether a hearing was held and closed."""
    hearing = case.get(HEARING)
    return hearing is not None and hearing.closed_on is not None


def may_order_hearing(step: Step, since: date, calendar: WorkingCalendar) -> Sequence[Violation]:
    if hearing := step.case.get(HEARING):
        held = Text(f"已举行过听证：{hearing.number}", f"a hearing was held: {hearing.number}")
        return [Violation("hearing", "held_already", held)]
    return may_be_held(step, since, calendar)


def may_be_held(step: Step, since: date, calendar: WorkingCalendar) -> Sequence[Violation]:
    """Seven working days after its notice at the earliest. One that was asked for, within the time of the law; once
    that can no longer be met, on the earliest day."""
    found = misdated(step, since)
    earliest = calendar.add(served_on(step), HEARING_NOTICE_DAYS)
    if step.body["held_on"] < earliest:
        reason = Text(
            f"通知于{served_on(step)}送达，听证最早可于{earliest}举行（行政许可法第四十八条）",
            f"served on {served_on(step)}, the notice lets the hearing be held on {earliest} at the earliest"
            " (Administrative Licensing Law Art. 48)",
        )
        found.append(Violation("held_on", "too_soon", reason))
    last = hearing_right.last_day(step, calendar)
    if last and step.body["held_on"] > max(last, earliest):
        reason = Text(
            f"应申请举行的听证最迟于{max(last, earliest)}举行（行政许可法第四十七条）",
            f"it was asked for: hold it on {max(last, earliest)} at the latest (Administrative Licensing Law Art. 47)",
        )
        found.append(Violation("held_on", "too_late", reason))
    return found


def order_hearing(step: Step) -> Effect:
    request = step.case.get(HEARING_REQUEST)
    hearing = Hearing(
        **Hearing.given(step.raw),
        asked_by=request.asked_by if request else "authority",
        number=step.notice,
        on=served_on(step),
        from_=step.case.state,
        reason=step.why,
    )
    return Effect(data=HEARING.set(hearing), event={"on": hearing.on.isoformat(), **_told(step)})


def _told(step: Step) -> dict[str, Any]:
    when = {name: step.raw[name] for name in ("held_on", "place")}
    return {"notice": step.notice, "reason": step.reason, **when}


def correct_hearing(step: Step) -> Effect:
    """Another notice; the days since the first one stay uncounted."""
    ordered = step.case[HEARING]
    kept: dict[str, Any] = {"on": ordered.on, "from_": ordered.from_, "reason": ordered.reason}
    kept["asked_by"] = ordered.asked_by
    hearing = Hearing(**Hearing.given(step.raw), number=step.notice, **kept)
    return Effect(data=HEARING.set(hearing), event=_told(step))


def correct_minutes(step: Step) -> Effect:
    hearing = replace(step.case[HEARING], record=step.body["number"], minutes=step.body["minutes"])
    return Effect(data=HEARING.set(hearing), event={"record": hearing.record, "reason": step.reason})


def _ordered_in(state: str) -> Callable[[Step], bool]:
    return lambda step: step.case[HEARING].from_ == state


def hearing_was_held(step: Step) -> Sequence[Violation]:
    held_on = step.case[HEARING].held_on
    if step.today < held_on:
        reason = Text(
            f"听证定于{held_on}，举行后再结束", f"the hearing is on {held_on}: close it when it has been held"
        )
        return [Violation("hearing", "not_yet", reason)]
    return []


def close_hearing(step: Step) -> Effect:
    record, minutes = step.body["number"], step.body["minutes"]
    held = replace(step.case[HEARING], record=record, minutes=minutes, chair=step.actor.name, closed_on=step.today)
    return Effect(data=HEARING.set(held), event={"record": record})


def transitions(states: Sequence[str], *, since: Callable[[Case], date]) -> tuple[Transition, ...]:
    """A hearing 听证 of the parties, ordered in one of `states`, to which the case then returns (Art. 46 to 48), on the
    office's own motion or because a party asked for it.

    Whoever examines the case does not preside. What was last done in the case, and its clocks rest on, was done
    `since`.
    """
    return (
        *hearing_right.transitions(states, since=since),
        *(
            Transition(
                action="order_hearing",
                source=state,
                target="hearing",
                by="staff:examiner",
                name=Text("决定听证", "Order a hearing"),
                body=HearingNotice,
                guard=Informed(
                    working_days, lambda step, calendar: may_order_hearing(step, since(step.case), calendar)
                ),
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
                name=Text("听证结束", "Close the hearing"),
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
            Text("更正听证通知", "Correct the notice of the hearing"),
            emits="hearing.corrected",
            by="staff:examiner",
            body=HearingNotice,
            guard=Informed(working_days, lambda step, calendar: may_be_held(step, since(step.case), calendar)),
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
                Text("取消听证", "Cancel the hearing"),
                emits="hearing.cancelled",
                by="staff:examiner",
                when=_ordered_in(state),
                effect=gone(HEARING),
                undoes=("order_hearing", "correct_hearing"),
            )
        ),
        *way_back(
            "correct_minutes",
            [(state, state) for state in states],
            Text("更正听证笔录", "Correct the record of the hearing"),
            emits="hearing.record_corrected",
            by="staff:examiner",
            body=HearingRecord,
            applies=is_held,
            effect=correct_minutes,
            distinct_from=EXAMINATION,
            undoes=("close_hearing", "correct_minutes"),
        ),
    )
