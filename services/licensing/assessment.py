"""The rules of the on-site assessment: who assesses when, and what the findings come to (JJF 1246). Pure."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from shared.casework import intake
from shared.casework.intake import accepted_on
from shared.identity.uscc import party
from shared.problems import Violation
from shared.schemas import repeated, said_twice
from shared.text import comparable, same

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from shared.casework import Step


def may_plan(step: Step) -> Sequence[Violation]:
    """The leader is one of the team, nobody works for the applicant, and the dates are in order."""
    team = step.body["team"]
    _, found = _member(team, step.body["leader"], "leader")
    for index, assessor in enumerate(team):
        if party(assessor.get("employer_code", "")) == party(step.case.applicant):
            reason = f"{assessor['name']} works for the applicant"
            found.append(Violation(f"team.{index}.employer_code", "own_case", reason))
        elif same(assessor["employer"], step.case.form["applicant_name"]):
            found.append(Violation(f"team.{index}.employer", "own_case", f"{assessor['name']} works for the applicant"))
    if step.body["planned_from"] < (accepted := accepted_on(step.case)):
        reason = f"{step.body['planned_from']} is before {accepted}, when the application was accepted"
        found.append(Violation("planned_from", "before_step", reason))
    if step.body["planned_to"] < step.body["planned_from"]:
        found.append(Violation("planned_to", "before_start", "the assessment ends before it begins"))
    return found


def certificate_of(team: Sequence[Mapping[str, Any]], said: str) -> str | None:
    """The certificate of the member of `team` meant by `said`: its number, or a name that only one of them has."""
    assessor, _ = _member(team, said, "")
    return assessor["certificate"] if assessor else None


def _member(
    team: Sequence[Mapping[str, Any]], said: str, field: str
) -> tuple[Mapping[str, Any] | None, list[Violation]]:
    """Who is meant, or the fault of `field`: people are known by the number of their certificate, names may recur."""
    for key in ("certificate", "name"):
        meant = [assessor for assessor in team if same(assessor[key], said)]
        if len({comparable(assessor["certificate"]) for assessor in meant}) > 1:
            numbers = ", ".join(assessor["certificate"] for assessor in meant)
            return None, [Violation(field, "ambiguous", f"several are called {said}: give the certificate, {numbers}")]
        if meant:
            return meant[0], []
    known = ", ".join(f"{assessor['name']} ({assessor['certificate']})" for assessor in team)
    return None, [Violation(field, "not_in_team", f"{said} is not of the team: {known}")]


def conclusion(findings: Sequence[Mapping[str, Any]]) -> str:
    """Any major finding fails, minor ones are to be rectified (JJF 1246; the rule is recalled, not re-read)."""
    results = {finding["result"] for finding in findings}
    if "major" in results:
        return "fail"
    return "rectify" if "minor" in results else "pass"


def may_report(step: Step) -> Sequence[Violation]:
    """The conclusion follows from the findings, every finding is of a member of the team, and something was found. That
    the assessment took place before the days planned for it is to be confirmed."""
    plan = step.case.data["assessment_plan"]
    team = plan["team"]
    found = [
        fault
        for index, finding in enumerate(step.body["findings"])
        for fault in _member(team, finding["assessor"], f"findings.{index}.assessor")[1]
    ]
    if not found:
        found += _findings_twice(team, step.body["findings"])
    if all(finding["result"] == "not_applicable" for finding in step.body["findings"]):
        found.append(Violation("findings", "incomplete", "no clause was applied: that proves nothing"))
    expected = conclusion(step.body["findings"])
    if step.body["conclusion"] != expected:
        found.append(Violation("conclusion", "conclusion_contradicts_findings", f"the findings make it {expected}"))
    if not found:
        intake.confirmed_or_asked(step, _before_planned(plan, step.today))
    return found


def _findings_twice(team: Sequence[Mapping[str, Any]], findings: Sequence[Mapping[str, Any]]) -> list[Violation]:
    """What an assessor found on a clause is one finding."""
    keys = [(comparable(one["clause"]), certificate_of(team, one["assessor"])) for one in findings]
    return [
        Violation(f"findings.{place}.clause", "twice", said_twice(first)) for place, first in repeated(keys).items()
    ]


def _before_planned(plan: Mapping[str, Any], today: date) -> list[Violation]:
    first = plan["planned_from"]
    if today >= date.fromisoformat(first):
        return []
    reason = (
        f"考核早于计划日期。 The assessment was planned from {first} on: plan it anew, or confirm that it was earlier"
    )
    return [Violation("planned_from", "before_planned", reason)]
