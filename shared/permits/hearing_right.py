"""The right to a hearing 听证权利: told to the parties, and used within five working days (Administrative Licensing Law
Art. 47). What is asked for in time is held before the case is decided."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from shared.casework.procedure import Effect, Informed, Step, Transition
from shared.casework.undoing import gone, way_back
from shared.labels import labelled
from shared.permits.hearing_facts import HEARING, HEARING_REQUEST, HEARING_RIGHT, HearingRequest, HearingRight
from shared.permits.reading import working_days
from shared.permits.serving import Served, misdated, served_on
from shared.problems import Violation
from shared.schemas import Day, Strict, text
from shared.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import date

    from shared.casework.cases import Case
    from shared.casework.procedure import ConnectedStep
    from shared.law import WorkingCalendar

TO_REQUEST = "hearing_request"
"""The limit of the law within which a hearing is asked for."""
TO_HOLD = "hearing"
"""The limit of the law within which a hearing that was asked for is held."""


class ReceivedRequest(Strict):
    """听证申请。 A request for a hearing that reached the office in writing."""

    received_on = Day(
        required=True, metadata=labelled("收到日期", "day on which the office received it", example="2013-09-18")
    )
    party = text(
        required=False,
        maximum=200,
        metadata=labelled(
            "利害关系人",
            "interested party who asks for it",
            hint=Text("不填即为申请人", "the applicant, if not said"),
            example="吉林省某仪表厂",
        ),
    )


def may_ask(case: Case) -> bool:
    """Whether there is a right to a hearing that was neither used nor met."""
    return HEARING_RIGHT in case and HEARING_REQUEST not in case and HEARING not in case


def last_to_ask(step: ConnectedStep) -> date | None:
    """The last day on which a hearing may be asked for; None where nobody has the right, or a hearing was ordered."""
    right = None if HEARING in step.case else step.case.get(HEARING_RIGHT)
    return _after(step, working_days(step), right.on, TO_REQUEST) if right else None


def stands_open(step: Step, until: date | None) -> Sequence[Violation]:
    """Nothing is decided while a hearing may still be asked for, or was asked for and is not held."""
    if until is None:
        return []
    if request := step.case.get(HEARING_REQUEST):
        asked = Text(
            f"已于{request.on}申请听证，举行听证后再作决定（行政许可法第四十七条）",
            f"a hearing was asked for on {request.on}: decide once it is held (Administrative Licensing Law Art. 47)",
        )
        return [Violation("hearing", "not_held", asked)]
    if step.today > until:
        return []
    reason = Text(
        f"在{until}前可以申请听证，此后再作决定（行政许可法第四十七条）",
        f"a hearing may be asked for until {until}: decide after that (Administrative Licensing Law Art. 47)",
    )
    return [Violation("hearing", "may_be_requested", reason)]


SETTLED = Informed(last_to_ask, stands_open)
"""The guard of a decision: no hearing may be asked for any more, and none that was asked for is to be held."""


def last_day(step: Step, calendar: WorkingCalendar) -> date | None:
    """By when the hearing that was asked for is to be held; None if nobody asked."""
    request = step.case.get(HEARING_REQUEST)
    return _after(step, calendar, request.on, TO_HOLD) if request else None


def _after(step: Step, calendar: WorkingCalendar, day: date, limit: str) -> date:
    return calendar.add(day, step.rules.limit(limit, day).budget.amount)


def may_tell(step: Step, since: date) -> Sequence[Violation]:
    found = misdated(step, since)
    if told := step.case.get(HEARING_RIGHT):
        reason = Text(f"已于{told.on}告知：{told.number}", f"told on {told.on}: {told.number}")
        found.append(Violation("hearing_right", "served_already", reason))
    return found


def tell(step: Step) -> Effect:
    on = served_on(step)
    right = HearingRight(**HearingRight.given(step.raw), number=step.notice, on=on)
    return Effect(data=HEARING_RIGHT.set(right), event={"on": on.isoformat(), "notice": right.number})


def may_request(step: Step, until: date | None) -> Sequence[Violation]:
    return _in_time(step, until, step.today, None)


def may_register(step: Step, until: date | None) -> Sequence[Violation]:
    """Received on a day since the right was told, and not later than today."""
    received, told = step.body["received_on"], step.case[HEARING_RIGHT]
    if received > step.today:
        return [Violation("received_on", "future", Text(f"今天是{step.today}", f"today is {step.today}"))]
    if received < told.on:
        early = Text(f"听证权利于{told.on}才告知", f"the right to a hearing was told on {told.on}")
        return [Violation("received_on", "before_step", early)]
    return _in_time(step, until, received, "received_on")


def _in_time(step: Step, until: date | None, day: date, where: str | None) -> Sequence[Violation]:
    if until is None or day <= until:
        return []
    told = step.case[HEARING_RIGHT]
    reason = Text(
        f"于{told.on}告知听证权利，申请听证的期限于{until}届满（行政许可法第四十七条）",
        f"told of the right on {told.on}, a party could ask for a hearing until {until} (Administrative Licensing Law"
        " Art. 47)",
    )
    return [Violation(where or "hearing", "too_late", reason)]


def request(step: Step) -> Effect:
    return _asked(HearingRequest(on=step.today, asked_by="applicant", reason=step.why))


def register(step: Step) -> Effect:
    """It was asked for on the day on which the office received it, whenever that is registered."""
    party = step.body.get("party")
    asked_by = "interested_party" if party else "applicant"
    return _asked(HearingRequest(on=step.body["received_on"], asked_by=asked_by, party=party, reason=step.why))


def _asked(asked: HearingRequest) -> Effect:
    return Effect(
        data=HEARING_REQUEST.set(asked),
        event={"on": asked.on.isoformat(), "asked_by": asked.asked_by, "reason": asked.reason},
    )


def was_requested(case: Case) -> bool:
    """Whether a hearing was asked for that was not held."""
    hearing = case.get(HEARING)
    return HEARING_REQUEST in case and (hearing is None or hearing.closed_on is None)


def was_requested_by_applicant(case: Case) -> bool:
    return was_requested(case) and case[HEARING_REQUEST].asked_by == "applicant"


def transitions(states: Sequence[str], *, since: Callable[[Case], date]) -> list[Transition]:
    """Telling of the right, and asking for a hearing, in one of `states`; see `shared.permits.hearing`."""
    here = [(state, state) for state in states]
    at_any_time = [*here, ("hearing", "hearing")]
    withdrawing: dict[str, Any] = {"emits": "hearing.request_withdrawn", "effect": gone(HEARING_REQUEST)}
    return [
        *(
            row
            for state in states
            for row in (
                Transition(
                    action="tell_hearing_right",
                    source=state,
                    target=state,
                    by="staff:examiner",
                    name=Text("告知听证权利", "Tell the parties of their right to a hearing"),
                    body=Served,
                    applies=lambda case: HEARING not in case,
                    guard=lambda step: may_tell(step, since(step.case)),
                    effect=tell,
                    emits="hearing.right_told",
                    notice="hearing_right",
                ),
                Transition(
                    action="request_hearing",
                    source=state,
                    target=state,
                    by="applicant",
                    name=Text("申请听证", "Ask for a hearing"),
                    applies=may_ask,
                    guard=Informed(last_to_ask, may_request),
                    effect=request,
                    emits="hearing.requested",
                    needs_reason=True,
                ),
                Transition(
                    action="register_hearing_request",
                    source=state,
                    target=state,
                    by="staff:examiner",
                    name=Text("登记听证申请", "Register a request for a hearing"),
                    body=ReceivedRequest,
                    applies=may_ask,
                    guard=Informed(last_to_ask, may_register),
                    effect=register,
                    emits="hearing.requested",
                    needs_reason=True,
                ),
            )
        ),
        *way_back(
            "withdraw_hearing_right",
            here,
            Text("撤回听证权利告知", "Withdraw the notice of the right to a hearing"),
            emits="hearing.right_withdrawn",
            by="staff:examiner",
            applies=may_ask,
            effect=gone(HEARING_RIGHT),
            undoes=("tell_hearing_right",),
        ),
        *way_back(
            "withdraw_hearing_request",
            at_any_time,
            Text("撤回听证申请", "Withdraw the request for a hearing"),
            by="applicant",
            applies=was_requested_by_applicant,
            undoes=("request_hearing",),
            **withdrawing,
        ),
        *way_back(
            "cancel_hearing_request",
            at_any_time,
            Text("登记撤回听证申请", "Register that a request for a hearing was withdrawn"),
            by="staff:examiner",
            applies=was_requested,
            undoes=("register_hearing_request",),
            **withdrawing,
        ),
    ]
