"""What a report may conclude: what the test records say, and pass for what they prove alone."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from services.type_approval.evaluation import completeness, conformity, omissions, programme, review, rules, series
from services.type_approval.evaluation.facts import ARCHIVE_DUE, REPORT, SUPERSEDED_REPORTS, SupersededReport
from services.type_approval.evaluation.programme import family_tested
from services.type_approval.intake.oiml import is_accepted
from services.type_approval.registers import steps
from shared.casework.confirming import confirmed_or_asked
from shared.casework.procedure import Effect, Informed
from shared.metrology import Verdict
from shared.problems import Violation
from shared.text import Text, joined

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from shared.casework import Case, ConnectedStep, Guard, Step
    from shared.uploads.filing import Documents

_REMEDIES = {
    Verdict.INDETERMINATE: Text("：请以更小的不确定度重新试验", ": repeat these tests with a smaller uncertainty"),
    Verdict.NOT_DONE: Text("：请按所需的全部数据点记录", ": record them with all points that they need"),
}


def may_draft_report(step: Step, held: Documents) -> Sequence[Violation]:
    """Every document has a verdict. The conclusion is what the records say, and fail where a document does not conform
    or the time for the improvement has passed."""
    found = programme.not_yet(step.case.data, "conclusion") or review.to_be_reviewed(step, held)
    if found := found or omissions.wrong(step, family_tested(step)):
        return found
    if faulty := review.faulty(step.case):
        told = joined(faulty)
        verdict, why = Verdict.FAIL, Text(f"技术资料不符合：{told.zh}", f"documents do not conform: {told.en}")
    elif rules.failed_by_silence(step.case):
        verdict, why = Verdict.FAIL, Text("改进的样机未按期送达", "no improved samples came in time")
    else:
        records = rules.standing(step.case.data, family_tested(step))
        verdict = rules.overall([record["verdict"] for record in records])
        fine = (Verdict.PASS, Verdict.NOT_APPLICABLE)
        failed = [conformity.told(record) for record in records if record["verdict"] not in fine]
        items = joined(dict.fromkeys(failed)) if failed else Text("各项均合格", "every item passed")
        remedy = _REMEDIES.get(verdict, Text("", ""))
        why = Text(
            f"试验记录的结论为{verdict.said.zh}（{items.zh}）{remedy.zh}",
            f"the test records say {verdict.said.en} ({items.en}){remedy.en}",
        )
    if (stated := step.body["conclusion"]) != verdict:
        said = Verdict(stated).said
        reason = Text(f"{why.zh}，报告为{said.zh}", f"{why.en}, the report {said.en}")
        return [Violation("conclusion", "conclusion_contradicts_records", reason)]
    return _may_pass(step) if verdict is Verdict.PASS else []


def _tests(case: Case) -> list[Mapping[str, Any]]:
    """The tests that count, and of which it is known who made them."""
    return [one for one in conformity.counting(case.data).values() if "registration" in one]


def registrations(step: ConnectedStep) -> Mapping[str, str | None]:
    """The registration that whoever does the step had on each day of a test that counts."""
    days = {one["on"] for one in _tests(step.case)}
    return {day: steps.registration(step, date.fromisoformat(day)).get("registration") for day in days}


def made_no_test(part: str) -> Guard:
    """Who has that part in the report made none of the tests that count."""
    return Informed(registrations, lambda step, mine: tested_themselves(step, mine, part))


def tested_themselves(step: Step, mine: Mapping[str, str | None], field: str) -> list[Violation]:
    """Tests that count were made by who would check or sign the report on them: the registration in the record is the
    one that they had on the day of the test."""
    made = [one for one in _tests(step.case) if one["registration"] == mine[one["on"]]]
    if not made:
        return []
    numbers = ", ".join(str(record["number"]) for record in made)
    reason = Text(
        f"第{numbers}号试验记录由您完成：报告须由未参加试验的人员核验、批准",
        f"you made the tests of the records {numbers}: somebody who made none checks and signs the report",
    )
    return [Violation(field, "tested_themselves", reason)]


def may_return(step: Step) -> Sequence[Violation]:
    """A report is returned once: all that is missing was to be told then."""
    if any(one.items is not None for one in step.case.get(SUPERSEDED_REPORTS, ())):
        reason = Text(
            "报告已退回过一次，当时应当一次告知全部内容：请审查报告",
            "the report was returned once, and all that was missing was to be told then: examine it",
        )
        return [Violation("items", "told_once", reason)]
    return []


def supersede(step: Step) -> Effect:
    """The report goes back, and stays readable beside the one that takes its place."""
    items = {"items": step.body["items"]} if "items" in step.body else {}
    told_once = tuple(step.body["items"]) if items else None
    old = SupersededReport(report=step.case[REPORT], superseded_on=step.today, why=step.why, items=told_once)
    kept = (*step.case.get(SUPERSEDED_REPORTS, ()), old)
    gone = REPORT.set(None) | ARCHIVE_DUE.set(None)
    return Effect(data=gone | SUPERSEDED_REPORTS.set(kept), event={"reason": step.reason, **items})


def _may_pass(step: Step) -> Sequence[Violation]:
    """Pass is of the whole programme, on every prototype, and of the instrument that was applied for."""
    data, held = step.case.data, family_tested(step)
    records = rules.standing(data, held)
    found = [
        *(
            Violation(
                "conclusion",
                "another_instrument",
                Text(f"{reason.zh}：不能证明所申请的器具", f"{reason.en}: it proves nothing of what was applied for"),
            )
            for reason in completeness.contradictions(data, records, held)
        ),
        *(
            Violation(
                "conclusion",
                "incomplete",
                Text(f"{reason.zh}：报告不能作出合格结论", f"{reason.en}: the report cannot conclude pass"),
            )
            for reason in (
                *(one.told for one in completeness.lacking(data, held)),
                *series.untested(data, completeness.lines_tested(data, records, held)),
            )
        ),
        *omissions.missing(step, held),
    ]
    # An OIML certificate that was accepted names every model: its own tests prove those not tested here.
    wrong, unsure = ([], []) if is_accepted(data) else completeness.untested_lines(data, records, held)
    found = found or wrong
    if not found:
        confirmed_or_asked(step, unsure)
        if unsure and not step.reason:
            told = Text("请说明已试验的为何能证明未试验的规格", "say why those tested prove the lines that were not")
            found.append(Violation("reason", "missing", told))
    return found
