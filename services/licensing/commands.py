"""What each action of the manufacturing licence does. Functions of a step; they open and commit nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, func, insert, select, update

from services.fields import check_digit_warnings, party_of
from services.instruments import legend, scope
from services.licensing import approvals, rules
from services.licensing.models import licence_summaries, licence_terms, licences
from services.licensing.queries import REGISTER, approvals_of, find_licence, hold_approvals, licence_of_case
from services.licensing.rules import FORM, LIVE, Licence, Term, coverage, uncovered
from shared.casework import Effect, FollowUp, Name, Step, get_case, summaries
from shared.casework.numbering import allocate
from shared.documents.issues import order
from shared.permits import bars, ending, intake
from shared.problems import Text, Violation
from shared.schemas import load
from shared.text import as_numbered
from shared.uploads import filing

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def may_submit(step: Step) -> Sequence[Violation]:
    """There is such a licence, and the form stands."""
    if why := rules.not_needed(step):
        return [
            Violation(
                "procedure", "not_needed", Text(f"{why.zh}：无须申请", f"{why.en}: nothing needs to be applied for")
            )
        ]
    # To renew what one holds is not to apply again.
    return (not is_renewal(step) and bars.barred(step)) or _stands(step, step.case.form)


def may_supplement(step: Step) -> Sequence[Violation]:
    """The mended form is held to what the submitted one was held to, and is for the same licence."""
    given = step.body["form"]
    if as_numbered(given.get("renews", "")) != as_numbered(step.case.form.get("renews", "")):
        return [
            Violation(
                "renews",
                "another_licence",
                Text(
                    "补正不得改换许可证：请撤回后重新申请", "a supplement stays with the licence: withdraw, apply anew"
                ),
            )
        ]
    return _stands(step, given)


def _stands(step: Step, given: Mapping[str, Any]) -> Sequence[Violation]:
    """Every fault of the form; if there is none, what is to be confirmed is asked."""
    form = filing.with_documents(step, lambda: load(FORM, given), rules.application(given))
    known = approvals_of(step.tx, step.case.applicant)
    found = [
        *rules.wrong_in(form, step.actor, step.rules, step.today),
        *rules.unknown_approvals(given["lines"], known),
    ]
    warnings = [
        *check_digit_warnings(form["credit_code"], "credit_code"),
        *rules.without_approval(given["lines"], known),
    ]
    if "renews" in form:
        licence = _locked_licence(step.tx, form["renews"])
        found += rules.may_renew(licence, given, step.case.id, step.case.applicant, step.today)
        if licence and not found:
            received_on = date.fromisoformat(step.case.data.get("received_on", step.today.isoformat()))
            warnings += rules.late(licence, step.rules, received_on)
    if not found:
        intake.confirmed_or_asked(step, warnings)
    return found


def _locked_licence(tx: Connection, number: str) -> Licence | None:
    """The licence with that number; nobody else changes it or counts on it until the transaction ends."""
    licence = find_licence(tx, number)
    if licence is None:
        return None
    get_case(tx, licence.case_id, lock=True)
    return find_licence(tx, number)


def awaited(step: Step) -> list[str]:
    """The running type approval applications that lines of this application wait for."""
    load(FORM, step.case.form)
    known = approvals_of(step.tx, step.case.applicant)
    standings = [coverage(line, known) for line in step.case.form["lines"]]
    return sorted({standing.awaits for standing in standings if standing.awaits})


def is_ahead(step: Step) -> bool:
    """Whether it comes ahead of a type approval; what this rests on stays as it is until all is written."""
    if rules.not_needed(step):
        return False  # which is told before anything that the form lacks
    hold_approvals(step.tx, step.case.applicant)
    return bool(awaited(step))


def lodge(step: Step) -> Effect:
    """Lodged ahead of its type approval: numbered and kept, but no clock runs yet."""
    return _numbered(step, {"lodged_on": step.today.isoformat()}, {"awaits": awaited(step)})


def receive(step: Step) -> Effect:
    """Received: by the applicant's submission, or automatically on the day the awaited certificate becomes known."""
    lines = scope(step.case.form["lines"])
    return _numbered(step, {"received_on": step.today.isoformat()}, {"lines": lines})


def _numbered(step: Step, data: dict[str, Any], event: dict[str, Any]) -> Effect:
    form = step.case.form
    style = step.rules.number_format("application_manufacture", step.today)
    filing.file(step)
    if step.case.number:
        # A draft that was returned may since have been turned to another licence, or to a first application.
        step.tx.execute(update(licences).where(licences.c.renewal == step.case.id).values(renewal=None))
    renews = {"renews": as_numbered(form["renews"])} if "renews" in form else {}
    if renews:
        step.tx.execute(update(licences).where(licences.c.number == renews["renews"]).values(renewal=step.case.id))
    return Effect(
        number=step.case.number or allocate(step.tx, style, year=step.today.year),
        rules=step.rules.name,
        data=data,
        event={
            "procedure": "manufacture",
            "rules": step.rules.name,
            "applicant": party_of(step.case, form),
            **renews,
            **event,
        },
    )


