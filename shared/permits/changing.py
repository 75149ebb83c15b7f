"""What changes in a permit in force while it goes on: who holds it, where that is, and where instruments are made
(Administrative Licensing Law Art. 49), and what was only printed wrong 更正.

The permit keeps its number and its date, and its document gets a new version. The holder reports a change; the office
enters or refuses it. Who holds it is the same organisation throughout: a permit is not transferred (Art. 9). What was
printed wrong is corrected after its end too: it covers what was made before, and anybody reads it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from marshmallow import fields, validates_schema

from shared.casework.facts import Fact, Kept, kept, maybe, one, some
from shared.casework.procedure import ConnectedStep, Effect, Informed, Step, Transition, all_of, first_of
from shared.casework.readers import APPLICANT
from shared.casework.undoing import way_back
from shared.labels import labelled
from shared.law import add_days
from shared.permits.asked import CHANGE_REFUSED, NOTHING, REPORT_WITHDRAWN, Asked
from shared.permits.historic import was_entered
from shared.problems import Violation
from shared.schemas import Day, Strict, several, text
from shared.text import Text
from shared.validators import refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import date

    from shared.casework.cases import Case
    from shared.casework.procedure import Guard

_PARTS = ("name", "address", "places_of_manufacture")


class Particulars(Strict):
    """变更或者更正的事项。 What is other than the document says; what is not named stays."""

    name = text(
        required=False,
        maximum=200,
        metadata=labelled("持证单位名称", "name of the holder", example="长春示例衡器有限公司"),
    )
    address = text(
        required=False,
        maximum=200,
        metadata=labelled("住所", "registered address", example="吉林省长春市示例大街2号"),
    )
    places_of_manufacture = several(
        text(maximum=200),
        maximum=20,
        required=False,
        unique_by=(),
        metadata=labelled("全部生产地址", "all places of manufacture", example=None),
    )

    @validates_schema
    def something_is_said(self, data: Mapping[str, Any], **_kwargs: object) -> None:
        if not any(part in data for part in _PARTS):
            raise refusal("missing", "请写明何处与文书不同", "say what is other than the document says", "name")


class ReportedChange(Particulars):
    """变更报告: since when, and what proves it."""

    on = Day(
        required=True,
        metadata=labelled(
            "变更日期", "day of the change", hint=Text("以营业执照为准", "as the business licence has it")
        ),
    )
    proof = text(
        maximum=200,
        metadata=labelled(
            "证明文件名称和编号", "name and number of what proves it", example="准予变更登记通知书（2014）第3号"
        ),
    )


class Said(Kept, schema=Particulars):
    name: str | None = None
    address: str | None = None
    places_of_manufacture: tuple[str, ...] | None = None


class Reported(Said, schema=ReportedChange):
    """变更报告, as it is kept."""

    on: date
    proof: str
    reported_on: date = kept(fields.Date(), labelled("报告日期", "day of the report"))
    late: bool | None = maybe(
        fields.Boolean(), labelled("逾期报告", "whether it came later than it was to", example=False)
    )

    @property
    def said(self) -> Said:
        return _said(self.stored())


class RefusedChange(Reported):
    """不予变更, as it is kept."""

    refused_on: date = kept(fields.Date(), labelled("决定日期", "day of the refusal"))
    reason: str = kept(fields.String(), labelled("理由", "why", example="证明文件不符"))


class EnteredChange(Kept):
    """变更或者更正记录。 A change that was entered, or an error that was corrected."""

    kind: str = kept(
        fields.String(),
        labelled(
            "种类",
            "kind",
            choices={"changed": Text("变更", "a change"), "corrected": Text("更正", "a correction")},
            example="changed",
        ),
    )
    on: date = kept(fields.Date(), labelled("生效日期", "day from which it holds"))
    entered_on: date = kept(fields.Date(), labelled("办理日期", "day on which it was entered"))
    before: Said = kept(one(Said), labelled("变更前", "what the document said"))
    after: Said = kept(one(Said), labelled("变更后", "what it says since"))
    reported: Reported | None = maybe(one(Reported), labelled("变更报告", "the holder's report", example=None))
    reason: str | None = maybe(fields.String(), labelled("理由", "why", example=None))


REPORTED_CHANGE = Fact(
    "reported_change",
    one(Reported),
    APPLICANT,
    labelled("变更报告", "change that the holder has reported", example=None),
)
REFUSED_CHANGE = Fact(
    "refused_change", one(RefusedChange), APPLICANT, labelled("不予变更", "last change that was refused", example=None)
)
CHANGES = Fact(
    "changes",
    some(EnteredChange),
    APPLICANT,
    labelled("变更和更正", "changes and corrections", hint=Text("按先后", "first to last"), example=None),
)
FACTS: tuple[Fact[Any], ...] = (REPORTED_CHANGE, REFUSED_CHANGE, CHANGES)
"""What a case gathers of changes of its permit."""


def is_reported(case: Case) -> bool:
    return REPORTED_CHANGE in case


def is_not_reported(case: Case) -> bool:
    return not is_reported(case)


def _last_is(kind: str) -> Callable[[Case], bool]:
    def last(case: Case) -> bool:
        changes = case.get(CHANGES)
        return bool(changes and changes[-1].kind == kind) and is_not_reported(case)

    return last


def may_report(step: Step) -> Sequence[Violation]:
    """A change is not reported before it is made."""
    if step.body["on"] <= step.today:
        return []
    reason = Text(f"今天是{step.today}：变更后再报告", f"today is {step.today}: report the change once it is made")
    return [Violation("on", "future", reason)]


def _said(data: Mapping[str, Any]) -> Said:
    """The particulars of what says more than them."""
    return Said(**Said.given(data))


def _stated(content: Mapping[str, Any], named: Said) -> Said:
    """What a document says of the particulars that are `named`."""
    stated = {**content["holder"], "places_of_manufacture": content["places_of_manufacture"]}
    return _said({part: stated[part] for part in named.stored()})


def _unchanged(step: Step, content: Mapping[str, Any]) -> list[Violation]:
    """Nothing is said that the document does not say already."""
    said = _said(step.raw)
    if _stated(content, said) != said:
        return []
    told = Text("与文书所载相同", "this is what the document says")
    return [Violation(next(iter(said.stored())), "unchanged", told)]


def stating(content: Mapping[str, Any], said: Said) -> dict[str, Any]:
    """The document with these particulars in place of its own."""
    new = said.stored()
    places = new.pop("places_of_manufacture", content["places_of_manufacture"])
    return {**content, "holder": {**content["holder"], **new}, "places_of_manufacture": places}


def _unless_entered(guard: Guard) -> Guard:
    """What a historic register left out is an error too."""
    if isinstance(guard, Informed):
        return Informed(guard.read, lambda step, known: [] if was_entered(step.case) else guard.judge(step, known))
    return lambda step: [] if was_entered(step.case) else guard(step)


@dataclass(frozen=True)
class Changing:
    """Changes of a kind of permit: `permit` is the number of one, called as events call it, `live` are the states in
    which it is in force, `ended` those in which it is not any more. `read` gives what its document says now, `write`
    stores that and has the document made again, told why."""

    permit: Fact[str]
    live: Sequence[str]
    ended: Sequence[str]
    read: Callable[[ConnectedStep], Mapping[str, Any]]
    write: Callable[[ConnectedStep, str, Mapping[str, Any]], None]
    barred: Guard = lambda _step: ()
    """What of a change or a correction is none that the office only enters."""
    checked: Guard | None = None
    """What keeps a reported change from being entered."""
    asked: Asked = NOTHING
    """Work that others have about a reported change."""

    def transitions(self) -> list[Transition]:
        changed = [row for state in self.live for row in self._rows(state)]
        return [*changed, *(row for state in (*self.live, *self.ended) for row in self._correcting(state))]

    def _rows(self, state: str) -> Sequence[Transition]:
        here: dict[str, Any] = {"source": state, "target": state}
        return (
            Transition(
                **here,
                action="report_change",
                by="applicant",
                name=Text("报告变更", "Report a change"),
                body=ReportedChange,
                applies=is_not_reported,
                guard=all_of(may_report, first_of(self._changes, self.barred)),
                effect=self._report,
                emits=f"{self.permit.name}.change_reported",
            ),
            *way_back(
                "withdraw_change_report",
                [(state, state)],
                Text("撤回变更报告", "Withdraw the report of a change"),
                emits=f"{self.permit.name}.change_report_withdrawn",
                by="applicant",
                applies=is_reported,
                effect=self._withdraw,
                undoes=("report_change",),
            ),
            Transition(
                **here,
                action="enter_change",
                by="staff:decider",
                name=Text("准予变更", "Enter the change"),
                applies=is_reported,
                guard=self.checked,
                effect=self._enter,
                emits=f"{self.permit.name}.changed",
            ),
            Transition(
                **here,
                action="refuse_change",
                by="staff:decider",
                name=Text("不予变更", "Refuse the change"),
                applies=is_reported,
                effect=self._refuse,
                emits=f"{self.permit.name}.change_refused",
                notice="change_refusal",
                needs_reason=True,
                stands=Text("持证单位可以重新报告变更", "The holder may report the change again"),
            ),
            *self._taking_back(state, "changed", "change", "enter_change"),
        )

    def _correcting(self, state: str) -> Sequence[Transition]:
        return (
            *way_back(
                "correct_document",
                [(state, state)],
                Text("更正证书笔误", "Correct an error in the document"),
                emits=f"{self.permit.name}.corrected",
                by="staff:decider",
                body=Particulars,
                guard=first_of(self._changes, _unless_entered(self.barred)),
                effect=self._correct,
                undoes=("correct_document",),
            ),
            *self._taking_back(state, "corrected", "correction", "correct_document"),
        )

    def _taking_back(self, state: str, kind: str, name: str, undone: str) -> Sequence[Transition]:
        return way_back(
            "take_change_back",
            [(state, state)],
            Text("撤销变更或者更正", "Take a change or a correction back"),
            emits=f"{self.permit.name}.{name}_taken_back",
            by="staff:decider",
            applies=_last_is(kind),
            effect=self._take_back,
            undoes=(undone,),
        )

    @property
    def _changes(self) -> Guard:
        return Informed(self.read, _unchanged)

    def _number(self, step: Step) -> dict[str, str]:
        return {self.permit.name: step.case[self.permit]}

    def _report(self, step: Step) -> Effect:
        """Kept until the office has entered or refused it."""
        duty = step.rules.duty("report_change", step.case.procedure, step.today)
        late = bool(duty and step.today > add_days(step.body["on"], duty.days))
        kept = Reported(**Reported.given(step.raw), reported_on=step.today, late=late or None)
        told = {**self._number(step), **_said(step.raw).stored()}
        return Effect(data=REPORTED_CHANGE.set(kept), event=told)

    def _enter(self, step: ConnectedStep) -> Effect:
        reported = step.case[REPORTED_CHANGE]
        effect = self._changed(step, "changed", reported.on, reported.said, reported=reported)
        return Effect(data={**effect.data, **REPORTED_CHANGE.set(None)}, event=effect.event)

    def _refuse(self, step: Step) -> Effect:
        reported = step.case[REPORTED_CHANGE].stored()
        refused = RefusedChange(**RefusedChange.given(reported), refused_on=step.today, reason=step.why)
        return self._settled(step, CHANGE_REFUSED, REFUSED_CHANGE.set(refused), self._number(step))

    def _withdraw(self, step: Step) -> Effect:
        return self._settled(step, REPORT_WITHDRAWN, {}, {})

    def _settled(self, step: Step, cause: str, kept: Mapping[str, Any], told: Mapping[str, str]) -> Effect:
        """The reported change is not to be entered, nor is what was asked of others for it to be done."""
        left = self.asked.dropped(step, cause)
        data = {**REPORTED_CHANGE.set(None), **kept, **left.data}
        return Effect(data=data, event={**told, "reason": step.reason, **left.event})

    def _correct(self, step: ConnectedStep) -> Effect:
        return self._changed(step, "corrected", step.today, _said(step.raw), reason=step.why)

    def _changed(self, step: ConnectedStep, kind: str, on: date, said: Said, **why: Any) -> Effect:
        content = self.read(step)
        self.write(step, kind, stating(content, said))
        before = _stated(content, said)
        entry = EnteredChange(kind=kind, on=on, entered_on=step.today, before=before, after=said, **why)
        reason = {"reason": entry.reason} if entry.reason else {}
        told = {**self._number(step), **said.stored(), **reason}
        return Effect(data=CHANGES.set((*step.case.get(CHANGES, ()), entry)), event=told)

    def _take_back(self, step: ConnectedStep) -> Effect:
        """The document says what it said before; a change that the holder had reported is to be decided again."""
        *kept, last = step.case[CHANGES]
        self.write(step, "corrected", stating(self.read(step), last.before))
        again = REPORTED_CHANGE.set(last.reported) if last.reported else {}
        told = {**self._number(step), "reason": step.reason}
        return Effect(data=CHANGES.set(tuple(kept) or None) | again, event=told)
