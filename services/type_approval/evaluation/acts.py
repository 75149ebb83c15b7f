"""What each action on the evaluation does. Functions of a step; they open and commit nothing."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import orjson

from services.type_approval.evaluation import (
    attaching,
    devices,
    omissions,
    reports,
    review,
    rules,
    runs,
    schemas,
    series,
    testing,
)
from services.type_approval.evaluation.attached import CUSTODY
from services.type_approval.evaluation.facts import (
    ARRANGEMENT,
    COMMISSION,
    DECLINED,
    DOCUMENT_REVIEWS,
    DOCUMENTS,
    IMPROVEMENT,
    PROGRAMME,
    PROGRAMME_DRAFT,
    REPORT,
    SAMPLES,
    TESTS,
    VOIDED_TESTS,
    Arranged,
    Commissioned,
    Declined,
    Improvement,
    Report,
    VoidedTest,
)
from services.type_approval.evaluation.programme import TO_BE_WRITTEN, family_tested, tested_to
from services.type_approval.intake.oiml import basis, gap, is_accepted, not_examined
from services.type_approval.registers import steps
from shared.casework import ConnectedStep, Effect, Informed, Step
from shared.casework.confirming import confirmed_or_asked
from shared.casework.preview import last_day
from shared.casework.procedure import first_of
from shared.identity.uscc import written
from shared.permits.facts import TIME_NOTICE
from shared.text import comparable, in_each
from shared.uploads import filing

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from shared.problems import Violation


def may_commission(step: Step, asked: steps.Asked) -> Sequence[Violation]:
    """An OIML certificate that the application names was examined, the register of laboratories has one that may
    evaluate this, and the programme is that of the instrument."""
    found = [*not_examined(step), *rules.own_product(step)]
    found = found or [*steps.wrong_laboratory(step, asked), *rules.no_programme(step)]
    if not found:
        confirmed_or_asked(step, [*rules.other_programme(step), *steps.doubts_of_laboratory(step, asked.version)])
    return found


def commission(step: ConnectedStep) -> Effect:
    """The laboratory is called as the register calls it."""
    lab, known = written(step.body["lab"]), steps.laboratory(step)
    told = {**step.raw, **({"lab_name": known.content["name"]} if known else {})}
    left = {"items": gap(step.case.data)} if is_accepted(step.case.data) else {}
    route = schemas.ROUTES[step.case.form["new_to"]]
    kept = Commissioned(**Commissioned.given(told), route=route._asdict(), on=step.today)
    told = {**({} if kept.programme else in_each("programme", TO_BE_WRITTEN)), **told, **in_each("route", route)}
    return Effect(data=COMMISSION.set(kept), lab=lab, event={**told, "lab": lab, **left})


_OF_COMMISSION = (COMMISSION, ARRANGEMENT, TIME_NOTICE, PROGRAMME, PROGRAMME_DRAFT)


def withdraw_commission(step: Step) -> Effect:
    """No prototype has been received: another laboratory can be commissioned, and a new time notice served. The one
    whose commission has ended no longer sees the case."""
    told = {"lab": written(step.case[COMMISSION].lab), "reason": step.reason}
    return Effect(data={fact.name: None for fact in _OF_COMMISSION}, lab="", event=told)


def decline_commission(step: Step) -> Effect:
    """As where the office takes it back; who declined and why stays with the case, for the choice of another."""
    had = step.case[COMMISSION]
    declined = Declined(lab=had.lab, lab_name=had.lab_name or had.lab, reason=step.why, on=step.today)
    back = withdraw_commission(step)
    return replace(back, data={**back.data, **DECLINED.set((*step.case.get(DECLINED, ()), declined))})


def arrange(step: Step) -> Effect:
    """The lines of which prototypes are tested are kept, and why others than those proposed."""
    proposed = series.proposed(step.case.form)
    by_oiml = is_accepted(step.case.data)
    lines = {"lines": step.body.get("lines", proposed[:1] if by_oiml else proposed)}
    left = {"items": step.raw.get("items", gap(step.case.data))} if by_oiml else {}
    why = {"reason": step.reason} if step.reason else {}
    arranged = Arranged(**Arranged.given({**step.raw, **lines, **left, **why}), on=step.today)
    return Effect(data=ARRANGEMENT.set(arranged), event={"plan": arranged.plan, "samples": arranged.samples})


def rearrange(step: Step) -> Effect:
    changed = arrange(step)
    return replace(changed, event={**changed.event, "reason": step.reason})


def correct_receipt(step: Step) -> Effect:
    received = SAMPLES.set(step.raw["samples"]) | DOCUMENTS.set(step.raw["documents"])
    return Effect(data=received, event={"samples": len(step.body["samples"]), "reason": step.reason})


def _photos(step: ConnectedStep) -> Mapping[str, filing.Upload]:
    return attaching.there(step, [one for sample in step.body["samples"] for one in sample.get("photos", ())])


def _wrong_photos(step: Step, there: Mapping[str, filing.Upload]) -> list[Violation]:
    return [
        fault
        for place, sample in enumerate(step.body["samples"])
        for fault in attaching.wrong_attachments(sample.get("photos", ()), there, f"samples.{place}.photos", CUSTODY)
    ]


_PHOTOS = Informed(_photos, _wrong_photos)
"""The photographs of the prototypes are documents of the case."""
MAY_RECEIVE_SAMPLES = first_of(_PHOTOS, rules.may_receive_samples)
MAY_CORRECT_RECEIPT = first_of(_PHOTOS, rules.may_correct_receipt)
MAY_DELIVER_IMPROVED = first_of(
    _PHOTOS, Informed(lambda step: last_day(step.tx, step.case, "improvement"), rules.may_deliver_improved)
)


def receive_samples(step: Step) -> Effect:
    """Samples and documents are complete: the custody of the prototypes begins, and the evaluation's time."""
    return Effect(
        data=SAMPLES.set(step.raw["samples"])
        | DOCUMENTS.set(step.raw["documents"])
        | TESTS.set(step.case.get(TESTS, ())),
        event={"samples": len(step.body["samples"])},
    )


