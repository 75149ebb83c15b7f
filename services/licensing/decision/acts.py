"""What each action on the decision does. Functions of a step; they open and commit nothing."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, update

from services.applications import held
from services.instruments import legend, ranges, scope
from services.licensing.approvals.rules import coverage
from services.licensing.decision import rules
from services.licensing.intake.acts import licence_about
from services.licensing.intake.rules import licence_named
from services.licensing.licence.acts import order_anew
from services.licensing.licence.facts import LICENCE, Amendment
from services.licensing.licence.rules import Licence, Term, amended, changed_since, first_term, next_term
from services.licensing.models import licence_summaries, licence_terms, licences
from services.licensing.queries import REGISTER, approvals_of, hold_approvals
from services.licensing.states import LIVE
from shared.casework import ConnectedStep, Effect, FollowUp, Informed, get_case, summaries
from shared.casework.numbering import allocate
from shared.casework.procedure import all_of, first_of
from shared.permits.ending import team_of
from shared.permits.facts import DECISION, RECEIVED_ON, Decision
from shared.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from services.licensing.approvals.rules import Approval


def _held_approvals(step: ConnectedStep) -> Sequence[Approval]:
    """The type approvals of the applicant, which stay as they are until all is written."""
    hold_approvals(step.tx, step.case.applicant)
    return approvals_of(step.tx, step.case.applicant)


_COVERED = Informed(_held_approvals, rules.may_grant)
_ORDERS = Informed(_held_approvals, rules.orders_confirmed)
MAY_GRANT = first_of(_COVERED, _ORDERS)
MAY_GRANT_RENEWAL = first_of(
    all_of(
        _COVERED,
        Informed(licence_about, lambda step, licence: rules.licence_over(step, "renews", licence, (*LIVE, "expired"))),
        Informed(licence_about, rules.not_renewed_by_law),
    ),
    _ORDERS,
)
"""As for a first licence; and the licence still is there to be renewed: in force, or just expired undecided."""
MAY_REFUSE = all_of(rules.may_refuse, Informed(licence_about, rules.not_renewed_by_law))
MAY_GRANT_AMENDMENT = first_of(
    all_of(_COVERED, Informed(licence_about, lambda step, licence: rules.licence_over(step, "amends", licence, LIVE))),
    _ORDERS,
)
"""As for a first licence; and the licence is in force."""


def grant(step: ConnectedStep) -> Effect:
    """The licence is numbered in the transaction of the decision and holds for the time the law gives."""
    office = step.rules.authority(step.today, step.case.office)
    number = allocate(step.tx, step.rules.number_format("licence", step.today), office=office.code[2:])
    term = first_term(step.rules, step.today)
    content = _document(step, number, granted_on=step.today, valid_until=term.ends)
    REGISTER.enter(step, content, valid_until=term.ends)
    _keep_term(step, number, term, "granted", step.today)
    order_anew(step, "granted")
    return Effect(
        data=DECISION.set(Decision(outcome="granted", on=step.today)) | LICENCE.set(number),
        event={
            "licence": number,
            "holder": step.case.applicant,
            "valid_until": term.ends.isoformat(),
            "lines": scope(step.case.form["lines"]),
        },
    )


def grant_renewal(step: ConnectedStep) -> Effect:
    """The licence keeps its number and gets its next term, and its document what the renewal's form says now, with
    what has changed in the licence since that was applied for."""
    licence = _licence(step)
    term = next_term(licence, step.rules, step.today)
    granted_on = date.fromisoformat(licence.content["granted_on"])
    stated = _document(step, licence.number, granted_on=granted_on, valid_until=term.ends)
    content = changed_since(stated, get_case(step.tx, licence.case_id), step.case[RECEIVED_ON])
    return _renew(step, licence, term, content, on=step.today, deemed=False)


def grant_by_silence(step: ConnectedStep) -> Effect:
    """What was not decided before the licence expired is granted by law: the renewal is decided with that, and its
    holder is to be given the document like any other (Administrative Licensing Law Art. 44 and 50)."""
    licence = _licence(step)
    term = next_term(licence, step.rules, step.body["on"])
    content = {**licence.content, "valid_until": term.ends.isoformat()}
    return _renew(step, licence, term, content, on=step.body["on"], deemed=True)


def grant_amendment(step: ConnectedStep) -> Effect:
    """The licence keeps number and term: it gets the new items, or the places of manufacture of the form."""
    licence = _licence(step)
    stated = _document(step, licence.number, granted_on=step.today, valid_until=licence.valid_until)
    kind, outcome = step.case.form["kind"], Text("准予变更许可", "amended")
    lines, places = (stated["lines"], None) if kind == "additions" else (None, stated["places_of_manufacture"])
    amendment = Amendment(application=step.case.number or "", kind=kind, on=step.today, lines=lines, places=places)
    _store(step, licence, amended(licence.content, amendment))
    return Effect(
        data=DECISION.set(Decision(outcome="granted", on=step.today)) | LICENCE.set(licence.number),
        event={"licence": licence.number, "holder": licence.holder, "zh": outcome.zh, "en": outcome.en},
        then=[FollowUp(licence.case_id, "change_by_decision", amendment.stored())],
    )


def _licence(step: ConnectedStep) -> Licence:
    """The licence that the application is about."""
    licence = licence_about(step)
    if licence is None:
        raise LookupError(f"{step.case.ref} is about {licence_named(step.case.form)}, which is gone")
    return licence


def _renew(
    step: ConnectedStep, licence: Licence, term: Term, content: Mapping[str, Any], *, on: date, deemed: bool
) -> Effect:
    _store(step, licence, content, valid_until=term.ends)
    _keep_term(step, licence.number, term, "deemed_renewed" if deemed else "renewed", on)
    outcome = Text("视为准予延续", "deemed renewed") if deemed else Text("准予延续", "renewed")
    told = {"on": on.isoformat(), "valid_until": term.ends.isoformat(), "deemed": deemed}
    return Effect(
        data=DECISION.set(Decision(outcome="deemed_granted" if deemed else "granted", on=on))
        | LICENCE.set(licence.number),
        event={
            **told,
            **(team_of(step) if deemed else {}),
            "licence": licence.number,
            "holder": licence.holder,
            "zh": outcome.zh,
            "en": outcome.en,
        },
        then=[FollowUp(licence.case_id, "renew", {**told, "application": step.case.number})],
    )


def _store(step: ConnectedStep, licence: Licence, content: Mapping[str, Any], **values: Any) -> None:
    step.tx.execute(update(licences).where(licences.c.number == licence.number).values(content=content, **values))
    summaries.keep(step.tx, licence_summaries, licence.case_id, summaries.of_permit(content))


def _keep_term(step: ConnectedStep, licence: str, term: Term, kind: str, on: date) -> None:
    kept = {"case_id": step.case.id, "licence": licence, "kind": kind, "decided_on": on}
    step.tx.execute(insert(licence_terms).values(**kept, begins=term.begins, ends=term.ends))


def _document(step: ConnectedStep, number: str, *, granted_on: date, valid_until: date) -> dict[str, Any]:
    """The licence as it is printed and shown."""
    form = step.case.form
    known = approvals_of(step.tx, step.case.applicant)
    return {
        **held(step, number, "制造计量器具许可证", "Licence to manufacture measuring instruments"),
        "lines": [
            {**line, "type_approval": coverage(given, known).certificate, "standard": given["standard"]}
            for line, given in zip(scope(form["lines"]), form["lines"], strict=True)
        ],
        "ranges": ranges(scope(form["lines"])),
        "legend": legend(scope(form["lines"])),
        "granted_on": granted_on.isoformat(),
        "valid_until": valid_until.isoformat(),
        "application": step.case.number,
    }
