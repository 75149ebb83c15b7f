"""移送 An accepted application of which another office of the province decides is handed over to it.

What was applied for at the wrong office is referred while it is examined (Administrative Licensing Law Art. 32(2)).
Once it is accepted, by silence too, nobody is sent away any more: the case itself goes, with its number and its clocks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from marshmallow import fields

from services.licensing.intake import acts
from services.licensing.intake.rules import licence_named
from shared.casework import Case, ConnectedStep, Effect, Informed, Step, Transition
from shared.casework.facts import ASSIGNEE, Fact, Kept, kept, one
from shared.casework.readers import APPLICANT
from shared.casework.undoing import way_back
from shared.labels import labelled
from shared.permits.intake import may_refer, office_of_province
from shared.problems import Violation
from shared.schemas import Strict
from shared.text import Text

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date


class Transfer(Strict):
    """移送。 The office that the case is handed over to."""

    office = office_of_province(required=True)


class Transferred(Kept):
    """移送。 From which office to which the case was handed over, when and why."""

    office: str = kept(fields.String(), labelled("移送机关", "id of the office that it came from", example="changchun"))
    by: str = kept(fields.String(), labelled("移送机关名称", "its name", example="长春市质量技术监督局"))
    to: str = kept(
        fields.String(), labelled("接收机关名称", "name of the office it went to", example="德惠市质量技术监督局")
    )
    on: date = kept(fields.Date(), labelled("移送日期", "day"))
    reason: str = kept(fields.String(), labelled("理由", "why", example="生产地址属德惠市"))


TRANSFERRED = Fact("transferred", one(Transferred), APPLICANT, labelled("移送", "last handing over", example=None))
_TOLD = "application.transferred"


def _was_transferred(case: Case) -> bool:
    return TRANSFERRED in case


def _right(step: ConnectedStep) -> str:
    """The office that decides: of a licence that goes on, the one that granted it (Art. 49 and 50), else whichever the
    case is handed over to."""
    office: str = acts.office(step) if licence_named(step.case.form) else step.body["office"]
    return office


def _may_transfer(step: Step, right: str) -> Sequence[Violation]:
    """Another office, and the one that decides."""
    found = may_refer(step)
    if not found and right != step.body["office"]:
        named = step.rules.authority(step.today, right)
        told = Text(f"许可证由{named.name.zh}颁发，由其办理", f"{named.name.en} granted the licence, and decides this")
        found.append(Violation("office", "another_office", told))
    return found


def _transfer(step: Step) -> Effect:
    return _to(step, step.body["office"])


def _return(step: Step) -> Effect:
    return _to(step, step.case[TRANSFERRED].office)


def _to(step: Step, office: str) -> Effect:
    """The effect of a transfer. The case has no assignee any more: that was somebody of the previous office."""
    to, by = (step.rules.authority(step.today, one).name.zh for one in (office, step.case.office))
    said = Transferred(office=step.case.office, by=by, to=to, on=step.today, reason=step.why)
    told = {"office": office, "referred_to": to, "by": by, "reason": step.reason}
    return Effect(data=TRANSFERRED.set(said) | ASSIGNEE.set(None), event=told, office=office)


TRANSITIONS = (
    Transition(
        action="transfer",
        source="accepted",
        target="accepted",
        by="staff:decider",
        name=Text("移送有权机关", "Hand over to the competent office"),
        body=Transfer,
        guard=Informed(_right, _may_transfer),
        effect=_transfer,
        emits=_TOLD,
        needs_reason=True,
        notice="transfer",
    ),
    *way_back(
        "return_transfer",
        [("accepted", "accepted")],
        Text("退回移送", "Hand back to the office before"),
        emits=_TOLD,
        by="staff:decider",
        applies=_was_transferred,
        effect=_return,
        notice="transfer",
        undoes=("transfer", "return_transfer"),
    ),
)