def record_test(step: ConnectedStep) -> Effect:
    """Records are only added. Errors and verdicts are the service's own, with the rule they rest on."""
    on, superseded = runs.tested_on(step).isoformat(), step.body.get("supersedes")
    made = {"number": len(step.case[TESTS]) + 1, "tester": step.actor.name, "on": on}
    if superseded:
        made |= {"corrected_on": step.today.isoformat(), "reason": step.reason}
    told = {"supersedes": superseded, "reason": step.reason} if superseded else {}
    used = {"equipment": steps.standards_used(step, runs.tested_on(step))}
    record = {**testing.record(step), **used, **made, **steps.registration(step, runs.tested_on(step))}
    record |= devices.signed_by(step, runs.tested_on(step))
    return Effect(
        data=TESTS.set((*step.case[TESTS], record)),
        event={"item": record["item"], "verdict": record["verdict"], **told},
    )


def void_test(step: Step) -> Effect:
    """The record stays as it was made; beside it stands that it no longer counts, and why."""
    number = step.body["number"]
    void = VoidedTest(number=number, reason=step.why, by=step.actor.name, on=step.today)
    told = {"number": number, "item": step.case[TESTS][number - 1]["item"], "reason": step.reason}
    return Effect(data=VOIDED_TESTS.set((*step.case.get(VOIDED_TESTS, ()), void)), event=told)


def find_nonconformity(step: Step) -> Effect:
    """The evaluation waits for the one improvement; the tests made so far stay on record."""
    tested = len(step.case[TESTS])
    improvement = Improvement(items=tuple(step.raw["items"]), found_on=step.today, tests_before=tested)
    told = ("item", "serial", "finding")
    items = [" ".join(item[name] for name in told if name in item) for item in step.body["items"]]
    return Effect(data=IMPROVEMENT.set(improvement), event={"items": items})


