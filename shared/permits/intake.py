"""Intake 受理, the same law for all permits (Administrative Licensing Law Art. 32)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

from marshmallow import fields, validates_schema

from shared.casework.cases import DISCARDED
from shared.casework.facts import FORM
from shared.casework.procedure import Effect, Informed, Step, Transition
from shared.casework.undoing import OWN_ACT, gone, way_back
from shared.labels import labelled
from shared.law import due, load
from shared.permits import ending
from shared.permits.facts import (
    ACCEPTED,
    END,
    EXTENSION,
    REFERRED_TO,
    SUPPLEMENT_NOTICE,
    SUPPLEMENTED_ON,
    TIME_NOTICE,
    Acceptance,
    CaseEnd,
    SupplementNotice,
    SupplementTold,
)
from shared.permits.milestones import arrived_on, is_deemed_accepted
from shared.permits.reading import working_days
from shared.permits.serving import misdated, served_on
from shared.problems import Violation
from shared.schemas import Day, Strict, choice, text
from shared.text import Text
from shared.validators import refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from shared.casework.cases import Case
    from shared.casework.procedure import ConnectedStep, Guard
    from shared.law import WorkingCalendar

STATES = {
    "draft": Text("草稿", "draft"),
    DISCARDED: Text("已作废的草稿", "discarded draft"),
    "received": Text("已收件", "received"),
    "supplement": Text("待补正", "to be supplemented"),
    "accepted": Text("已受理", "accepted"),
    "withdrawn": Text("申请人撤回", "withdrawn by the applicant"),
    "not_required": Text("不受理（不需许可）", "no permit required"),
    "not_accepted": Text("不予受理（非本机关职权）", "not accepted: another authority decides"),
}


NOT_REQUIRED = "NOT_REQUIRED"
"""The ground of an end: the law asks for no such permit (Art. 32(1))."""


class WithForm(Strict):
    """申请书。 The application form: as far as it is written in a draft, whole in a supplement."""

    form = fields.Dict(required=True)


def office_of_province(*, required: bool) -> fields.String:
    """The field that names an office of the province."""
    offices = load().offices(date.max)
    label = labelled(
        "本省有权机关",
        "the office of the province that is competent",
        choices={office: row.name for office, row in offices.items()},
        example="changchun" if required else None,
    )
    return choice(*offices, required=required, metadata=label)


class Referral(Strict):
    """不属于本机关职权范围。 The matter is another authority's: one of the province's offices, or one elsewhere by its
    name."""

    office = office_of_province(required=False)
    referred_to = text(
        required=False,
        maximum=200,
        metadata=labelled("其他有权机关", "name of another authority to apply to", example="国家市场监督管理总局"),
    )

    @validates_schema(skip_on_field_errors=True)
    def names_one(self, data: Mapping[str, Any], **_kwargs: object) -> None:
        if ("office" in data) == ("referred_to" in data):
            raise refusal(
                "missing", "请写明一个有权机关", "name one authority to apply to, of the province or another", "office"
            )


class Silence(Strict):
    """A limit that began on `started_on` and ran out at the end of `due_on` without an act, and what the law makes of
    it."""

    limit = text(maximum=60)
    started_on = Day(required=True)
    due_on = Day(required=True)
    basis = text(maximum=500)


def was_never_submitted(case: Case) -> bool:
    return case.number is None


def was_submitted(case: Case) -> bool:
    return case.number is not None


def was_accepted(case: Case) -> bool:
    """Whether the office accepted it, and not the law."""
    return not is_deemed_accepted(case)


def accept(step: Step) -> Effect:
    return Effect(data=ACCEPTED.set(Acceptance(on=step.today, deemed=False)))


def silent_on_receipt(step: Step) -> Sequence[Violation]:
    """The limit is that of the materials now examined, and no supplement notice was served within it (Art. 32(4)).

    There is one notice at most: once it has been answered, it says nothing of the supplement.
    """
    found = []
    if step.body["started_on"] != (arrived := arrived_on(step.case)):
        reason = Text(f"正在审查的材料是{arrived}收到的", f"what is being examined arrived on {arrived}")
        found.append(Violation("started_on", "another_receipt", reason))
    if step.case.state == "supplement" and step.case[SUPPLEMENT_NOTICE].on <= step.body["due_on"]:
        reason = Text("补正告知已在期限内送达", "the supplement notice was served within the limit")
        found.append(Violation("due_on", "told_in_time", reason))
    return found


def deem_accepted(step: Step) -> Effect:
    """Art. 32(4): who is not told in time what is missing is accepted from the day the materials were received."""
    accepted = Acceptance(on=step.body["started_on"], deemed=True, due_on=step.body["due_on"])
    return Effect(data=ACCEPTED.set(accepted), event={"on": step.raw["started_on"], "deemed": True})


def supplement_told_once(step: Step) -> Sequence[Violation]:
    """Art. 32(4): all that is to be supplemented is told at one time; a second notice would break Art. 72(4)."""
    found = misdated(step, arrived_on(step.case))
    if SUPPLEMENT_NOTICE in step.case:
        reason = Text(
            "已经作出过补正告知：需要补正的全部内容应当一次告知（行政许可法第三十二条第（四）项）",
            "a supplement notice was given already: all that was missing had to be told in it (Administrative"
            " Licensing Law Art. 32(4))",
        )
        found.append(Violation("items", "told_once", reason))
    return found


def may_revoke_acceptance(step: Step, calendar: WorkingCalendar) -> Sequence[Violation]:
    """Only while the limit of intake lasts: after that the law itself has accepted the application (Art. 32(4))."""
    arrived = arrived_on(step.case)
    limit = step.rules.limit("intake", arrived).budget
    last = due(arrived, limit, calendar).on
    if step.today > last:
        reason = Text(
            f"受理审查期限已于{last}届满，依法即为受理；可作出不予许可决定或者依法终止",
            f"the limit of intake ended on {last}: the application is accepted by law; refuse it, or terminate",
        )
        return [Violation("accepted", "too_late", reason)]
    return []


def told_in_time_after_all(step: Step) -> Sequence[Violation]:
    """The notice had been served within the limit when the case was deemed accepted: it only was not registered."""
    found = list(supplement_told_once(step))
    due_on = step.case[ACCEPTED].due_on
    if due_on is not None and (day := served_on(step)) > due_on:
        reason = Text(
            f"期限于{due_on}届满，告知于{day}送达：该申请依法即为受理",
            f"the limit ended on {due_on}, the notice was served on {day}: the application is accepted by law",
        )
        found.append(Violation("served_on", "too_late", reason))
    return found


def take_acceptance_back(step: Step) -> Effect:
    kept = keep_supplement_notice(step)
    return replace(kept, data={**kept.data, **ACCEPTED.set(None), **EXTENSION.set(None), **TIME_NOTICE.set(None)})


def keep_supplement_notice(step: Step) -> Effect:
    told = SupplementTold(**SupplementTold.given(step.raw), on=served_on(step))
    return Effect(data=SUPPLEMENT_NOTICE.set(told), event={"on": told.on.isoformat(), "items": step.raw["items"]})


def end_without_need(step: Step) -> Effect:
    return Effect(
        data=END.set(CaseEnd(ground=NOT_REQUIRED, on=step.today, reason=step.reason)), event={"reason": step.reason}
    )


def may_refer(step: Step) -> list[Violation]:
    """Nobody is referred to where they have applied."""
    if step.body.get("office") != step.case.office:
        return []
    own = step.rules.authority(step.today, step.case.office).name
    return [Violation("office", "own_office", Text(f"本案即由{own.zh}受理", f"{own.en} is where it was applied for"))]


def refer(step: Step) -> Effect:
    """Art. 32(2): who is not competent names the authority that is."""
    office = step.body.get("office")
    named = step.rules.authority(step.today, office).name.zh if office else step.body["referred_to"]
    return Effect(data=REFERRED_TO.set(named), event={"referred_to": named})


def keep_form(step: Step) -> Effect:
    return Effect(data=FORM.set(step.body["form"]))


def _arrived(step: Step, effect: Effect) -> Effect:
    return replace(effect, data={**effect.data, **SUPPLEMENTED_ON.set(step.today)})


def transitions(
    *,
    may_supplement: Guard,
    supplement: Callable[[ConnectedStep], Effect],
    withdrawable: Sequence[str],
    may_take_up: Guard | None,
) -> tuple[Transition, ...]:
    """The draft, intake after receipt, and withdrawal by the applicant in the states `withdrawable`."""
    return (
        Transition(
            action="edit",
            source="draft",
            target="draft",
            by="applicant",
            name=Text("修改草稿", "Edit the draft"),
            body=WithForm,
            effect=keep_form,
            undoes=("edit",),
        ),
        Transition(
            action="discard",
            source="draft",
            target=DISCARDED,
            by="applicant",
            name=Text("作废草稿", "Discard the draft"),
            # What was submitted before, and returned, is withdrawn.
            applies=was_never_submitted,
        ),
        Transition(
            action="restore_draft",
            source=DISCARDED,
            target="draft",
            by="applicant",
            name=Text("恢复草稿", "Restore the draft"),
            undoes=("discard",),
        ),
        *way_back(
            "correct",
            [("received", "received")],
            Text("更正申请材料", "Correct the application"),
            emits="application.corrected",
            by="applicant",
            body=WithForm,
            guard=may_supplement,
            effect=supplement,
            undoes=("submit", "supplement", "correct"),
        ),
        *way_back(
            "revoke_acceptance",
            [("accepted", "received")],
            Text("撤销受理", "Revoke the acceptance"),
            emits="application.acceptance_revoked",
            by="staff:intake",
            applies=was_accepted,
            guard=Informed(working_days, may_revoke_acceptance),
            # What was told of the time needed was told of a clock that never ran.
            effect=gone(ACCEPTED, EXTENSION, TIME_NOTICE),
            undoes=("accept",),
        ),
        *way_back(
            "withdraw_supplement_notice",
            [("supplement", "received")],
            Text("撤回补正告知", "Withdraw the supplement notice"),
            emits="application.supplement_withdrawn",
            by="staff:intake",
            effect=gone(SUPPLEMENT_NOTICE),
            undoes=("request_supplement",),
        ),
        *ending.reopening("not_required", ("received",), may_take_up),
        *ending.reopening("not_accepted", ("received",), may_take_up),
        Transition(
            action="accept",
            source="received",
            target="accepted",
            by="staff:intake",
            name=Text("受理", "Accept"),
            effect=accept,
            emits="application.accepted",
            notice="acceptance",
        ),
        *(
            Transition(
                action="deem_accept",
                source=state,
                target="accepted",
                by="system",
                name=Text("逾期未告知，视为受理", "Deemed accepted"),
                body=Silence,
                guard=silent_on_receipt,
                effect=deem_accepted,
                emits="application.accepted",
                notice="deemed_acceptance",
            )
            for state in ("received", "supplement")
        ),
        Transition(
            action="request_supplement",
            source="received",
            target="supplement",
            by="staff:intake",
            name=Text("一次告知补正", "Request supplements"),
            body=SupplementNotice,
            guard=supplement_told_once,
            effect=keep_supplement_notice,
            emits="application.supplement_requested",
            notice="supplement_notice",
        ),
        Transition(
            action="request_supplement",
            source="accepted",
            target="supplement",
            by="staff:intake",
            name=Text("补登一次告知", "Register a supplement notice served in time"),
            body=SupplementNotice,
            applies=is_deemed_accepted,
            guard=told_in_time_after_all,
            effect=take_acceptance_back,
            emits="application.supplement_requested",
            notice="supplement_notice",
            undoes=("deem_accept",),
        ),
        Transition(
            action="supplement",
            source="supplement",
            target="received",
            by="applicant",
            name=Text("补正", "Supplement"),
            body=WithForm,
            guard=may_supplement,
            effect=lambda step: _arrived(step, supplement(step)),
            emits="application.supplemented",
            notice="supplement_receipt",
        ),
        Transition(
            action="not_required",
            source="received",
            target="not_required",
            by="staff:intake",
            name=Text("不受理（不需许可）", "No permit required"),
            needs_reason=True,
            effect=end_without_need,
            emits="application.not_required",
            notice="not_required",
        ),
        Transition(
            action="not_accept",
            source="received",
            target="not_accepted",
            by="staff:intake",
            name=Text("不予受理（非本机关职权）", "Refer to another authority"),
            body=Referral,
            guard=may_refer,
            effect=refer,
            emits="application.not_accepted",
            notice="not_accepted",
        ),
        *(
            Transition(
                action="withdraw",
                source=state,
                target="withdrawn",
                by="applicant",
                name=Text("撤回申请", "Withdraw"),
                applies=was_submitted if state == "draft" else None,
                effect=lambda step: Effect(event=ending.team_of(step)),
                emits="application.withdrawn",
                undoes=("submit", "supplement", "correct"),
                stands=OWN_ACT,
            )
            for state in withdrawable
        ),
    )
