"""What each action does for the C mark. Functions of a step; they open and commit nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from services.applications import another_permit, held, held_otherwise, taken_in
from services.c_mark import renewing, rules
from services.c_mark.facts import ASSESSMENT, CHECK, CORRECTION_ORDER, MARK, Assessed, Checked, Ordered
from services.c_mark.queries import REGISTER
from services.fields import check_digit_warnings, party_of
from services.under_way import applied_for_already, besides
from shared.casework import Effect, Informed
from shared.casework.confirming import confirmed_or_asked
from shared.casework.facts import FORM
from shared.casework.numbering import allocate
from shared.casework.procedure import all_of, first_of
from shared.documents.issues import order
from shared.law import add_months
from shared.permits import bars
from shared.permits.facts import DECISION, RECEIVED_ON, Decision
from shared.schemas import load
from shared.text import as_numbered
from shared.uploads import filing

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from shared.casework import ConnectedStep, Step
    from shared.casework.procedure import Guard
    from shared.problems import Violation


class _Known(NamedTuple):
    """What a form is held against."""

    documents: filing.Documents
    renewed: renewing.Renewed | None
    others: Sequence[tuple[str, Mapping[str, Any]]]
    """Number and form of each other application of the applicant under way; with a declaration, of each in force."""


def _known(step: ConnectedStep, form: Mapping[str, Any]) -> _Known:
    renewed = renewing.known(step.tx, form.get("renews"), step.case.applicant)
    others = besides(step, rules.DECLARED if rules.is_declaration(step) else rules.PENDING)
    return _Known(filing.documents(step), renewed, others)


def _stands(step: Step, given: Mapping[str, Any], known: _Known) -> Sequence[Violation]:
    read = partial(load, rules.FORM, given)
    form = filing.with_documents(step, known.documents, read, rules.application(given))
    found = rules.wrong_in(form, step.actor, step.rules, step.today)
    if "renews" in form:
        received_on = step.case.get(RECEIVED_ON, step.today)
        found += renewing.wrong(known.renewed, form["renews"], step.rules, received_on, besides=step.case.id)
    found = found or applied_for_already(form, known.others, rules.asked_for, "name")
    if not found:
        renewed = held_otherwise(form, known.renewed.mark.content) if known.renewed else []
        confirmed_or_asked(step, [*check_digit_warnings(form["credit_code"], "credit_code"), *renewed])
    return found


MAY_SUBMIT = first_of(
    # To renew what one holds is not to apply again.
    bars.not_barred(unless=lambda step: "renews" in step.case.form),
    Informed(lambda step: _known(step, step.case.form), lambda step, known: _stands(step, step.case.form, known)),
)
"""The form is whole and the applicant's own, whether it is applied with or declared."""
MAY_SUPPLEMENT = first_of(
    lambda step: another_permit(step, step.body["form"], ("renews",)),
    Informed(lambda step: _known(step, step.body["form"]), lambda step, known: _stands(step, step.body["form"], known)),
)
"""What is sent later is held to what the form first was held to, and renews what that did."""


def _alone(states: Collection[str]) -> Guard:
    """No other case of the maker's in these states is for the same goods."""
    return Informed(
        lambda step: besides(step, states),
        lambda step, others: applied_for_already(step.case.form, others, rules.asked_for, "name"),
    )


MAY_TAKE_UP = first_of(renewing.MAY_TAKE_UP, _alone(rules.PENDING))
"""An application that had ended does not go on beside a later one for the same."""
MAY_RESTORE = _alone(rules.DECLARED)
"""A declaration that was struck off is not in force again beside a later one of the same goods."""
MAY_GRANT = all_of(rules.may_grant, renewing.MAY_GRANT)
"""The certificate stands as such, and as the renewal that it is applied for as."""


def receive(step: ConnectedStep) -> Effect:
    about = {"renews": as_numbered(step.case.form["renews"])} if "renews" in step.case.form else {}
    return taken_in(step, RECEIVED_ON.set(step.today), lines=step.case.form["lines"], **about)


def supplement(step: ConnectedStep) -> Effect:
    form = step.body["form"]
    filing.file(step)
    return Effect(data=FORM.set(form), event={"applicant": party_of(step.case, form), "lines": form["lines"]})


