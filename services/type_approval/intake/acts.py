"""What each action on the application does. Functions of a step; they open and commit nothing."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from services.applications import held_otherwise, taken_in
from services.fields import check_digit_warnings, party_of
from services.instruments import scope
from services.type_approval.intake import rules
from services.type_approval.intake.oiml import OIML
from services.type_approval.queries import find_certificate
from services.type_approval.states import PENDING
from services.under_way import applied_for_already, besides
from shared.casework import ConnectedStep, Effect, Informed, Step
from shared.casework.confirming import confirmed_or_asked
from shared.casework.facts import FORM
from shared.casework.procedure import first_of
from shared.permits import bars
from shared.permits.facts import RECEIVED_ON
from shared.schemas import load
from shared.uploads import filing

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from shared.problems import Violation


class _Known(NamedTuple):
    """What a form is held against."""

    documents: filing.Documents
    pending: Sequence[tuple[str, Mapping[str, Any]]]
    """Number and form of each other application of the applicant under way."""
    certificate: rules.Certificate | None
    """The one that the form says is replaced."""


def _known(step: ConnectedStep, form: Mapping[str, Any]) -> _Known:
    replaced = form.get("replaces_certificate")
    certificate = find_certificate(step.tx, replaced) if isinstance(replaced, str) else None
    return _Known(filing.documents(step), _pending(step), certificate)


def _pending(step: ConnectedStep) -> Sequence[tuple[str, Mapping[str, Any]]]:
    return besides(step, PENDING)


def _stands(step: Step, given: Mapping[str, Any], known: _Known) -> Sequence[Violation]:
    read = partial(load, rules.FORM, given)
    form = filing.with_documents(step, known.documents, read, rules.application(given))
    found = rules.wrong_in(form, step.actor, step.rules, step.today)
    found += applied_for_already(form, known.pending, rules.asked_for)
    warnings = check_digit_warnings(form["credit_code"], "credit_code")
    if replaced := form.get("replaces_certificate"):
        held = known.certificate
        found += rules.wrongly_replaced(held, form, step.case.applicant) if held else []
        warnings += held_otherwise(form, held.content) if held else rules.not_registered(replaced)
    if not found:
        confirmed_or_asked(step, warnings)
    return found


MAY_SUBMIT = first_of(
    bars.not_barred(),
    Informed(lambda step: _known(step, step.case.form), lambda step, known: _stands(step, step.case.form, known)),
)
"""The form is whole, is the applicant's own, and its kind of instrument needs approval on that day."""
MAY_SUPPLEMENT = Informed(
    lambda step: _known(step, step.body["form"]), lambda step, known: _stands(step, step.body["form"], known)
)
"""The corrected form is held to what the submitted one was held to."""
MAY_TAKE_UP = Informed(_pending, lambda step, pending: applied_for_already(step.case.form, pending, rules.asked_for))
"""An application that had ended does not go on beside a later one for the same."""


def submit(step: ConnectedStep) -> Effect:
    """The application gets its number and is bound to the rules in force on the day of receipt."""
    lines = scope(step.case.form["lines"], step.case.form["category"])
    return taken_in(step, RECEIVED_ON.set(step.today), lines=lines)


def supplement(step: ConnectedStep) -> Effect:
    """What the office found of an OIML certificate it found of the form before."""
    form = step.body["form"]
    filing.file(step)
    return Effect(
        data=FORM.set(form) | OIML.set(None),
        event={"applicant": party_of(step.case, form), "lines": scope(form["lines"], form["category"])},
    )