def deliver_improved(step: Step) -> Effect:
    improved: list[dict[str, Any]] = step.raw["samples"]
    serials = [sample["serial"] for sample in improved]
    replaced = {comparable(serial) for serial in serials}
    before = step.case[SAMPLES]
    kept = [sample for sample in before if comparable(sample["serial"]) not in replaced]
    gone = [sample for sample in before if sample not in kept]
    on = rules.received_on(step)
    improvement = replace(_asked(step), serials=tuple(serials), replaced=tuple(gone), delivered_on=on)
    told = {"on": on.isoformat(), "serials": serials}
    return Effect(data=SAMPLES.set((*kept, *improved)) | IMPROVEMENT.set(improvement), event=told)


def _asked(step: Step) -> Improvement:
    """What was to be improved, without what came of it."""
    asked = step.case[IMPROVEMENT]
    return Improvement(items=asked.items, found_on=asked.found_on, tests_before=asked.tests_before)


def cancel_improved(step: Step) -> Effect:
    """The prototypes are those there were before."""
    improvement = step.case[IMPROVEMENT]
    delivered = {comparable(serial) for serial in improvement.serials or ()}
    kept = [sample for sample in step.case[SAMPLES] if comparable(sample["serial"]) not in delivered]
    samples = (*kept, *(improvement.replaced or ()))
    return Effect(data=SAMPLES.set(samples) | IMPROVEMENT.set(_asked(step)), event={"reason": step.reason})


def fail_evaluation(step: Step) -> Effect:
    """No improved samples came in time: nothing is left for the laboratory but a report that says so."""
    improvement = replace(step.case[IMPROVEMENT], failed_on=step.body["due_on"], **step.reasons)
    return Effect(data=IMPROVEMENT.set(improvement), event={"reason": step.reason})


MAY_DRAFT_REPORT = first_of(steps.entitled("tester"), Informed(filing.documents, reports.may_draft_report))
MAY_CHECK_REPORT = first_of(steps.entitled("checker"), reports.made_no_test("checker"))
MAY_ISSUE_REPORT = first_of(
    steps.entitled("signatory"), reports.made_no_test("signatory"), Informed(filing.documents, review.to_be_reviewed)
)


def draft_report(step: ConnectedStep) -> Effect:
    said = Report.given({**step.raw, **basis(step.case.data), **_signed(step, "tester")})
    said["left_out"] = omissions.kept(step, family_tested(step))
    report = Report(**said, programme=tested_to(step.case.data), drafted_on=step.today)
    return Effect(data=REPORT.set(report), event={"report": report.number})


def check_report(step: ConnectedStep) -> Effect:
    report = replace(step.case[REPORT], **_signed(step, "checker"), checked_on=step.today)
    return Effect(data=REPORT.set(report), event={"report": report.number})


def _signed(step: ConnectedStep, part: str) -> dict[str, Any]:
    """Who has that part in the report, with their registration as metrologist."""
    named = steps.registration(step, step.today)
    return {part: step.actor.name, **{f"{part}_{name}": text for name, text in named.items()}}


def issue_report(step: ConnectedStep) -> Effect:
    """The report is closed: its digest covers the signatures and all that they stand for."""
    report = replace(step.case[REPORT], **_signed(step, "signatory"), issued_on=step.today)
    covered = (PROGRAMME, SAMPLES, DOCUMENT_REVIEWS, TESTS, VOIDED_TESTS, IMPROVEMENT)
    others = {fact.name: step.case.data[fact.name] for fact in covered if fact in step.case}
    digest = sha256(orjson.dumps(REPORT.set(report) | others, option=orjson.OPT_SORT_KEYS)).hexdigest()
    return Effect(
        data=REPORT.set(replace(report, sha256=digest)),
        event={"report": report.number, "conclusion": report.conclusion, "sha256": digest},
    )
