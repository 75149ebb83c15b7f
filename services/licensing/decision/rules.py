"""What stands in the way of the decision. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services.licensing.approvals.rules import uncovered, under_order
from services.licensing.assessment.facts import ASSESSMENT
from services.licensing.intake.rules import not_needed
from services.licensing.licence.rules import apply_by, deemed_at_end
from services.licensing.states import LIVE
from shared.casework.confirming import confirmed_or_asked
from shared.permits.facts import DECISION
from shared.permits.needed import nothing_to_decide
from shared.problems import Violation
from shared.text import Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from services.licensing.approvals.rules import Approval
    from services.licensing.licence.rules import Licence
    from shared.casework import Case, Step


def may_refuse(step: Step) -> Sequence[Violation]:
    """There still is such a licence."""
    return nothing_to_decide(not_needed(step), "kind")


def may_grant(step: Step, known: Sequence[Approval]) -> list[Violation]:
    """There still is such a licence, every line lies inside a certificate of the same holder, and the assessment was
    passed. `known` are the holder's type approvals."""
    found = [*uncovered(step.case.form["lines"], known), *may_refuse(step)]
    assessment = step.case[ASSESSMENT]
    if assessment.conclusion != "pass":
        reason = Text(
            f"考核报告{assessment.number}的结论为不合格：请作出不予许可决定",
            f"report {assessment.number} concludes fail: refuse",
        )
        found.append(Violation("assessment", "assessment_fails", reason))
    return found


def orders_confirmed(step: Step, known: Sequence[Approval]) -> list[Violation]:
    """Whoever decides confirms the orders on these certificates."""
    confirmed_or_asked(step, under_order(step.case.form["lines"], known))
    return []


def licence_over(step: Step, name: str, licence: Licence | None, states: Sequence[str]) -> list[Violation]:
    """The licence that the form names in the field `name` is in one of these states no more."""
    if licence is not None and licence.state in states:
        return []
    number = step.case.form[name]
    return [Violation(name, "licence_ended", Text(f"{number}已失效：请作出不予许可决定", f"{number} is over: refuse"))]


def not_renewed_by_law(step: Step, licence: Licence | None) -> list[Violation]:
    """The term of the licence has not ended while its renewal, applied for in time, was undecided: the law has renewed
    it then (Administrative Licensing Law Art. 50), though nobody may have told the case yet."""
    if licence is None or "renews" not in step.case.form or licence.state not in LIVE:
        return []
    until = licence.valid_until
    if step.today <= until or not deemed_at_end(step.case, apply_by(licence, step.rules, until)):
        return []
    reason = Text(
        f"{licence.number}的有效期至{until}，届满时未作决定，依法视为准予延续（行政许可法第五十条）",
        f"{licence.number} held until {until}: undecided by then, its renewal is granted by law (Administrative"
        " Licensing Law Art. 50)",
    )
    return [Violation("renews", "renewed_already", reason)]


def may_be_granted_by_silence(step: Step) -> Sequence[Violation]:
    """Silence renews a licence; it never grants one (the law gives no other tacit grant)."""
    if "renews" in step.case.form:
        return []
    reason = Text("首次申请不因逾期未作决定而视为准予", "silence grants no first licence")
    return [Violation("renews", "no_renewal", reason)]


def was_renewed(case: Case) -> bool:
    """Whether what was decided on this application is a renewal."""
    return "renews" in case.form and _was_granted(case)


def was_amended(case: Case) -> bool:
    """Whether it is an amendment."""
    return "amends" in case.form and _was_granted(case)


def _was_granted(case: Case) -> bool:
    return case[DECISION].outcome != "refused"
