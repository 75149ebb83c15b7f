"""What each action on the evaluation does. Functions of a step; they open and commit nothing."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import orjson

from services.type_approval.evaluation import devices, reports, review, rules, schemas, series, testing
from services.type_approval.evaluation.programme import TO_BE_WRITTEN, tested_to
from services.type_approval.intake.oiml import basis, gap, is_accepted
from services.type_approval.registers import steps
from shared.casework import Effect, Step
from shared.casework.confirming import confirmed_or_asked
from shared.identity.uscc import written
from shared.text import comparable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shared.problems import Violation


def may_commission(step: Step) -> Sequence[Violation]:
    """The register of laboratories has one that may evaluate this, and the programme is that of the instrument."""
    found = rules.own_product(step) or [*steps.wrong_laboratory(step), *rules.no_programme(step)]
    if not found:
        confirmed_or_asked(step, [*rules.other_programme(step), *steps.doubts_of_laboratory(step)])
    return found


def commission(step: Step) -> Effect:
    """The laboratory is called as the register calls it."""
    lab, known = written(step.body["lab"]), steps.laboratory(step)
    told = {**step.raw, **({"lab_name": known.content["name"]} if known else {})}
    left = {"items": gap(step.case.data)} if is_accepted(step.case.data) else {}
    route = schemas.ROUTES[step.case.form["new_to"]]
    kept = {**told, "route": {"zh": route.zh, "en": route.en}, "on": step.today.isoformat()}
    told = {"programme": f"{TO_BE_WRITTEN.zh} {TO_BE_WRITTEN.en}", **told}
    return Effect(data={"commission": kept}, lab=lab, event={**told, "lab": lab, "route": route.zh, **left})


_OF_COMMISSION = ("commission", "arrangement", "time_notice", "programme", "programme_draft")


def withdraw_commission(step: Step) -> Effect:
    """No prototype has been received: another laboratory can be commissioned, and a new time notice served. The one
    whose commission has ended sees the case no more."""
    told = {"lab": written(step.case.data["commission"]["lab"]), "reason": step.reason}
    return Effect(data=dict.fromkeys(_OF_COMMISSION), lab="", event=told)


def decline_commission(step: Step) -> Effect:
    """As where the office takes it back; who declined and why stays with the case, for the choice of another."""
    had = step.case.data["commission"]
    declined = {"lab": had["lab"], "lab_name": had["lab_name"], "reason": step.reason, "on": step.today.isoformat()}
    back = withdraw_commission(step)
    return replace(back, data={**back.data, "declined": [*step.case.data.get("declined", ()), declined]})


def arrange(step: Step) -> Effect:
    """The lines of which prototypes are tested are kept, and why others than those proposed."""
    proposed = series.proposed(step.case.form)
    by_oiml = is_accepted(step.case.data)
    lines = {"lines": step.body.get("lines", proposed[:1] if by_oiml else proposed)}
    left = {"items": step.raw.get("items", gap(step.case.data))} if by_oiml else {}
    why = {"reason": step.reason} if step.reason else {}
    arranged = {**step.raw, **lines, **left, **why, "on": step.today.isoformat()}
    return Effect(data={"arrangement": arranged}, event={"plan": step.body["plan"]})


def rearrange(step: Step) -> Effect:
    changed = arrange(step)
    return replace(changed, event={**changed.event, "reason": step.reason})


def correct_receipt(step: Step) -> Effect:
    received = {"samples": step.raw["samples"], "documents": step.raw["documents"]}
    return Effect(data=received, event={"samples": len(step.body["samples"]), "reason": step.reason})


def receive_samples(step: Step) -> Effect:
    """Samples and documents are complete: the custody of the prototypes begins, and the evaluation's time."""
    return Effect(
        data={
            "samples": step.raw["samples"],
            "documents": step.raw["documents"],
            "tests": step.case.data.get("tests", []),
        },
        event={"samples": len(step.body["samples"])},
    )


def record_test(step: Step) -> Effect:
    """Records are only added. Errors and verdicts are the service's own, with the rule they rest on."""
    on, superseded = testing.tested_on(step).isoformat(), step.body.get("supersedes")
    made = {"number": len(step.case.data["tests"]) + 1, "tester": step.actor.name, "on": on}
    if superseded:
        made |= {"corrected_on": step.today.isoformat(), "reason": step.reason}
    told = {"supersedes": superseded, "reason": step.reason} if superseded else {}
    used = {"equipment": steps.standards_used(step, testing.tested_on(step))}
    record = {**testing.record(step), **used, **made, **steps.registration(step, testing.tested_on(step))}
    record |= devices.signed_by(step, testing.tested_on(step))
    return Effect(
        data={"tests": [*step.case.data["tests"], record]},
        event={"item": record["item"], "verdict": record["verdict"], **told},
    )


