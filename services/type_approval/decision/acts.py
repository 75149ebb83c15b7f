"""What each action on the decision does. Functions of a step; they open and commit nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services.applications import held
from services.instruments import legend, scope
from services.type_approval.certificate.facts import CERTIFICATE
from services.type_approval.evaluation import completeness, omissions
from services.type_approval.evaluation.facts import COMMISSION, REPORT
from services.type_approval.evaluation.programme import family_tested
from services.type_approval.queries import REGISTER
from services.type_approval.registers import steps
from shared.casework import ConnectedStep, Effect, Informed, Step
from shared.casework.confirming import confirmed_or_asked
from shared.casework.numbering import allocate
from shared.documents.issues import order
from shared.permits.facts import DECISION, REVIEW, Decision, Reviewed
from shared.text import as_numbered

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shared.problems import Violation
    from shared.registers.store import Held


def _may_review(step: Step, laboratory: Held | None) -> Sequence[Violation]:
    if step.case[REPORT].conclusion == "pass" and step.body["recommendation"] == "grant":
        unauthorised = steps.unauthorised(step.case, laboratory)
        confirmed_or_asked(step, [*omissions.to_confirm(step.case.data), *unauthorised])
    return []


MAY_REVIEW = Informed(steps.its_laboratory, _may_review)
"""Whoever takes over a report that passes, and recommends to grant, confirms what it leaves out, and that the
laboratory was not authorised all the time."""


def reject_preliminarily(step: Step) -> Effect:
    """The examiner recommends refusal without an evaluation; the head of the authority decides."""
    rejected = Reviewed(opinion=step.why, recommendation="refuse", on=step.today)
    return Effect(data=REVIEW.set(rejected), event={"recommendation": "refuse"})


def grant(step: ConnectedStep) -> Effect:
    """The certificate is numbered in the transaction of the decision; it has no expiry (长期)."""
    form, report, commission = step.case.form, step.case[REPORT], step.case[COMMISSION]
    held_to = family_tested(step)
    items = completeness.items(step.case.data, held_to)
    item = step.rules.item(form["category"], step.today)
    style = step.rules.number_format("type_approval", step.today)
    number = allocate(step.tx, style, year=step.today.year, letter=item.letter or step.body["letter"])
    lines = scope(form["lines"], form["category"])
    content = {
        **held(step, number, "计量器具型式批准证书", "Type approval certificate of a measuring instrument"),
        "category": {"code": item.code, **item.name._asdict()},
        "lines": lines,
        "legend": legend(lines),
        "report": {
            "number": report.number,
            "lab": commission.lab_name,
            "sha256": report.sha256,
            "programme": report.programme or commission.programme,
            "items": [*items.values()],
            "item_ids": [*items],
            **({"oiml": report.oiml["certificate"]} if report.oiml else {}),
        },
        "prototypes": completeness.tested(step.case.data, held_to),
        "granted_on": step.today.isoformat(),
        "valid": {"zh": "长期", "en": "without end"},
        "application": step.case.number,
    }
    if "software" in form:
        content["software"] = form["software"]
    replaces = {"replaces": as_numbered(form["replaces_certificate"])} if "replaces_certificate" in form else {}
    content |= replaces
    order(step, "granted", content)
    REGISTER.enter(step, content)
    return Effect(
        data=DECISION.set(Decision(outcome="granted", on=step.today)) | CERTIFICATE.set(number),
        event={"certificate": number, "holder": step.case.applicant, "lines": lines, **replaces},
    )