def supplement(step: Step) -> Effect:
    form = step.body["form"]
    filing.file(step)
    return Effect(data={"form": form}, event={"applicant": party_of(step.case, form), "lines": scope(form["lines"])})


def may_grant(step: Step) -> Sequence[Violation]:
    """There still is such a licence, every line lies inside a certificate of the same holder, and the assessment was
    passed."""
    hold_approvals(step.tx, step.case.applicant)
    found = uncovered(step.case.form["lines"], approvals_of(step.tx, step.case.applicant))
    if why := rules.not_needed(step):
        found.append(
            Violation(
                "kind",
                "not_needed",
                Text(f"{why.zh}：请依法终止，事由LAW_CHANGED", f"{why.en}: terminate the case, ground LAW_CHANGED"),
            )
        )
    assessment = step.case.data["assessment"]
    if assessment["conclusion"] != "pass":
        found.append(
            Violation(
                "assessment",
                "assessment_fails",
                Text(
                    f"考核报告{assessment['number']}的结论为不合格：请作出不予许可决定",
                    f"report {assessment['number']} concludes fail: refuse",
                ),
            )
        )
    return found


def grant(step: Step) -> Effect:
    """The licence is numbered in the transaction of the decision and holds for the time the law gives."""
    number = allocate(step.tx, step.rules.number_format("licence", step.today))
    term = rules.first_term(step.rules, step.today)
    content = _document(step, number, granted_on=step.today, valid_until=term.ends)
    REGISTER.enter(step, content, valid_until=term.ends)
    _keep_term(step, number, term, "granted", step.today)
    order_anew(step, "granted")
    return Effect(
        data={"decision": {"outcome": "granted", "on": step.today.isoformat()}, "licence": number},
        event={
            "licence": number,
            "holder": step.case.applicant,
            "valid_until": term.ends.isoformat(),
            "lines": scope(step.case.form["lines"]),
        },
    )


def is_renewal(step: Step) -> bool:
    return "renews" in step.case.form


def may_grant_renewal(step: Step) -> Sequence[Violation]:
    """As for a first licence; and the licence still is there to be renewed: in force, or just expired undecided."""
    found = list(may_grant(step))
    licence = _locked_licence(step.tx, step.case.form["renews"])
    if licence is None or licence.state not in {*LIVE, "expired"}:
        found.append(
            Violation(
                "renews",
                "licence_ended",
                Text(
                    f"{step.case.form['renews']}已失效：请作出不予许可决定",
                    f"{step.case.form['renews']} is over: refuse",
                ),
            )
        )
    return found


def may_take_up(step: Step) -> Sequence[Violation]:
    """A renewal that had ended does not go on beside a later one of the same licence."""
    licence = _locked_licence(step.tx, step.case.form["renews"]) if is_renewal(step) else None
    if licence is None or licence.renewal == step.case.id:
        return []
    reason = Text(
        f"此后{licence.renewal_number}已申请{licence.number}的复查换证：请办理该件",
        f"{licence.renewal_number} renews {licence.number} since then: decide that one",
    )
    return [Violation("renews", "renewal_running", reason)]


def take_up(step: Step) -> Effect:
    """One that was waiting for a type approval does what it would have done when that was decided."""
    effect = ending.take_up(step)
    if "received_on" in step.case.data:
        return effect
    hold_approvals(step.tx, step.case.applicant)
    action = rules.when_released(step.case.form["lines"], approvals_of(step.tx, step.case.applicant))
    return replace(effect, then=[FollowUp(step.case.id, action, {})] if action else [])


def may_be_granted_by_silence(step: Step) -> Sequence[Violation]:
    """Silence renews a licence; it never grants one (the law gives no other tacit grant)."""
    return (
        []
        if is_renewal(step)
        else [
            Violation(
                "renews", "no_renewal", Text("首次申请不因逾期未作决定而视为准予", "silence grants no first licence")
            )
        ]
    )


def grant_renewal(step: Step) -> Effect:
    """The licence keeps its number and gets its next term, and its document what the renewal's form says now."""
    licence = _renewed(step)
    term = rules.next_term(licence, step.rules, step.today)
    granted_on = date.fromisoformat(licence.content["granted_on"])
    content = _document(step, licence.number, granted_on=granted_on, valid_until=term.ends)
    return _renew(step, licence, term, content, on=step.today, deemed=False)


