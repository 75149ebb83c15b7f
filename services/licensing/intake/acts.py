"""What each action on the application does. Functions of a step; they open and commit nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import update

from services.applications import taken_in
from services.fields import check_digit_warnings, party_of
from services.instruments import scope
from services.licensing.approvals.rules import coverage, unknown_approvals, when_released, without_approval
from services.licensing.intake import rules
from services.licensing.intake.facts import LAPSED
from services.licensing.models import licences
from services.licensing.queries import approvals_of, find_licence, hold_approvals, locked_licence
from shared.casework import Effect, FollowUp, Step, get_case
from shared.casework.confirming import confirmed_or_asked
from shared.casework.facts import FORM
from shared.identity import Role
from shared.permits import bars, ending
from shared.permits.facts import LODGED_ON, RECEIVED_ON
from shared.text import as_numbered
from shared.uploads import filing

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from shared.problems import Violation


_SLOTS = {"renews": licences.c.renewal, "amends": licences.c.amendment}
"""By the field of the form that names a licence, the column of the licence that has the application."""


def may_submit(step: Step) -> Sequence[Violation]:
    """There is such a licence, and the form stands."""
    if none := rules.nothing_to_apply_for(step):
        return none
    # To renew what one holds is not to apply again.
    return (not is_renewal(step) and bars.barred(step)) or _stands(step, step.case.form, rules.STATED)


def may_supplement(step: Step) -> Sequence[Violation]:
    """The mended form is held to what the submitted one was held to, and is for the same licence."""
    given = step.body["form"]
    # Nothing is asked for anew that was not when it was submitted.
    stated = [name for name in rules.STATED if name in step.case.form]
    return (
        rules.another_licence(step, given)
        or _stands(step, given, stated)
        or rules.decided_elsewhere(step, _office_for(step, given))
    )


def _stands(step: Step, given: Mapping[str, Any], stated: Collection[str]) -> Sequence[Violation]:
    """Every fault of the form, also where it leaves out what is to be `stated`; if there is none, what is to be
    confirmed is asked."""
    form = _whole(step, given, stated)
    known = approvals_of(step.tx, step.case.applicant)
    found = [
        *rules.wrong_in(form, step.actor, step.rules, step.today),
        *rules.wrong_self_assessment(form, step.rules, step.today),
        *rules.calibrated_tomorrow(given, step.today),
        *unknown_approvals(given["lines"], known),
    ]
    warnings = [
        *check_digit_warnings(form["credit_code"], "credit_code"),
        *without_approval(given["lines"], known),
        *(warning for warning, _ in rules.lapsed(given, step.today)),
    ]
    if "amends" in form:
        licence = locked_licence(step.tx, form["amends"])
        found += rules.may_amend(licence, given, step.case.id, step.case.applicant, step.today)
    if "renews" in form:
        licence = locked_licence(step.tx, form["renews"])
        found += rules.may_renew(licence, given, step.case.id, step.case.applicant, step.today)
        if licence and not found:
            received_on = step.case.get(RECEIVED_ON, step.today)
            warnings += rules.late(licence, step.rules, received_on)
    if not found:
        confirmed_or_asked(step, warnings)
    return found


def _whole(step: Step, given: Mapping[str, Any], stated: Collection[str]) -> dict[str, Any]:
    """The form. Raises Problem with all that it lacks, and the documents that are lacking, at once."""
    return filing.with_documents(step, lambda: rules.read(given, stated), rules.application(given))


def awaited(step: Step) -> list[str]:
    """The running type approval applications that lines of this application wait for."""
    _whole(step, step.case.form, rules.STATED)
    known = approvals_of(step.tx, step.case.applicant)
    standings = [coverage(line, known) for line in step.case.form["lines"]]
    return sorted({standing.awaits for standing in standings if standing.awaits})


def is_ahead(step: Step) -> bool:
    """Whether it comes ahead of a type approval; what this rests on stays as it is until all is written."""
    if rules.not_needed(step):
        return False  # which is told before anything that the form lacks
    hold_approvals(step.tx, step.case.applicant)
    return bool(awaited(step))


def office(step: Step) -> str:
    """The office that decides: of a licence that goes on, the one that granted it (Administrative Licensing Law Art. 49
    and 50)."""
    return _office_for(step, step.case.form)


def _office_for(step: Step, form: Mapping[str, Any]) -> str:
    named = rules.licence_named(form)
    licence = find_licence(step.tx, named) if named else None
    if licence is None:
        return rules.office_for(form, step.rules, step.today)
    return get_case(step.tx, licence.case_id).office


def lodge(step: Step) -> Effect:
    """Lodged ahead of its type approval: numbered and kept, but no clock runs yet."""
    return _numbered(step, LODGED_ON.set(step.today) | _lapsed(step, step.case.form), {"awaits": awaited(step)})


def receive(step: Step) -> Effect:
    """Received: by the applicant's submission, or automatically on the day the awaited certificate becomes known."""
    lines = scope(step.case.form["lines"])
    # Who lodged it was warned then.
    lapsed = {} if step.actor.role is Role.SYSTEM else _lapsed(step, step.case.form)
    return _numbered(step, RECEIVED_ON.set(step.today) | lapsed, {"lines": lines})


def _lapsed(step: Step, form: Mapping[str, Any]) -> dict[str, Any]:
    """What the applicant was warned of, for the office to see."""
    return LAPSED.set(tuple(one for _, one in rules.lapsed(form, step.today)) or None)


def _numbered(step: Step, data: dict[str, Any], event: dict[str, Any]) -> Effect:
    form = step.case.form
    if step.case.number:
        # A draft that was returned may since have been turned to another licence, or to a first application.
        for column in _SLOTS.values():
            step.tx.execute(update(licences).where(column == step.case.id).values({column: None}))
    about = {name: as_numbered(form[name]) for name in _SLOTS if name in form}
    for name, number in about.items():
        step.tx.execute(update(licences).where(licences.c.number == number).values({_SLOTS[name]: step.case.id}))
    return taken_in(step, data, **about, **event)


def supplement(step: Step) -> Effect:
    form = step.body["form"]
    filing.file(step)
    told = {"applicant": party_of(step.case, form), "lines": scope(form["lines"])}
    return Effect(data=FORM.set(form) | _lapsed(step, form), event=told)


def is_renewal(step: Step) -> bool:
    return "renews" in step.case.form


def is_amendment(step: Step) -> bool:
    return "amends" in step.case.form


def may_take_up(step: Step) -> Sequence[Violation]:
    """A renewal or an amendment that had ended does not go on beside a later one of the same licence."""
    named = rules.licence_named(step.case.form)
    licence = locked_licence(step.tx, named) if named else None
    return rules.not_the_newest(step, licence) if licence else []


def take_up(step: Step) -> Effect:
    """One that was waiting for a type approval does what it would have done when that was decided."""
    effect = ending.take_up(step)
    if RECEIVED_ON in step.case:
        return effect
    hold_approvals(step.tx, step.case.applicant)
    action = when_released(step.case.form["lines"], approvals_of(step.tx, step.case.applicant))
    return replace(effect, then=[FollowUp(step.case.id, action, {})] if action else [])
