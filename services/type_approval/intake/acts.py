"""What each action on the application does. Functions of a step; they open and commit nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from services.applications import taken_in
from services.fields import check_digit_warnings, party_of
from services.instruments import scope
from services.type_approval.intake import rules
from services.type_approval.queries import holder_of, pending_besides
from shared.casework import Effect, Step
from shared.casework.confirming import confirmed_or_asked
from shared.casework.facts import FORM
from shared.permits import bars
from shared.permits.facts import RECEIVED_ON
from shared.schemas import load
from shared.uploads import filing

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from shared.problems import Violation


def may_submit(step: Step) -> Sequence[Violation]:
    """The form is whole, is the applicant's own, and its kind of instrument needs approval on that day."""
    return bars.barred(step) or _stands(step, step.case.form)


def may_supplement(step: Step) -> Sequence[Violation]:
    """The mended form is held to what the submitted one was held to."""
    return _stands(step, step.body["form"])


def _stands(step: Step, given: Mapping[str, Any]) -> Sequence[Violation]:
    form = filing.with_documents(step, lambda: load(rules.FORM, given), rules.application(given))
    found = rules.wrong_in(form, step.actor, step.rules, step.today)
    found += rules.applied_for_already(form, pending_besides(step.tx, step.case))
    warnings = check_digit_warnings(form["credit_code"], "credit_code")
    if replaced := form.get("replaces_certificate"):
        holder = holder_of(step.tx, replaced)
        found += rules.wrongly_replaced(holder, step.case.applicant)
        warnings += rules.not_registered(replaced) if holder is None else []
    if not found:
        confirmed_or_asked(step, warnings)
    return found


def may_take_up(step: Step) -> Sequence[Violation]:
    """An application that had ended does not go on beside a later one for the same."""
    return rules.applied_for_already(step.case.form, pending_besides(step.tx, step.case))


def submit(step: Step) -> Effect:
    """The application gets its number and is bound to the rules in force on the day of receipt."""
    lines = scope(step.case.form["lines"], step.case.form["category"])
    return taken_in(step, RECEIVED_ON.set(step.today), lines=lines)


def supplement(step: Step) -> Effect:
    form = step.body["form"]
    filing.file(step)
    return Effect(
        data=FORM.set(form),
        event={"applicant": party_of(step.case, form), "lines": scope(form["lines"], form["category"])},
    )
