"""Which laboratory does what is asked about a certificate in force: the one that evaluated the type, unless the office
names another, because that one is authorised no more, has an interest or no capacity, or none evaluated the type here.

The one that was named sees the case from then on, and the documents of the applicant while something is asked of it.
Only the laboratory that said something takes it back. It sees the case after the certificate has ended too, so the
naming is taken back then as well; what the end took off and a restored certificate asks for anew goes to the laboratory
that evaluated.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from services.type_approval.certificate import site_check, standing
from services.type_approval.certificate.facts import CERTIFICATE
from services.type_approval.evaluation.attached import CONFORMITY, CUSTODY, RAW
from services.type_approval.registers import steps
from services.type_approval.states import LIVE
from shared.casework.facts import CHECKER, Checker, Named
from shared.casework.procedure import Effect, Informed, Transition
from shared.casework.undoing import way_back
from shared.identity.uscc import party, written
from shared.problems import Violation
from shared.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from shared.casework import Case, ConnectedStep, Step
    from shared.identity import Actor


def may_be_withdrawn(case: Case) -> bool:
    """Whether a laboratory was named, and nothing is asked of it: open work is first withdrawn or given to another."""
    return CHECKER in case and not _is_asked(case)


def _is_asked(case: Case) -> bool:
    """Once the certificate has ended, nothing is, though a change that was declared stays declared."""
    return case.state in LIVE and (site_check.is_under_way(case) or standing.is_for_laboratory(case))


def reads(case: Case, actor: Actor, kind: str) -> bool:
    """Whether documents of that kind concern a laboratory: all concern the one that evaluated."""
    if not case.is_named(actor) or kind == CONFORMITY:
        return True
    return _is_asked(case) and kind not in {CUSTODY, RAW}


def may_name(step: Step, asked: steps.Asked) -> Sequence[Violation]:
    """Another than the one that is asked now, which may evaluate the instrument today and has no interest. A check that
    is under way is withdrawn first: what is to be checked is told anew."""
    lab, case = step.body["lab"], step.case
    if site_check.is_under_way(case):
        told = Text(
            "符合性检查尚未完成：先撤回检查，指定后再次要求",
            "a conformity check is under way: withdraw it, name the laboratory, then ask again",
        )
        return [Violation("lab", "check_under_way", told)]
    if case.checker and party(case.checker) == party(lab):
        told = Text("现在即由该技术机构办理", "this laboratory is the one that is asked now")
        return [Violation("lab", "unchanged", told)]
    return steps.wrong_laboratory(step, asked)


def name(step: ConnectedStep) -> Effect:
    """The one that evaluated the type needs no naming: with it, the case is as before."""
    lab, known = written(step.body["lab"]), steps.laboratory(step)
    called = known.content["name"] if known else lab
    back = step.case.lab is not None and party(step.case.lab) == party(lab)
    kept = None if back else Checker(lab=lab, lab_name=called, reason=step.why, on=step.today)
    told = {**_told(step), "lab_name": called, "checker": "" if back else lab}
    return Effect(data=CHECKER.set(kept), event=told)


def withdraw(step: Step) -> Effect:
    return Effect(data=CHECKER.set(None), event={**_told(step), "checker": ""})


def _told(step: Step) -> dict[str, Any]:
    """`former` is the laboratory that was named until now, if one was."""
    had = step.case.get(CHECKER)
    return {
        "certificate": step.case[CERTIFICATE],
        "reason": step.reason,
        **({"former": had.lab} if had else {}),
    }


def transitions(live: Sequence[str], ended: Iterable[str]) -> list[Transition]:
    """The rows for the states in which a certificate is in force; a naming is taken back in those in which it has
    `ended` too."""
    return [*(row for state in live for row in _naming(state)), *_withdrawing((*live, *ended))]


def _naming(state: str) -> Sequence[Transition]:
    return [
        Transition(
            action="name_laboratory",
            source=state,
            target=state,
            by="staff:examiner",
            name=Text("指定其他技术机构", "Name another laboratory"),
            body=Named,
            applies=applies,
            guard=Informed(steps.asked, may_name),
            effect=name,
            emits=told,
            needs_reason=True,
        )
        for applies, told in (
            (standing.is_not_declared, "certificate.laboratory_named"),
            (standing.is_declared, "certificate.opinion_referred"),
        )
    ]


def _withdrawing(states: Sequence[str]) -> Sequence[Transition]:
    return way_back(
        "withdraw_named_laboratory",
        [(state, state) for state in states],
        Text("撤销指定的技术机构", "Take the naming of the laboratory back"),
        emits="certificate.laboratory_withdrawn",
        by="staff:examiner",
        applies=may_be_withdrawn,
        effect=withdraw,
        undoes=("name_laboratory",),
    )
