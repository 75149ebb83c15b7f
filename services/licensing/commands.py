"""What each action of the manufacturing licence does. Functions of a step; they open and commit nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import insert

from services.fields import scope
from services.licensing import rules
from services.licensing.models import licences
from services.licensing.queries import approvals_of
from services.licensing.rules import FORM, coverage, uncovered
from shared.casework import Effect
from shared.casework.numbering import allocate
from shared.law import add_months
from shared.problems import Violation
from shared.schemas import load

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shared.casework import Step


def may_submit(step: Step) -> Sequence[Violation]:
    """The form stands, and every type approval it names is known to be the applicant's."""
    found = list(rules.may_submit(step))
    approvals = approvals_of(step.tx, step.case.applicant)
    known = {number for approval in approvals for number in (approval.application, approval.certificate)}
    for index, line in enumerate(step.case.form["lines"]):
        named = line.get("type_approval")
        if named and named not in known:
            reason = f"{named} is not known as a type approval of yours; if you applied for it just now, send again"
            found.append(Violation(f"lines.{index}.type_approval", "unknown_type_approval", reason))
    return found


def awaited(step: Step) -> list[str]:
    """The running type approval applications that lines of this application wait for."""
    load(FORM, step.case.form)
    approvals = approvals_of(step.tx, step.case.applicant)
    standings = [coverage(line, approvals) for line in step.case.form["lines"]]
    return sorted({standing.awaits for standing in standings if standing.awaits})


def lodge(step: Step) -> Effect:
    """Lodged ahead of its type approval: numbered and kept, but no clock runs yet."""
    return _numbered(step, {"lodged_on": step.today.isoformat()}, {"awaits": awaited(step)})


def receive(step: Step) -> Effect:
    """Received: by the applicant's submission, or by itself on the day the awaited certificate is learnt of."""
    lines = scope(step.case.form["lines"])
    return _numbered(step, {"received_on": step.today.isoformat()}, {"lines": lines})


def _numbered(step: Step, data: dict[str, Any], event: dict[str, Any]) -> Effect:
    form = step.case.form
    style = step.rules.number_format("application_manufacture", step.today)
    return Effect(
        number=step.case.number or allocate(step.tx, style, year=step.today.year),
        rules=step.rules.name,
        data=data,
        event={
            "procedure": "manufacture",
            "rules": step.rules.name,
            "applicant": {"code": step.case.applicant, "name": form["applicant_name"], "email": form["email"]},
            **event,
        },
    )


def supplement(step: Step) -> Effect:
    return Effect(data={"form": step.body["form"]}, event={"lines": scope(step.body["form"]["lines"])})


def plan_assessment(step: Step) -> Effect:
    body = step.raw
    return Effect(
        data={"assessment_plan": {**body, "on": step.today.isoformat()}},
        event={
            "team": [assessor["name"] for assessor in body["team"]],
            "planned_from": body["planned_from"],
            "planned_to": body["planned_to"],
        },
    )


def report_assessment(step: Step) -> Effect:
    report = {**step.raw, "on": step.today.isoformat()}
    return Effect(
        data={"assessment": report},
        event={"report": step.body["number"], "conclusion": step.body["conclusion"]},
    )


def verify_rectification(step: Step) -> Effect:
    assessment = {**step.case.data["assessment"], "rectification": {**step.raw, "on": step.today.isoformat()}}
    return Effect(
        data={"assessment": {**assessment, "conclusion": "pass"}},
        event={"report": step.body["report"], "conclusion": "pass"},
    )


def may_grant(step: Step) -> Sequence[Violation]:
    """There still is such a licence, every line lies inside a certificate of the same holder, and the assessment was
    passed."""
    found = uncovered(step.case.form["lines"], approvals_of(step.tx, step.case.applicant))
    if why := rules.not_needed(step):
        found.append(Violation("kind", "not_needed", f"{why}: terminate the case, ground LAW_CHANGED"))
    assessment = step.case.data["assessment"]
    if assessment["conclusion"] != "pass":
        found.append(
            Violation("assessment", "assessment_fails", f"report {assessment['number']} concludes fail: refuse")
        )
    return found


def grant(step: Step) -> Effect:
    """The licence is numbered in the transaction of the decision and holds for the time the law gives."""
    form = step.case.form
    number = allocate(step.tx, step.rules.number_format("licence", step.today))
    validity = step.rules.validity("manufacture", step.today)
    if validity.limit is None:
        raise ValueError(f"{validity.id}: a licence without end; give the rule a limit in months")
    valid_until = add_months(step.today, validity.limit.amount)
    approvals = approvals_of(step.tx, step.case.applicant)
    lines = [
        {**line, "type_approval": coverage(given, approvals).certificate, "standard": given["standard"]}
        for line, given in zip(scope(form["lines"]), form["lines"], strict=True)
    ]
    content = {
        "number": number,
        "title": {"zh": "制造计量器具许可证", "en": "Licence to manufacture measuring instruments"},
        "holder": {
            "name": form["applicant_name"],
            "code": step.case.applicant,
            "address": form["registered_site"]["address"],
        },
        "places_of_manufacture": [site["address"] for site in form["production_sites"]],
        "lines": lines,
        "authority": step.rules.authority(step.today).zh,
        "granted_on": step.today.isoformat(),
        "valid_until": valid_until.isoformat(),
        "application": step.case.number,
    }
    step.tx.execute(
        insert(licences).values(
            number=number,
            case_id=step.case.id,
            holder=step.case.applicant,
            status="valid",
            granted_on=step.today,
            valid_until=valid_until,
            content=content,
        )
    )
    return Effect(
        data={"decision": {"outcome": "granted", "on": step.today.isoformat()}, "licence": number},
        event={
            "licence": number,
            "holder": step.case.applicant,
            "valid_until": valid_until.isoformat(),
            "lines": scope(form["lines"]),
        },
    )
