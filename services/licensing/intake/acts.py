"""What each action on the application does. Functions of a step; they open and commit nothing."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import update

from services.applications import another_permit, held_otherwise, taken_in
from services.fields import check_digit_warnings, party_of
from services.instruments import scope
from services.licensing.approvals.rules import coverage, unknown_approvals, when_released, without_approval
from services.licensing.intake import rules
from services.licensing.intake.facts import LAPSED
from services.licensing.models import licences
from services.licensing.queries import approvals_of, find_licence, hold_approvals, licences_of, locked_licence
from services.licensing.states import RUNNING
from services.under_way import applied_for_already, besides
from shared.casework import Case, ConnectedStep, Effect, FollowUp, Informed, Step, get_case
from shared.casework.confirming import confirmed_or_asked
from shared.casework.facts import FORM
from shared.casework.procedure import first_of
from shared.identity import Role
from shared.permits import bars, ending
from shared.permits.facts import LODGED_ON, RECEIVED_ON
from shared.text import as_numbered
from shared.uploads import filing

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from services.licensing.approvals.rules import Approval
    from services.licensing.licence.rules import Licence
    from shared.problems import Violation


_SLOTS = {"renews": licences.c.renewal, "amends": licences.c.amendment}
"""By the field of the form that names a licence, the column of the licence that has the application."""


class _Known(NamedTuple):
    """What a form is held against."""

    documents: filing.Documents
    approvals: Sequence[Approval]
    licence: Licence | None
    """The one that the form names, locked."""
    held: Sequence[Mapping[str, Any]]
    """What the applicant's licences in force say."""
    running: Sequence[tuple[str, Mapping[str, Any]]]
    """Number and form of each other application of the applicant under way."""

    def applied_for_already(self, form: Mapping[str, Any]) -> list[Violation]:
        return applied_for_already(form, self.running, partial(rules.asked_for, held=self.held))


def _known(step: ConnectedStep, form: Mapping[str, Any]) -> _Known:
    named = rules.licence_named(form)
    licence = locked_licence(step.tx, named) if isinstance(named, str) else None
    whose = step.case.applicant
    held, running = licences_of(step.tx, whose), besides(step, RUNNING)
    return _Known(filing.documents(step), approvals_of(step.tx, whose), licence, held, running)


def _submitted(step: ConnectedStep) -> _Known:
    return _known(step, step.case.form)


def _supplemented(step: ConnectedStep) -> tuple[_Known, str]:
    """And the office that granted the licence, if the form names one."""
    known = _known(step, step.body["form"])
    return known, get_case(step.tx, known.licence.case_id).office if known.licence else ""


def _may_supplement(step: Step, supplement: tuple[_Known, str]) -> Sequence[Violation]:
    given, (known, office) = step.body["form"], supplement
    # Nothing more is asked for than when it was submitted.
    stated = [name for name in rules.STATED if name in step.case.form]
    found = another_permit(step, given, tuple(_SLOTS)) or _stands(step, given, stated, known)
    return found or rules.decided_elsewhere(step, office or rules.office_for(given, step.rules, step.today))


def _stands(step: Step, given: Mapping[str, Any], stated: Collection[str], known: _Known) -> Sequence[Violation]:
    """Every fault of the form, also where it leaves out what is to be `stated`; if there is none, what is to be
    confirmed is asked."""
    form, licence = _whole(step, given, stated, known.documents), known.licence
    found = [
        *rules.wrong_in(form, step.actor, step.rules, step.today),
        *rules.wrong_self_assessment(form, step.rules, step.today),
        *rules.calibrated_tomorrow(given, step.today),
        *unknown_approvals(given["lines"], known.approvals),
    ]
    warnings = [
        *check_digit_warnings(form["credit_code"], "credit_code"),
        *rules.licensed_already(given, known.held),
        *rules.elsewhere(form, step.rules, step.today),
        *without_approval(given["lines"], known.approvals),
        *(warning for warning, _ in rules.lapsed(given, step.today)),
        *(held_otherwise(form, licence.content) if licence else ()),
    ]
    if "amends" in form:
        found += rules.may_amend(licence, given, step.case.id, step.case.applicant, step.today)
    if "renews" in form:
        received_on = step.case.get(RECEIVED_ON, step.today)
        found += rules.may_renew(licence, given, step.case.id, step.case.applicant, received_on)
        if licence and not found:
            warnings += [*rules.late(licence, step.rules, received_on), *rules.given_up(licence, given)]
    found = found or known.applied_for_already(given)
    if not found:
        confirmed_or_asked(step, warnings)
    return found


def is_renewal(step: Step) -> bool:
    return "renews" in step.case.form


MAY_SUBMIT = first_of(
    rules.nothing_to_apply_for,
    # To renew what one holds is not to apply again.
    bars.not_barred(unless=is_renewal),
    Informed(_submitted, lambda step, known: _stands(step, step.case.form, rules.STATED, known)),
)
"""There is such a licence, and the form stands."""
MAY_SUPPLEMENT = Informed(_supplemented, _may_supplement)
"""The corrected form is held to what the submitted one was held to, and is for the same licence."""


