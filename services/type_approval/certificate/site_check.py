"""Conformity check 符合性检查 of a place of manufacture that the holder reports as new.

Order 74 is silent on another place of the same maker. The office may have the laboratory that evaluated the type, or
another that it names, say whether what is made there conforms to it (JJF 1015-2014 has that in its scope), and enters
the place on its report. No law takes the time that this needs out of the office's ten days, so the clock of the change
goes on.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

from services.type_approval.certificate.facts import (
    CERTIFICATE,
    CONFORMITY_CHECKS,
    DECLINED,
    ConformityCheck,
    ConformityReport,
    ConformityRequest,
    Dropped,
    KeptConformityReport,
    SetAside,
)
from services.type_approval.evaluation.attached import CONFORMITY
from shared.casework.facts import CHECKER
from shared.casework.procedure import Effect, Transition
from shared.casework.undoing import way_back
from shared.permits.asked import PERMIT_ENDED
from shared.permits.changing import REPORTED_CHANGE
from shared.problems import Violation
from shared.text import Text, comparable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shared.casework import Case, Guard, Step

_RESULTS = {
    True: Text("与批准的型式相符", "it conforms to the approved type"),
    False: Text("与批准的型式不符", "it does not conform to the approved type"),
}


def _last(case: Case) -> ConformityCheck | None:
    checks = case.get(CONFORMITY_CHECKS)
    return checks[-1] if checks else None


def is_under_way(case: Case) -> bool:
    last = _last(case)
    return last is not None and last.report is None and last.dropped is None


def may_be_asked(case: Case) -> bool:
    """Whether places are reported, there is a laboratory to ask, and no check is under way."""
    reported = case.get(REPORTED_CHANGE)
    return bool(reported and reported.places_of_manufacture and case.checker) and not is_under_way(case)


def sent_for(case: Case) -> Sequence[str]:
    """The kinds of documents that the laboratory sends for a check."""
    return (CONFORMITY,) if is_under_way(case) else ()


def is_reported(case: Case) -> bool:
    """Whether the last check was reported on and not set aside, and its change is still to be decided."""
    last = _last(case)
    return REPORTED_CHANGE in case and last is not None and last.report is not None and last.set_aside is None


def asked(case: Case) -> Sequence[str]:
    """The laboratory that makes the check."""
    return (case.checker,) if case.checker else ()


def reporting(case: Case) -> Sequence[str]:
    """The laboratory that made the last report: the one that evaluated, unless the report names another."""
    last = _last(case)
    lab = (last.report.lab if last and last.report else None) or case.lab
    return (lab,) if lab else ()


def has_failed(case: Case) -> bool:
    """Whether the last check found that the type is not made there, and was not set aside."""
    last = _last(case)
    return is_reported(case) and last is not None and last.report is not None and not last.report.conforms


def ended_with_permit(case: Case) -> bool:
    """Whether the last check was under way when the certificate ended."""
    last = _last(case)
    return last is not None and last.dropped is not None and last.dropped.cause == PERMIT_ENDED


def may_enter(step: Step) -> Sequence[Violation]:
    """No check of the places that are to be entered is under way, or has failed."""
    last, places = _last(step.case), step.case[REPORTED_CHANGE].places_of_manufacture or ()
    if last is None or sorted(map(comparable, last.places)) != sorted(map(comparable, places)):
        return []
    if is_under_way(step.case):
        told = Text(
            "符合性检查尚未完成：等待报告，或者撤回检查",
            "the conformity check is under way: wait for its report, or withdraw the check",
        )
        return [Violation("conformity_checks", "check_under_way", told)]
    if has_failed(step.case):
        told = Text(
            "符合性检查结论为不符：不予变更、再次检查，或者说明理由不采信检查结论",
            "the check found that it does not conform: refuse the change, have it checked again, or set the check"
            " aside with a reason",
        )
        return [Violation("conformity_checks", "does_not_conform", told)]
    return []


def was_checked(step: Step) -> Sequence[Violation]:
    """The day of the report lies between that of the request and today."""
    last = _last(step.case)
    if last is None or last.requested_on <= step.body["on"] <= step.today:
        return []
    told = Text(
        f"报告日期应在{last.requested_on}（要求检查之日）至今天（{step.today}）之间",
        f"the check was asked for on {last.requested_on}: its report is from then until today, {step.today}",
    )
    return [Violation("on", "outside_period", told)]


def request(step: Step) -> Effect:
    places = step.case[REPORTED_CHANGE].places_of_manufacture or ()
    check = ConformityCheck(**ConformityCheck.given(step.raw), places=places, requested_on=step.today)
    checks = (*step.case.get(CONFORMITY_CHECKS, ()), check)
    told = {"certificate": step.case[CERTIFICATE], "matter": check.matter, "places": "；".join(places)}
    return Effect(data=CONFORMITY_CHECKS.set(checks), event=told)


def withdraw(step: Step) -> Effect:
    kept = step.case[CONFORMITY_CHECKS][:-1]
    return Effect(data=CONFORMITY_CHECKS.set(kept or None), event=_why(step))


def decline(step: Step) -> Effect:
    """The office decides whether it asks again, or on other proof."""
    return Effect(data=drop(step, DECLINED), event=_why(step))


def report(step: Step) -> Effect:
    said = KeptConformityReport(
        **KeptConformityReport.given(step.raw), by=step.actor.name, reported_on=step.today, **another(step)
    )
    told = {"certificate": step.case[CERTIFICATE], "conforms": said.conforms, "report": said.number}
    effect = {**told, "findings": said.findings, **_RESULTS[said.conforms]._asdict()}
    return Effect(data=_changed(step, report=said), event=effect)


def another(step: Step) -> dict[str, Any]:
    """Which laboratory says it, if it is not the one that evaluated."""
    named = step.case.get(CHECKER)
    return {"lab": named.lab, "lab_name": named.lab_name} if named else {}


def withdraw_report(step: Step) -> Effect:
    """The check is under way again."""
    return Effect(data=_changed(step, report=None), event=_why(step))


def set_aside(step: Step) -> Effect:
    return Effect(data=_changed(step, set_aside=SetAside(on=step.today, reason=step.why)), event=_why(step))


def drop(step: Step, cause: str) -> dict[str, Any]:
    """What asked for the check is gone."""
    return _changed(step, dropped=Dropped(on=step.today, cause=cause, **step.reasons))


def take_up(step: Step) -> dict[str, Any]:
    """The check is under way again."""
    return _changed(step, dropped=None)


def _changed(step: Step, **changes: Any) -> dict[str, Any]:
    *kept, last = step.case[CONFORMITY_CHECKS]
    return CONFORMITY_CHECKS.set((*kept, replace(last, **changes)))


def _why(step: Step) -> dict[str, Any]:
    return {"certificate": step.case[CERTIFICATE], "reason": step.reason}


class Guards(NamedTuple):
    """What stands in the way of asking for a check, and of reporting on one."""

    request: Guard
    report: Guard


def transitions(live: Sequence[str], guards: Guards) -> list[Transition]:
    """The rows for the states in which a certificate is in force."""
    return [row for state in live for row in _rows(state, guards)]


def _rows(state: str, guards: Guards) -> Sequence[Transition]:
    here: dict[str, Any] = {"source": state, "target": state}
    return (
        Transition(
            **here,
            action="request_conformity_check",
            by="staff:examiner",
            name=Text("要求符合性检查", "Ask for a conformity check"),
            body=ConformityRequest,
            applies=may_be_asked,
            guard=guards.request,
            effect=request,
            emits="certificate.conformity_check_requested",
        ),
        *way_back(
            "withdraw_conformity_check",
            [(state, state)],
            Text("撤回符合性检查", "Withdraw the conformity check"),
            emits="certificate.conformity_check_withdrawn",
            by="staff:examiner",
            applies=is_under_way,
            effect=withdraw,
            undoes=("request_conformity_check",),
        ),
        *way_back(
            "decline_conformity_check",
            [(state, state)],
            Text("谢绝符合性检查", "Decline the conformity check"),
            emits="certificate.conformity_check_declined",
            by="lab",
            labs=asked,
            applies=is_under_way,
            effect=decline,
            undoes=("request_conformity_check",),
        ),
        Transition(
            **here,
            action="report_conformity",
            by="lab",
            labs=asked,
            name=Text("报告符合性检查结论", "Report on the conformity check"),
            body=ConformityReport,
            applies=is_under_way,
            guard=guards.report,
            effect=report,
            emits="certificate.conformity_reported",
        ),
        *way_back(
            "withdraw_conformity_report",
            [(state, state)],
            Text("撤回符合性检查报告", "Take the report on the conformity check back"),
            emits="certificate.conformity_report_withdrawn",
            by="lab",
            labs=reporting,
            applies=is_reported,
            effect=withdraw_report,
            undoes=("report_conformity",),
        ),
        Transition(
            **here,
            action="set_conformity_check_aside",
            by="staff:decider",
            name=Text("不采信符合性检查结论", "Set the conformity check aside"),
            applies=has_failed,
            effect=set_aside,
            emits="certificate.conformity_check_set_aside",
            needs_reason=True,
            stands=Text("可以再次要求检查", "Another check may be asked for"),
        ),
    )