def assess(step: Step) -> Effect:
    assessed = Assessed(**Assessed.given(step.raw), on=step.today)
    told = {"report": assessed.number, "conclusion": assessed.conclusion}
    return Effect(data=ASSESSMENT.set(assessed), event=told)


def grant(step: ConnectedStep) -> Effect:
    """The mark is numbered in the transaction of the decision and holds for the time the law gives."""
    case_number = step.case.number or ""
    content = _enter(step, "granted", case_number)
    decision = Decision(outcome="granted", on=step.today)
    told = {"mark": content["number"], "holder": step.case.applicant, "lines": content["lines"]}
    return Effect(
        data=DECISION.set(decision) | MARK.set(content["number"]), event={**told, "valid_until": content["valid_until"]}
    )


def declare(step: ConnectedStep) -> Effect:
    """The mark is numbered and public at once; the office may check it later."""
    taken = receive(step)
    content = _enter(step, "declared", taken.number or "")
    mark = MARK.set(content["number"])
    return Effect(number=taken.number, rules=taken.rules, data={**taken.data, **mark}, event={**taken.event, **mark})


def _enter(step: ConnectedStep, kind: str, case_number: str) -> dict[str, Any]:
    """Enter a mark in the register, under the rule of the day; what its document says."""
    regime, limit = step.rules.regime("c_mark", step.today), step.rules.validity("c_mark", step.today).limit
    number = allocate(step.tx, step.rules.number_format("c_mark", step.today), year=step.today.year)
    title = _TITLES[regime.rule]
    until = add_months(renewing.follows_on(step), limit.amount) if limit else None
    renews = {"renews": as_numbered(step.case.form["renews"])} if "renews" in step.case.form else {}
    content = {
        **held(step, number, *title),
        "rule": regime.rule,
        "lines": step.case.form["lines"],
        "granted_on": step.today.isoformat(),
        **renews,
        **({"valid_until": until.isoformat()} if until else {"valid": {"zh": "长期", "en": "without end"}}),
        "application": case_number,
    }
    REGISTER.enter(step, content, valid_until=until)
    order(step, kind, content)
    return content


_TITLES = {
    "assessed_certificate": (
        "定量包装商品计量保证能力合格证书",
        "Certificate of metrological assurance for prepackaged goods",
    ),
    "self_declaration": (
        "定量包装商品计量保证能力自我声明公示",
        "Published declaration of metrological assurance for prepackaged goods",
    ),
}


def term(step: ConnectedStep) -> date | None:
    """The last day of the term of the mark that lives in the step's case."""
    until = REGISTER.content(step).get("valid_until")
    return date.fromisoformat(until) if until else None


def amend(step: ConnectedStep) -> Effect:
    """The declaration says what the new form says; its number and its day stay."""
    form = step.body["form"]
    said = {"name": form["applicant_name"], "address": form["registered_site"]["address"]}
    content = REGISTER.content(step)
    places = [site["address"] for site in form["production_sites"]]
    changed = {"holder": {**content["holder"], **said}, "places_of_manufacture": places, "lines": form["lines"]}
    REGISTER.amend(step, "changed", {**content, **changed})
    amended = supplement(step)
    return Effect(data=amended.data, event={**amended.event, "mark": content["number"], "reason": step.reason})


def check(step: Step) -> Effect:
    """What the check found; what is then to be corrected stands until the next check."""
    checked = Checked(**Checked.given(step.raw), on=step.today, before=step.case.get(CORRECTION_ORDER))
    ordered = Ordered(on=step.today, findings=checked.findings) if checked.result == "to_correct" else None
    told = {"mark": step.case[MARK], "findings": checked.findings}
    return Effect(data=CHECK.set(checked) | CORRECTION_ORDER.set(ordered), event=told)


def withdraw_check(step: Step) -> Effect:
    """What was to be corrected before the check is to be corrected again."""
    before = step.case[CHECK].before
    told = {"mark": step.case[MARK], "reason": step.reason}
    return Effect(data=CHECK.set(None) | CORRECTION_ORDER.set(before), event=told)


def report_correction(step: Step) -> Effect:
    reported = replace(step.case[CORRECTION_ORDER], done=step.body["done"], reported_on=step.today)
    told = {"mark": step.case[MARK], "done": step.body["done"]}
    return Effect(data=CORRECTION_ORDER.set(reported), event=told)
