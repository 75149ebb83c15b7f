"""The rules of the manufacturing licence: what stands in the way of a step. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from services.fields import check_digit_warnings
from services.licensing import schemas
from shared.casework import intake
from shared.metrology import Quantity
from shared.problems import Problem, Violation
from shared.schemas import load

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from shared.casework import Case, Step

FORM = schemas.Form()


@dataclass(frozen=True, slots=True)
class Approval:
    """A type approval as licensing knows it: running, in force under `certificate`, or ended."""

    application: str
    status: str
    certificate: str | None
    lines: Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Coverage:
    """How a line stands: covered by `certificate`, waiting for the application `awaits`, or neither, and why."""

    certificate: str | None = None
    awaits: str | None = None
    why: str = ""


def check_draft(form: object) -> None:
    """Raises Problem for what is wrong in a draft; what it lacks is asked for when it is submitted."""
    load(FORM, form, partial=True)


def coverage(line: Mapping[str, Any], approvals: Sequence[Approval]) -> Coverage:
    """Where a line (JSON data) stands among the type approvals of the same holder (Order 104: each line needs one)."""
    named = line.get("type_approval")
    candidates = [approval for approval in approvals if named in {None, approval.application, approval.certificate}]
    if not candidates:
        whose = f"{named} is not a type approval of yours" if named else "you have no type approval, nor one running"
        return Coverage(why=f"{whose}: apply for type approval first, or name the right one")
    differences = []
    running: Coverage | None = None
    for approval in candidates:
        for approved in approval.lines:
            difference = differs(line, approved)
            if difference:
                differences.append(f"{approval.certificate or approval.application}: {difference}")
            elif approval.status == "in_force":
                return Coverage(certificate=approval.certificate)
            elif approval.status == "running":
                running = Coverage(awaits=approval.application)
            else:
                differences.append(f"{approval.application} ended without a certificate")
    return running or Coverage(why="outside every certificate's scope: " + "; ".join(differences))


def differs(line: Mapping[str, Any], approved: Mapping[str, Any]) -> str:
    """In what a line goes beyond an approved one; empty if it lies inside."""
    for field, zh in (("name", "名称"), ("model", "型号"), ("accuracy_class", "准确度等级")):
        if _normal(line[field]) != _normal(approved[field]):
            return f"{zh} {field} {line[field]} is not the approved {approved[field]}"
    for field, zh in (("max", "最大秤量"), ("scale_interval", "分度值")):
        if field not in approved and field not in line:
            continue
        if field not in approved or field not in line or _quantity(line[field]) != _quantity(approved[field]):
            return f"{zh} {field} {_shown(line.get(field))} is not the approved {_shown(approved.get(field))}"
    return ""


def may_submit(step: Step) -> Sequence[Violation]:
    """The form is whole, is the applicant's own, and there is such a licence on that day."""
    if why := not_needed(step):
        raise Problem("invalid", f"{why}: nothing needs to be applied for")
    return _stands(step, step.case.form)


def planned_on(case: Case) -> date:
    """The day on which the assessment was planned."""
    return date.fromisoformat(case.data["assessment_plan"]["on"])


def reported_on(case: Case) -> date:
    """The day of the assessment report, or of the rectification that completed it."""
    assessment = case.data["assessment"]
    return date.fromisoformat(assessment.get("rectification", assessment)["on"])


def not_needed(step: Step) -> str | None:
    """Why there is no such licence on the day of the step; None if there is."""
    regime = step.rules.regime("manufacture", step.today)
    if regime.abolished:
        return (
            f"制造计量器具许可已于{regime.valid_from}取消。 "
            f"The manufacturing licence was abolished on {regime.valid_from}"
        )
    return None


def may_supplement(step: Step) -> Sequence[Violation]:
    """The mended form is held to what the submitted one was held to."""
    return _stands(step, step.body["form"])


def _stands(step: Step, given: Mapping[str, Any]) -> Sequence[Violation]:
    form = load(FORM, given)
    if form["credit_code"] != step.actor.organisation:
        return [Violation("credit_code", "not_yours", f"you act for {step.actor.organisation}: apply in its name")]
    intake.confirmed_or_asked(step, check_digit_warnings(form["credit_code"], "credit_code"))
    return []


def may_plan(step: Step) -> Sequence[Violation]:
    """The leader is one of the team, nobody is named twice or works for the applicant, and the dates are in order."""
    team = step.body["team"]
    names = [assessor["name"] for assessor in team]
    found = []
    if step.body["leader"] not in names:
        found.append(Violation("leader", "not_in_team", f"the leader is one of the team: {', '.join(names)}"))
    for index, assessor in enumerate(team):
        if names.index(assessor["name"]) != index:
            found.append(Violation(f"team.{index}.name", "twice", f"{assessor['name']} is named twice"))
        if _normal(assessor["employer"]) == _normal(step.case.form["applicant_name"]):
            found.append(Violation(f"team.{index}.employer", "own_case", f"{assessor['name']} works for the applicant"))
    if step.body["planned_to"] < step.body["planned_from"]:
        found.append(Violation("planned_to", "before_start", "the assessment ends before it begins"))
    return found


def conclusion(findings: Sequence[Mapping[str, Any]]) -> str:
    """Any major finding fails, minor ones are to be rectified (JJF 1246; the rule is recalled, not re-read)."""
    results = {finding["result"] for finding in findings}
    if "major" in results:
        return "fail"
    return "rectify" if "minor" in results else "pass"


def may_report(step: Step) -> Sequence[Violation]:
    """The conclusion follows from the findings, and every finding is of a member of the team."""
    names = [assessor["name"] for assessor in step.case.data["assessment_plan"]["team"]]
    found = [
        Violation(f"findings.{index}.assessor", "not_in_team", f"the team is {', '.join(names)}")
        for index, finding in enumerate(step.body["findings"])
        if finding["assessor"] not in names
    ]
    expected = conclusion(step.body["findings"])
    if step.body["conclusion"] != expected:
        found.append(Violation("conclusion", "conclusion_contradicts_findings", f"the findings make it {expected}"))
    return found


def uncovered(lines: Sequence[Mapping[str, Any]], approvals: Sequence[Approval]) -> list[Violation]:
    """The lines that no certificate of the holder covers, each with the reason."""
    found = []
    for index, line in enumerate(lines):
        standing = coverage(line, approvals)
        if standing.certificate is None:
            why = standing.why or f"its type approval {standing.awaits} is still running"
            found.append(
                Violation(
                    f"lines.{index}", "outside_scope", f"第{index + 1}行 line {index + 1} ({line['model']}): {why}"
                )
            )
    return found


def _normal(text: str) -> str:
    """Texts that differ only in blanks or letter case name the same thing."""
    return "".join(text.split()).casefold()


def _quantity(measure: Mapping[str, str]) -> Quantity:
    return Quantity(Decimal(measure["value"]), measure["unit"])


def _shown(measure: Mapping[str, str] | None) -> str:
    return str(_quantity(measure)) if measure else "(none)"
