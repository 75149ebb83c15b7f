"""What stands in the way of the decision. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services.type_approval.evaluation import completeness, conformity
from services.type_approval.evaluation.facts import REPORT, SAMPLES
from services.type_approval.evaluation.programme import family_tested
from services.type_approval.evaluation.rules import standing
from services.type_approval.intake.rules import not_needed
from shared.casework.confirming import confirmed_or_asked
from shared.metrology import Verdict
from shared.permits.milestones import accepted_on
from shared.permits.needed import nothing_to_decide
from shared.problems import Violation
from shared.text import Text, joined

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from shared.casework import Case, Step


def examined_since(case: Case) -> date:
    """The day from which the authority has had all that it examines: the report, or without one the application."""
    report = case.get(REPORT)
    return (report and report.issued_on) or accepted_on(case)


def never_evaluated(step: Step) -> bool:
    """Whether the case was rejected on preliminary review."""
    return REPORT not in step.case


def may_grant(step: Step) -> Sequence[Violation]:
    """Only an instrument that still needs it, and whose evaluation report says that it conforms, is approved."""
    found, held = nothing_to_decide(not_needed(step), "category"), family_tested(step)
    if not found and (wrong := _wrong_letter(step)):
        found.append(wrong)
    report = step.case.get(REPORT)
    if report is None:
        reason = Text(
            "初审不合格，未经型式评价：请作出不予许可决定，或者退回委托",
            "rejected on preliminary review, never evaluated: refuse, or send back to be commissioned",
        )
        found.append(Violation("report", "not_evaluated", reason))
    elif report.conclusion != "pass":
        number, conclusion = report.number, report.conclusion
        reason = Text(
            f"报告{number}的结论为{Verdict(conclusion).said.zh}：请作出不予许可决定",
            f"report {number} concludes {conclusion}: refuse",
        )
        found.append(Violation("report", "report_fails", reason))
    elif others := completeness.contradictions(step.case.data, standing(step.case.data, held), held):
        told = joined(others)
        reason = Text(
            f"报告{report.number}不是所申请器具的：{told.zh}",
            f"report {report.number} is not of what was applied for: {told.en}",
        )
        found.append(Violation("report", "another_instrument", reason))
    if not found:
        samples = step.case[SAMPLES]
        _, warnings = conformity.other_prototypes(step.case.form, samples, family_tested(step))
        confirmed_or_asked(step, warnings)
    return found


def _wrong_letter(step: Step) -> Violation | None:
    """Certificates are numbered by the letter of the category: the catalogue's, or where it has none the one said."""
    item = step.rules.item(step.case.form["category"], step.today)
    said = step.body.get("letter")
    if item.letter is None and said is None:
        reason = Text(
            f"证书按类别字母编号，目录中{item.name.zh}没有字母：请写明",
            f"certificates are numbered by a class letter, and the catalogue has none for {item.name.en}: say which",
        )
        return Violation("letter", "no_letter", reason)
    if item.letter is not None and said not in (None, item.letter):
        told = Text(
            f"{item.name.zh}的类别字母为{item.letter}，而非{said}",
            f"the class letter of {item.name.en} is {item.letter}, not {said}",
        )
        return Violation("letter", "another_letter", told)
    return None


def may_refuse(step: Step) -> Sequence[Violation]:
    """The instrument still needs approval, and a refusal that rests on tests names the technical norms relied on
    (Administrative Licensing Law Art. 55(3))."""
    found = nothing_to_decide(not_needed(step), "category")
    report = step.case.get(REPORT)
    if report and report.conclusion == "fail" and not step.body["norms"]:
        told = Text("试验不合格：请写明所依据的技术规范", "the tests were failed: name the norms they rest on")
        found.append(Violation("norms", "norms_missing", told))
    return found
