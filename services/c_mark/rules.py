"""The rules of the C mark: what stands in the way of a step. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from services.c_mark.facts import ASSESSMENT, CHECK
from services.c_mark.form import Form
from services.fields import in_own_name
from shared.permits.facts import RECEIVED_ON
from shared.permits.milestones import accepted_on
from shared.permits.needed import nothing_to_decide
from shared.problems import Violation
from shared.text import Text, comparable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from shared.casework import Case, Step
    from shared.identity import Actor
    from shared.law import RuleSet

FORM = Form()
GRANTED = ("granted", "valid")
"""States of a case whose certificate is in force."""
DECLARED = ("declared", "to_correct")
"""States of a case whose declaration is in force."""
UNDECIDED = ("accepted", "assessed", "reviewed", "hearing")
"""From acceptance to the decision."""
PENDING = ("received", "supplement", *UNDECIDED)
"""States of an application that the authority has received and not decided."""


ENDED = {
    "EXPIRED": "expired",
    "REVOKED": "revoked",
    "WITHDRAWN": "mark_withdrawn",
    "STRUCK_OFF": "struck_off",
    "DECLARATION_WITHDRAWN": "declaration_withdrawn",
    "CANCELLED": "cancelled",
}
"""States of a case whose mark has ended, by the grounds."""


def application(_form: Mapping[str, Any]) -> str:
    """Which application it is, as the list of its documents calls it: there is one kind."""
    return "first"


def wrong_in(form: Mapping[str, Any], actor: Actor, _rules: RuleSet, _today: date) -> list[Violation]:
    """What is wrong with a form, or with a draft as far as it goes: it is another organisation's."""
    return in_own_name(form, actor)


def asked_for(form: Mapping[str, Any]) -> list[set[tuple[str, str]]]:
    """What each line asks for: goods of that name, packed at a place. Other sizes of them are a matter of the same
    application."""
    return [{(comparable(line["name"]), comparable(line["packed_at"]))} for line in form["lines"]]


def is_declaration(step: Step) -> bool:
    """Whether the law of the day has the mark declared, not granted."""
    return step.rules.regime("c_mark", step.today).declared


def not_needed(step: Step) -> Text | None:
    """Why no certificate is granted on the day of the step; None if one is."""
    regime = step.rules.regime("c_mark", step.today)
    if not regime.declared:
        return None
    since = regime.valid_from
    return Text(f"C标志自{since}起改为自我声明", f"the C mark is declared, not granted, from {since}")


def assessed_on(case: Case) -> date:
    """The day on which the assessment was reported."""
    return case[ASSESSMENT].on


def _not_done_on(step: Step, name: str, since: date) -> Sequence[Violation]:
    day = step.body[name]
    if since <= day <= step.today:
        return []
    reason = Text(f"应在{since}至{step.today}之间", f"it can have been from {since} to {step.today}")
    return [Violation(name, "outside_period", reason)]


def may_assess(step: Step) -> Sequence[Violation]:
    """Since the application was accepted, and not in the future."""
    return _not_done_on(step, "assessed_on", accepted_on(step.case))


def may_check(step: Step) -> Sequence[Violation]:
    """Since the mark was declared, and not in the future."""
    return _not_done_on(step, "checked_on", step.case[RECEIVED_ON])


def may_grant(step: Step) -> Sequence[Violation]:
    """There still is such a certificate, and the assessment was passed."""
    found = nothing_to_decide(not_needed(step), "rule")
    if (assessment := step.case[ASSESSMENT]).conclusion != "pass":
        number = assessment.number
        told = Text(f"考核报告{number}的结论为不合格：请作出不予许可决定", f"report {number} concludes fail: refuse it")
        found.append(Violation("assessment", "assessment_fails", told))
    return found


def may_refuse(step: Step) -> Sequence[Violation]:
    """There still is such a certificate."""
    return nothing_to_decide(not_needed(step), "rule")


def was_checked(case: Case) -> bool:
    return CHECK in case


def is_to_be_corrected(step: Step) -> bool:
    return bool(step.body["result"] == "to_correct")