def grant_by_silence(step: Step) -> Effect:
    """What was not decided before the licence expired is granted by law: the renewal is decided with that, and its
    holder is to be given the document like any other (Administrative Licensing Law Art. 44 and 50)."""
    licence = _renewed(step)
    term = rules.next_term(licence, step.rules, step.body["on"])
    content = {**licence.content, "valid_until": term.ends.isoformat()}
    return _renew(step, licence, term, content, on=step.body["on"], deemed=True)


def _renewed(step: Step) -> Licence:
    licence = _locked_licence(step.tx, step.case.form["renews"])
    if licence is None:
        raise LookupError(f"{step.case.ref} renews {step.case.form['renews']}, which is gone")
    return licence


def _renew(step: Step, licence: Licence, term: Term, content: Mapping[str, Any], *, on: date, deemed: bool) -> Effect:
    values = {"valid_until": term.ends, "content": content}
    step.tx.execute(update(licences).where(licences.c.number == licence.number).values(values))
    summaries.keep(step.tx, licence_summaries, licence.case_id, summaries.of_permit(content))
    _keep_term(step, licence.number, term, "deemed_renewed" if deemed else "renewed", on)
    outcome = Name("视为准予延续", "deemed renewed") if deemed else Name("准予延续", "renewed")
    told = {"on": on.isoformat(), "valid_until": term.ends.isoformat(), "deemed": deemed}
    return Effect(
        data={
            "decision": {"outcome": "deemed_granted" if deemed else "granted", "on": on.isoformat()},
            "licence": licence.number,
        },
        event={**told, "licence": licence.number, "holder": licence.holder, "zh": outcome.zh, "en": outcome.en},
        then=[FollowUp(licence.case_id, "renew", {**told, "application": step.case.number})],
    )


def renew(step: Step) -> Effect:
    """The licence goes on, even one that had expired while its late renewal was undecided."""
    order_anew(step, "renewed")
    told = {"licence": step.case.data["licence"], **step.raw}
    return Effect(data={"end": None}, event=told, then=approvals.follow_ups(step.tx, step.case))


def restored(step: Step) -> Sequence[FollowUp]:
    """Type approvals may have ended while the licence was not in force."""
    hold_approvals(step.tx, step.case.applicant)
    return approvals.follow_ups(step.tx, step.case)


def may_close(step: Step) -> Sequence[Violation]:
    """The register is not closed on a licence whose late renewal may still be granted."""
    licence = licence_of_case(step.tx, step.case.id)
    if licence and (running := licence.renewal_running()):
        return [
            Violation(
                "renewal",
                "renewal_running",
                Text(f"复查换证{running}正在办理：请先作出决定", f"renewal {running} is under way: decide it first"),
            )
        ]
    return []


def order_anew(step: Step, kind: str, **more: Any) -> None:
    """Have the document of the licence that lives in the step's case made anew, as the licence is now."""
    licence = licence_of_case(step.tx, step.case.id)
    if licence is None:
        raise LookupError(f"{step.case.ref} has no licence")
    begins = select(func.max(licence_terms.c.begins)).where(licence_terms.c.licence == licence.number)
    valid_from = step.tx.execute(begins).scalar_one()
    order(step, kind, {**licence.content, "valid_from": valid_from.isoformat(), **more})


def _keep_term(step: Step, licence: str, term: Term, kind: str, on: date) -> None:
    kept = {"case_id": step.case.id, "licence": licence, "kind": kind, "decided_on": on}
    step.tx.execute(insert(licence_terms).values(**kept, begins=term.begins, ends=term.ends))


def _document(step: Step, number: str, *, granted_on: date, valid_until: date) -> dict[str, Any]:
    """The licence as it is printed and shown."""
    form = step.case.form
    known = approvals_of(step.tx, step.case.applicant)
    return {
        "number": number,
        "title": {"zh": "制造计量器具许可证", "en": "Licence to manufacture measuring instruments"},
        "holder": {
            "name": form["applicant_name"],
            "code": step.case.applicant,
            "address": form["registered_site"]["address"],
        },
        "places_of_manufacture": [site["address"] for site in form["production_sites"]],
        "lines": [
            {**line, "type_approval": coverage(given, known).certificate, "standard": given["standard"]}
            for line, given in zip(scope(form["lines"]), form["lines"], strict=True)
        ],
        "legend": legend(scope(form["lines"])),
        "authority": step.rules.authority(step.today).zh,
        "granted_on": granted_on.isoformat(),
        "valid_until": valid_until.isoformat(),
        "application": step.case.number,
    }