def _whole(step: Step, given: Mapping[str, Any], stated: Collection[str], held: filing.Documents) -> dict[str, Any]:
    """The form. Raises Problem with all that it lacks, and the documents that are lacking, at once."""
    return filing.with_documents(step, held, lambda: rules.read(given, stated), rules.application(given))


def awaited(step: ConnectedStep) -> list[str]:
    """The running type approval applications that lines of this application wait for."""
    return _awaited(step.case, approvals_of(step.tx, step.case.applicant))


def _awaited(case: Case, known: Sequence[Approval]) -> list[str]:
    standings = [coverage(line, known) for line in case.form["lines"]]
    return sorted({standing.awaits for standing in standings if standing.awaits})


class _Ahead(NamedTuple):
    documents: filing.Documents
    approvals: Sequence[Approval]


def _ahead(step: ConnectedStep) -> _Ahead:
    # What this rests on stays as it is until all is written.
    hold_approvals(step.tx, step.case.applicant)
    return _Ahead(filing.documents(step), approvals_of(step.tx, step.case.applicant))


def _is_ahead(step: Step, known: _Ahead) -> bool:
    if rules.not_needed(step):
        return False  # which is told before anything that the form lacks
    _whole(step, step.case.form, rules.STATED, known.documents)
    return bool(_awaited(step.case, known.approvals))


IS_AHEAD = Informed(_ahead, _is_ahead)
"""Whether it comes ahead of a type approval."""


def office(step: ConnectedStep) -> str:
    """The office that decides: of a licence that goes on, the one that granted it (Administrative Licensing Law Art. 49
    and 50)."""
    form = step.case.form
    named = rules.licence_named(form)
    licence = find_licence(step.tx, named) if named else None
    if licence is None:
        return rules.office_for(form, step.rules, step.today)
    return get_case(step.tx, licence.case_id).office


def lodge(step: ConnectedStep) -> Effect:
    """Lodged ahead of its type approval: numbered and kept, but no clock runs yet."""
    return _numbered(step, LODGED_ON.set(step.today) | _lapsed(step, step.case.form), {"awaits": awaited(step)})


def receive(step: ConnectedStep) -> Effect:
    """Received: by the applicant's submission, or automatically on the day the awaited certificate becomes known."""
    lines = scope(step.case.form["lines"])
    # Who lodged it was warned then.
    lapsed = {} if step.actor.role is Role.SYSTEM else _lapsed(step, step.case.form)
    return _numbered(step, RECEIVED_ON.set(step.today) | lapsed, {"lines": lines})


def _lapsed(step: Step, form: Mapping[str, Any]) -> dict[str, Any]:
    """What the applicant was warned of, for the office to see."""
    return LAPSED.set(tuple(one for _, one in rules.lapsed(form, step.today)) or None)


def _numbered(step: ConnectedStep, data: dict[str, Any], event: dict[str, Any]) -> Effect:
    form = step.case.form
    if step.case.number:
        # A draft that was returned may since have been turned to another licence, or to a first application.
        for column in _SLOTS.values():
            step.tx.execute(update(licences).where(column == step.case.id).values({column: None}))
    about = {name: as_numbered(form[name]) for name in _SLOTS if name in form}
    for name, number in about.items():
        step.tx.execute(update(licences).where(licences.c.number == number).values({_SLOTS[name]: step.case.id}))
    return taken_in(step, data, **about, **event)


def supplement(step: ConnectedStep) -> Effect:
    form = step.body["form"]
    filing.file(step)
    told = {"applicant": party_of(step.case, form), "lines": scope(form["lines"])}
    return Effect(data=FORM.set(form) | _lapsed(step, form), event=told)


def is_amendment(step: Step) -> bool:
    return "amends" in step.case.form


def licence_about(step: ConnectedStep) -> Licence | None:
    """The licence that the application is about, locked; None for a first one."""
    number = rules.licence_named(step.case.form)
    return locked_licence(step.tx, number) if number else None


def _taken_up(step: ConnectedStep) -> _Known:
    # In the order in which a submission locks.
    hold_approvals(step.tx, step.case.applicant)
    return _known(step, step.case.form)


def _may_take_up(step: Step, known: _Known) -> list[Violation]:
    found = rules.not_the_newest(step, known.licence) if known.licence else []
    return found or known.applied_for_already(step.case.form)


MAY_TAKE_UP = Informed(_taken_up, _may_take_up)
"""An application that had ended does not go on beside a later one of the same licence, or for the same."""


def take_up(step: ConnectedStep) -> Effect:
    """One that was waiting for a type approval does what it would have done when that was decided."""
    effect = ending.take_up(step)
    if RECEIVED_ON in step.case:
        return effect
    action = when_released(step.case.form["lines"], approvals_of(step.tx, step.case.applicant))
    return replace(effect, then=[FollowUp(step.case.id, action, {})] if action else [])
