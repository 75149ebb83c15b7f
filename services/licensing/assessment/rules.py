"""What stands in the way of the on-site assessment. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from services.licensing.assessment.assessors import member, not_in_team
from services.licensing.assessment.facts import ASSESSMENT, ASSESSMENT_PLAN, FEEDBACK, RECORDED, Assessor, Planned
from services.licensing.assessment.schemas import CONCLUSIONS
from shared.casework.confirming import confirmed_or_asked
from shared.problems import Violation
from shared.schemas import repeated, said_twice
from shared.text import Text, comparable, same

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import date

    from shared.casework import Case, Step
    from shared.law import ConclusionRule, Requirement, RuleSet


AGAINST = ("minor", "major")
"""The results of findings that something does not conform."""
WITH_EVIDENCE = ("report_assessment", "record_findings", "verify_rectification")
"""The actions that rest on what the team brings from the site: whoever may do one of them uploads it."""


def wrong_days(step: Step, drawn_on: date) -> list[Violation]:
    """The days planned are in order, and not before the team was drawn."""
    found = []
    if step.body["planned_from"] < drawn_on:
        reason = Text(
            f"{step.body['planned_from']}早于抽取考核组之日（{drawn_on}）",
            f"{step.body['planned_from']} is before {drawn_on}, the day on which the team is drawn",
        )
        found.append(Violation("planned_from", "before_step", reason))
    if step.body["planned_to"] < step.body["planned_from"]:
        found.append(
            Violation("planned_to", "before_start", Text("考核结束早于开始", "the assessment ends before it begins"))
        )
    return found


def found_by(plan: Planned, finding: Mapping[str, Any]) -> dict[str, str]:
    """Who found it, by name and certificate; whoever leads the team, if the finding does not say."""
    one = member(plan.team, finding.get("assessor", plan.leader_certificate))
    return {"assessor": one.name, "assessor_certificate": one.certificate}


def clauses(case: Case, rules: RuleSet, on: date) -> tuple[Requirement, ...]:
    """The clauses of the assessment of the case on a day; of a draft, as far as it says what is to be made."""
    kinds = {line["category"] for line in case.form.get("lines", ()) if "category" in line}
    return rules.requirements_on(on, kinds)


def conclusion(
    findings: Sequence[Mapping[str, Any]], clauses: Sequence[Requirement], rules: Sequence[ConclusionRule]
) -> ConclusionRule | None:
    """The first of the rules that fits one of the findings: what they come to, and why. None without a rule."""
    essential = {comparable(one.id) for one in clauses if one.must_have}
    found = {(one["result"], comparable(one["clause"]) in essential) for one in findings}
    return next(
        (
            rule
            for rule in rules
            if any(result in rule.results and (must or not rule.must_have) for result, must in found)
        ),
        None,
    )


def recorded(case: Case) -> list[dict[str, Any]]:
    """What experts who are still of the team have recorded, as JSON data."""
    team = {one.certificate for one in case[ASSESSMENT_PLAN].team}
    return [one.stored() for one in case.get(RECORDED, ()) if one.assessor_certificate in team]


def wrong_clauses(
    findings: Sequence[Mapping[str, Any]], clauses: Sequence[Requirement], elsewhere: Collection[str] = ()
) -> list[Violation]:
    """Findings on what is not a clause, and clauses without one, there or `elsewhere`. Where no checklist is known,
    anything is a clause."""
    codes = {comparable(one.id): one for one in clauses}
    if not codes:
        return []
    found = [
        Violation(
            f"findings.{index}.clause",
            "unknown_clause",
            Text(f"没有条款{one['clause']}", f"{one['clause']} is not a clause of the checklist"),
        )
        for index, one in enumerate(findings)
        if comparable(one["clause"]) not in codes
    ]
    said = {comparable(one) for one in (*elsewhere, *(one["clause"] for one in findings))}
    return found + [
        Violation(
            "findings",
            "incomplete",
            Text(f"{one.id} {one.name.zh}尚无记录", f"no finding on {one.id} {one.name.en}"),
            one.id,
        )
        for code, one in codes.items()
        if code not in said
    ]


def wrong_samples(
    body: Mapping[str, Any], findings: Sequence[Mapping[str, Any]], clauses: Sequence[Requirement], models: set[str]
) -> list[Violation]:
    """No sample where a finding rests on one, one of another model than those applied for, or one that failed though
    no finding on such a clause is against the product."""
    wanting = {comparable(one.id) for one in clauses if one.sample}
    resting = [
        one["clause"] for one in findings if comparable(one["clause"]) in wanting and one["result"] != "not_applicable"
    ]
    samples = body.get("samples", ())
    if resting and not samples:
        reason = Text(
            f"第{resting[0]}条须抽样检验：请说明样品",
            f"clause {resting[0]} rests on a sample of the product: say which",
        )
        return [Violation("samples", "sample_missing", reason)]
    known = ", ".join(sorted(models))
    told = Text(f"申请的型号为：{known}", f"applied for: {known}")
    found = [
        Violation(f"samples.{index}.model", "another_model", told)
        for index, one in enumerate(samples)
        if not any(same(one["model"], model) for model in models)
    ]
    against = any(
        one["result"] in AGAINST and (not wanting or comparable(one["clause"]) in wanting) for one in findings
    )
    if not against:
        codes = [one.id for one in clauses if one.sample]
        reason = Text(
            f"样品不合格，{'、'.join(codes) or '各'}条却未记为不符合",
            f"the sample failed, and no finding on {', '.join(codes) or 'any clause'} says that it does not conform",
        )
        found += [
            Violation(f"samples.{index}.result", "sample_contradicts", reason)
            for index, one in enumerate(samples)
            if one["result"] == "not_conform"
        ]
    return found


def wrong_documents(named: Mapping[str, Any], known: Mapping[str, bool], path: str = "") -> list[Violation]:
    """The `documents` that are named, in the part `path` of what was sent, and are no documents of the case or are
    infected, as `known` says of each that there is."""
    found = []
    for place, one in enumerate(named.get("documents", ())):
        if one not in known:
            told = Text(f"本案没有材料{one}", f"the case has no document {one}")
            found.append(Violation(f"{path}documents.{place}", "unknown_document", told))
        elif known[one]:
            told = Text(
                "查出病毒：请更换后再引用", "the virus scanner found malware in it: replace it and name the new version"
            )
            found.append(Violation(f"{path}documents.{place}", "infected", told))
    return found


def not_confirmed(team: Sequence[Assessor]) -> Violation:
    zh, en = "、".join(one.name for one in team), ", ".join(one.name for one in team)
    reason = Text(
        f"{zh}尚未确认参加并声明无利害关系：请先确认",
        f"{en} {'has' if len(team) == 1 else 'have'} not agreed and declared to have no interest: that comes first",
    )
    return Violation("assessors", "not_confirmed", reason)


def wrong_records(step: Step, documents: Mapping[str, bool]) -> list[Violation]:
    """What is wrong with the findings of one expert: another may have those on other clauses."""
    findings = step.body["findings"]
    found = [
        fault
        for index, finding in enumerate(findings)
        for fault in wrong_documents(finding, documents, f"findings.{index}.")
    ]
    twice = repeated(comparable(one["clause"]) for one in findings)
    found += [Violation(f"findings.{place}.clause", "twice", said_twice(first)) for place, first in twice.items()]
    known = clauses(step.case, step.rules, step.today)
    return found + wrong_clauses(findings, known, [one.id for one in known])


def may_report(step: Step, documents: Mapping[str, bool], of_team: Sequence[Violation] = ()) -> Sequence[Violation]:
    """The conclusion follows from the findings, those recorded and those in the report; every finding is of a member of
    the team and names no other documents than those of the case, and something was found; nothing stands against the
    team (`of_team`). That the assessment took place before the days planned for it is to be confirmed."""
    plan, earlier = step.case[ASSESSMENT_PLAN], recorded(step.case)
    findings = [*earlier, *step.body["findings"]]
    found = [
        fault
        for index, finding in enumerate(step.body["findings"])
        for fault in wrong_documents(finding, documents, f"findings.{index}.")
    ]
    found += [
        fault
        for index, finding in enumerate(step.body["findings"])
        if "assessor" in finding
        for fault in not_in_team(plan.team, finding["assessor"], f"findings.{index}.assessor")
    ]
    if not found:
        found += _findings_twice(plan, earlier, step.body["findings"])
    # Teams of earlier releases declared with the plan that they have no interest.
    if missing := [one for one in plan.team if one.confirmed_on is None and "no_interest" not in one.beside]:
        found.append(not_confirmed(missing))
    found += of_team
    if all(finding["result"] == "not_applicable" for finding in findings):
        told = Text("没有考核任何条款，不能证明什么", "no clause was applied: that proves nothing")
        found.append(Violation("findings", "incomplete", told))
    known = clauses(step.case, step.rules, step.today)
    found += wrong_clauses(step.body["findings"], known, [one["clause"] for one in earlier])
    found += wrong_samples(step.body, findings, known, {line["model"] for line in step.case.form["lines"]})
    rule = conclusion(findings, known, step.rules.conclusions_on(step.today))
    if rule and step.body["conclusion"] != rule.conclusion:
        called = CONCLUSIONS[rule.conclusion]
        reason = Text(
            f"按考核发现，结论应为“{called.zh}”：{rule.told.zh}", f"the findings make it {called.en}: {rule.told.en}"
        )
        found.append(Violation("conclusion", "conclusion_contradicts_findings", reason))
    if not found:
        confirmed_or_asked(step, _before_planned(plan, step.today))
    return found


def _findings_twice(
    plan: Planned, earlier: Sequence[Mapping[str, Any]], findings: Sequence[Mapping[str, Any]]
) -> list[Violation]:
    """What an assessor found on a clause is one finding: a report says it again of none that is recorded `earlier`."""
    keys = [(comparable(one["clause"]), one["assessor_certificate"]) for one in earlier]
    keys += [(comparable(one["clause"]), found_by(plan, one)["assessor_certificate"]) for one in findings]
    faults = []
    for place, first in repeated(keys).items():
        said = said_twice(first - len(earlier)) if first >= len(earlier) else _IS_RECORDED
        faults.append(Violation(f"findings.{place - len(earlier)}.clause", "twice", said))
    return faults


_IS_RECORDED = Text("该考评员已记录此项", "the assessor has recorded a finding on it: that one counts")


def _before_planned(plan: Planned, today: date) -> list[Violation]:
    first = plan.planned_from
    if today >= first:
        return []
    reason = Text(
        f"考核计划自{first}开始：请重新安排，或者确认提前考核",
        f"the assessment was planned from {first} on: plan it again, or confirm that it was earlier",
    )
    return [Violation("planned_from", "before_planned", reason)]


def is_to_rectify(step: Step) -> bool:
    return bool(step.body["conclusion"] == "rectify")


def failed_by_silence(case: Case) -> bool:
    """Whether the assessment failed since nothing was verified in time."""
    return case[ASSESSMENT].failed_on is not None


def silent_on_rectification(step: Step) -> Sequence[Violation]:
    """The limit that ran out is that of this rectification."""
    if (asked_on := step.case[ASSESSMENT].on) != step.body["started_on"]:
        return [
            Violation(
                "started_on",
                "another_limit",
                Text(f"整改是{asked_on}要求的", f"the rectification was asked for on {asked_on}"),
            )
        ]
    return []


def may_verify(step: Step, documents: Mapping[str, bool], last: date | None) -> Sequence[Violation]:
    """It rests on documents of the case, and was verified since the report, not in the future, and not after the `last`
    day of the limit that runs, or that has run out."""
    return [*wrong_documents(step.body, documents), *_misdated_verification(step, last)]


def _misdated_verification(step: Step, last: date | None) -> list[Violation]:
    held, on = step.case[ASSESSMENT], step.body.get("verified_on", step.today)
    last = held.failed_on or last
    if on > step.today:
        return [
            Violation(
                "verified_on", "future", Text(f"{on}晚于今天（{step.today}）", f"{on} is after today, {step.today}")
            )
        ]
    if on < held.on:
        return [
            Violation(
                "verified_on",
                "before_step",
                Text(f"{on}早于考核报告之日（{held.on}）", f"{on} is before the report of {held.on}"),
            )
        ]
    if last and on > last:
        return [
            Violation(
                "verified_on",
                "too_late",
                Text(f"整改期限已于{last}届满", f"the time to rectify ended on {last}"),
            )
        ]
    return []


def planned_on(case: Case) -> date:
    """The day on which the assessment was planned."""
    return case[ASSESSMENT_PLAN].on


def reported_on(case: Case) -> date:
    """The day of the assessment report, or of the rectification that completed it."""
    assessment = case[ASSESSMENT]
    return (assessment.rectification or assessment).on


def asked_to_show(case: Case) -> Collection[str]:
    """The kinds of documents that the applicant may send after the submission: until the rectification is reported,
    those that show it."""
    return ("rectification",) if case.state == "rectifying" and not has_reported(case) else ()


def has_reported(case: Case) -> bool:
    """Whether the applicant has said what was rectified."""
    return case[ASSESSMENT].rectification_report is not None


def has_to_report(case: Case) -> bool:
    return not has_reported(case)


def was_rectified(case: Case) -> bool:
    return case[ASSESSMENT].rectification is not None


def was_not_rectified(case: Case) -> bool:
    return not was_rectified(case)


def has_said(case: Case) -> bool:
    return FEEDBACK in case


def may_say(case: Case) -> bool:
    """A manufacturer who was assessed says it once, and changes it from then on."""
    return ASSESSMENT in case and not has_said(case)