def void_test(step: Step) -> Effect:
    """The record stays as it was made; beside it stands that it counts no more, and why."""
    number = step.body["number"]
    void = {"number": number, "reason": step.reason, "by": step.actor.name, "on": step.today.isoformat()}
    told = {"number": number, "item": step.case.data["tests"][number - 1]["item"], "reason": step.reason}
    return Effect(data={"voided_tests": [*step.case.data.get("voided_tests", ()), void]}, event=told)


def find_nonconformity(step: Step) -> Effect:
    """The evaluation waits for the one improvement; the tests made so far stay on record."""
    tested = len(step.case.data["tests"])
    improvement = {"items": step.raw["items"], "found_on": step.today.isoformat(), "tests_before": tested}
    told = ("item", "serial", "finding")
    items = [" ".join(item[name] for name in told if name in item) for item in step.body["items"]]
    return Effect(data={"improvement": improvement}, event={"items": items})


def deliver_improved(step: Step) -> Effect:
    improved: list[dict[str, Any]] = step.raw["samples"]
    serials = [sample["serial"] for sample in improved]
    replaced = {comparable(serial) for serial in serials}
    before = step.case.data["samples"]
    kept = [sample for sample in before if comparable(sample["serial"]) not in replaced]
    gone = [sample for sample in before if sample not in kept]
    on = rules.received_on(step).isoformat()
    asked = {name: step.case.data["improvement"][name] for name in ("items", "found_on", "tests_before")}
    improvement = {**asked, "serials": serials, "replaced": gone, "delivered_on": on}
    told = {"on": on, "serials": serials}
    return Effect(data={"samples": [*kept, *improved], "improvement": improvement}, event=told)


def cancel_improved(step: Step) -> Effect:
    """The prototypes are those there were before."""
    improvement = step.case.data["improvement"]
    delivered = {comparable(serial) for serial in improvement["serials"]}
    kept = [sample for sample in step.case.data["samples"] if comparable(sample["serial"]) not in delivered]
    asked = {name: improvement[name] for name in ("items", "found_on", "tests_before")}
    samples = [*kept, *improvement.get("replaced", ())]
    return Effect(data={"samples": samples, "improvement": asked}, event={"reason": step.reason})


def fail_evaluation(step: Step) -> Effect:
    """No improved samples came in time: nothing is left for the laboratory but a report that says so."""
    improvement = {**step.case.data["improvement"], "failed_on": step.raw["due_on"], "reason": step.reason}
    return Effect(data={"improvement": improvement}, event={"reason": step.reason})


def may_draft_report(step: Step) -> Sequence[Violation]:
    return steps.not_entitled(step, step.today, "tester") or reports.may_draft_report(step)


def may_check_report(step: Step) -> Sequence[Violation]:
    return steps.not_entitled(step, step.today, "checker")


def may_issue_report(step: Step) -> Sequence[Violation]:
    return steps.not_entitled(step, step.today, "signatory") or review.unreviewed(step)


def draft_report(step: Step) -> Effect:
    report = {**step.raw, **basis(step.case.data), **_signed(step, "tester")}
    report |= {"programme": tested_to(step.case.data), "drafted_on": step.today.isoformat()}
    return Effect(data={"report": report}, event={"report": step.body["number"]})


def check_report(step: Step) -> Effect:
    report = {**step.case.data["report"], **_signed(step, "checker"), "checked_on": step.today.isoformat()}
    return Effect(data={"report": report}, event={"report": report["number"]})


def _signed(step: Step, part: str) -> dict[str, str]:
    """Who has that part in the report, with their registration as metrologist."""
    named = steps.registration(step, step.today)
    return {part: step.actor.name, **{f"{part}_{name}": text for name, text in named.items()}}


def issue_report(step: Step) -> Effect:
    """The report is closed: its digest covers the signatures and all that they stand for."""
    report = {**step.case.data["report"], **_signed(step, "signatory"), "issued_on": step.today.isoformat()}
    covered = ("programme", "samples", "document_reviews", "tests", "voided_tests", "improvement")
    content = {"report": report, **{name: step.case.data[name] for name in covered if name in step.case.data}}
    digest = sha256(orjson.dumps(content, option=orjson.OPT_SORT_KEYS)).hexdigest()
    return Effect(
        data={"report": {**report, "sha256": digest}},
        event={"report": report["number"], "conclusion": report["conclusion"], "sha256": digest},
    )
