"""The rules of type approval: what stands in the way of a step. Pure."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from services.fields import FIELD_OF, WEIGHING, check_digit_warnings, impossible
from services.type_approval import conformity, schemas
from shared.casework import bars, intake
from shared.identity.uscc import party
from shared.law import LawError
from shared.metrology import FamilyError, QuantityError, Verdict, family, judge
from shared.metrology.families.r76.indication import Reading, before_rounding, check_reading
from shared.problems import Violation
from shared.schemas import invalid, load
from shared.text import comparable, same

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from shared.casework import Case, Step
    from shared.metrology import Quantity
    from shared.metrology.family import Family

FORM = schemas.Form()


def may_submit(step: Step) -> Sequence[Violation]:
    """The form is whole, is the applicant's own, and its kind of instrument needs approval on that day."""
    return bars.barred(step) or _stands(step, step.case.form)


def commissioned_on(case: Case) -> date:
    """The day on which the evaluation was commissioned."""
    return date.fromisoformat(case.data["commission"]["on"])


def examined_since(case: Case) -> date:
    """The day from which the authority has had all that it examines: the report, or without one the application."""
    return date.fromisoformat(case.data["report"]["issued_on"]) if "report" in case.data else intake.accepted_on(case)


def never_evaluated(step: Step) -> bool:
    """Whether the case was rejected on preliminary review."""
    return "report" not in step.case.data


def not_needed(step: Step) -> str | None:
    """Why the instrument needs no approval on the day of the step; None if it does."""
    if step.rules.regime("type_approval", step.today).abolished:
        return f"型式批准已取消。 Type approval has been abolished as of {step.today}"
    try:
        step.rules.item(step.case.form["category"], step.today)
    except LawError as error:
        return str(error)
    return None


def may_supplement(step: Step) -> Sequence[Violation]:
    """The mended form is held to what the submitted one was held to."""
    return _stands(step, step.body["form"])


def _stands(step: Step, given: Mapping[str, Any]) -> Sequence[Violation]:
    form = load(FORM, given)
    found = []
    if party(form["credit_code"]) != step.actor.party:
        found.append(Violation("credit_code", "not_yours", f"you act for {step.actor.organisation}: apply in its name"))
    try:
        item = step.rules.item(form["category"], step.today)
        found += [
            Violation(f"lines.{index}.{name}", "impossible", reason)
            for index, line in enumerate(form["lines"])
            for name, reasons in impossible(line, item.programme).items()
            for reason in reasons
        ]
    except LawError as error:
        known = ", ".join(f"{item.code} {item.zh}" for item in step.rules.catalogue_on(step.today))
        found.append(Violation("category", "not_in_catalogue", f"{error}. On {step.today} the catalogue has: {known}"))
    if not found:
        intake.confirmed_or_asked(step, check_digit_warnings(form["credit_code"], "credit_code"))
    return found


def tested_on(step: Step) -> date:
    """The day of the test that is recorded: today, or that of the record which this one corrects."""
    superseded = step.body.get("supersedes")
    return date.fromisoformat(step.case.data["tests"][superseded - 1]["on"]) if superseded else step.today


def equipment_is_calibrated(step: Step) -> Sequence[Violation]:
    """A standard out of calibration on the day of the test proves nothing."""
    on = tested_on(step)
    return [
        Violation(
            f"equipment.{index}.calibrated_until",
            "out_of_calibration",
            f"{item['asset']} was calibrated until {item['calibrated_until']}, the test is of {on}: "
            "use another standard, or have it calibrated and test again",
        )
        for index, item in enumerate(step.body["equipment"])
        if item["calibrated_until"] < on
    ]


def may_supersede(step: Step) -> Sequence[Violation]:
    """A record is corrected by another one, which says why; one that is out of force already is not corrected again."""
    if "supersedes" not in step.body:
        return []
    found = conformity.not_counting(step.case.data, step.body["supersedes"], "supersedes")
    if not step.reason:
        found.append(Violation("reason", "missing", "say why the record is corrected: it stays readable beside this"))
    return found


def may_void_test(step: Step) -> Sequence[Violation]:
    """The record counts."""
    return conformity.not_counting(step.case.data, step.body["number"], "number")


def may_record_test(step: Step) -> Sequence[Violation]:
    """Equipment in calibration, a prototype that was received, and verdicts that the numbers bear out."""
    if never := [
        Violation(FIELD_OF.get(fault.name, fault.name), "impossible", f"{fault.zh} {fault.en}")
        for fault in family(WEIGHING).examine({"class": step.body["accuracy_class"], "e": step.body["scale_interval"]})
    ] or (never := may_supersede(step)):
        return never
    found = [*equipment_is_calibrated(step), *misread(step.body)]
    samples = step.case.data["samples"]
    sample = next((one for one in samples if same(step.body["serial"], one["serial"])), None)
    if sample is None:
        serials = ", ".join(one["serial"] for one in samples)
        found.append(Violation("serial", "unknown_prototype", f"received were: {serials}"))
    else:
        found += conformity.another_instrument(
            step.case.form,
            sample["model"],
            step.body["accuracy_class"],
            step.body["scale_interval"],
            [point["load_"] for point in step.body["points"]],
        )
    if found:
        return found
    _, _, d = how_read(step.body)
    warnings = [
        *conformity.other_interval(_others(step), step.body["serial"], d),
        *_beside_programme(step),
        *conformity.other_software(step.case.form, step.body, "software"),
    ]
    for index, (point, sent) in enumerate(zip(judged_points(step.body), step.body["points"], strict=True)):
        if "verdict" in sent and sent["verdict"] != point["verdict"]:
            found.append(
                Violation(
                    f"points.{index}.verdict",
                    "verdict_contradicts_numbers",
                    f"{step.body['item']} at {sent['load_']}: error {point['error']} against {point['mpe']} is "
                    f"{point['verdict']}, not {sent['verdict']}; leave the verdict out or correct the numbers",
                )
            )
    if not found:
        intake.confirmed_or_asked(step, warnings)
    return found


def _others(step: Step) -> list[Mapping[str, Any]]:
    """The test records that count beside the one that is recorded."""
    data, superseded = step.case.data, step.body.get("supersedes", 0)
    corrected = data["tests"][superseded - 1] if superseded else None
    return [record for record in conformity.counting(data).values() if record is not corrected]


def _beside_programme(step: Step) -> list[Violation]:
    """A test item that the programme, as arranged, does not have."""
    items = step.case.data.get("arrangement", {}).get("items")
    family_ = items_family(step)
    if items is None or conformity.item_id(step.body["item"], family_) in {
        conformity.item_id(item, family_) for item in items
    }:
        return []
    reason = f"试验项目不在商定的大纲内。 The programme has: {', '.join(items)}"
    return [Violation("item", "not_in_programme", reason)]


def items_family(step: Step) -> Family | None:
    """The family whose items the case is tested in."""
    try:
        return conformity.items_of(step.rules.item(step.case.form["category"], step.today).programme)
    except LawError:
        return None


def may_arrange(step: Step) -> Sequence[Violation]:
    """The items agreed on are those of the programme."""
    return conformity.unknown_items(step.body.get("items", ()), items_family(step))


def may_receive_samples(step: Step) -> Sequence[Violation]:
    """Prototypes of what was applied for, as many as were arranged."""
    arranged = step.case.data.get("arrangement", {}).get("samples")
    return _same_instrument(step, conformity.other_number(arranged, len(step.body["samples"])))


def may_deliver_improved(step: Step) -> Sequence[Violation]:
    return _same_instrument(step, [])


def _same_instrument(step: Step, more: list[Violation]) -> Sequence[Violation]:
    wrong, warnings = conformity.other_prototypes(step.case.form, step.raw["samples"])
    if not wrong:
        intake.confirmed_or_asked(step, [*more, *warnings])
    return wrong


def misread(record: Mapping[str, Any]) -> list[Violation]:
    """Where the way of reading does not go with the intervals, or the additional weights with the way of reading."""
    reading, e, d = how_read(record)
    if why := check_reading(reading, e, d):
        return [Violation("actual_interval" if "actual_interval" in record else "reading", "reading", why)]
    found = []
    for index, point in enumerate(record["points"]):
        added = point.get("added")
        if reading is Reading.CHANGEOVER and added is None:
            reason = "give the additional weights that brought the next change-over about, or read directly"
            found.append(Violation(f"points.{index}.added", "missing", reason))
        elif reading is Reading.DIRECT and added is not None and added.value:
            reason = "what is read directly has no additional weights: leave them out, or give the change-over point"
            found.append(Violation(f"points.{index}.added", "reading", reason))
        elif added is not None and (added.dimension != "mass" or not 0 <= added.ratio(d) <= 1):
            reason = f"ΔL = {added}: the next change-over comes within one interval, between 0 and {d}"
            found.append(Violation(f"points.{index}.added", "impossible", reason))
    return found


def how_read(record: Mapping[str, Any]) -> tuple[Reading, Quantity, Quantity]:
    """The way of reading, e and d of a test record."""
    e: Quantity = record["scale_interval"]
    return Reading(record.get("reading", Reading.CHANGEOVER)), e, record.get("actual_interval", e)


def judged_points(record: Mapping[str, Any]) -> list[dict[str, str]]:
    """Errors, limits and verdicts of the weighing points of one test record (R 76-1 A.4.4.3, Table 6).

    Raises Problem naming the point that no limit can be given for.
    """
    scales = family(WEIGHING)
    reading, e, d = how_read(record)
    zero: Quantity = record.get("zero_error", e * 0)
    judged = []
    for index, point in enumerate(record["points"]):
        load_, shown, added = point["load_"], point["indication"], point.get("added")
        try:
            error = (before_rounding(shown, reading, d=d, added=added) - load_ - zero).to(e.unit)
            known = {"class": record["accuracy_class"], "e": e, "load": load_}
            limits = scales.programme(WEIGHING).mpe(scales.values(known))
            verdict = judge(error, limits, record.get("expanded_uncertainty"))
        except (FamilyError, QuantityError) as cause:
            raise invalid([Violation(f"points.{index}", "no_limit", str(cause))]) from None
        judged.append(
            {
                "load": str(load_),
                "indication": str(shown),
                **({"added": str(added)} if added is not None else {}),
                "error": str(error),
                "mpe": str(limits),
                "rule": limits.rule_id,
                "verdict": str(verdict),
            }
        )
    return judged


def overall(verdicts: Sequence[str]) -> Verdict:
    """All items of all prototypes must conform (JJF 1015, 5.5)."""
    if Verdict.FAIL in verdicts:
        return Verdict.FAIL
    return Verdict.INDETERMINATE if Verdict.INDETERMINATE in verdicts else Verdict.PASS


def standing(data: Mapping[str, Any], held: Family | None) -> list[Mapping[str, Any]]:
    """The test records that the conclusion rests on.

    What was tested again after the improvement stands for what was found before it, and a test that told nothing for
    certain is replaced by its repetition on the same prototype. An item is the same by its id or clause in `held`.
    """
    tests = conformity.counting(data)
    improved_at = data.get("improvement", {}).get("tests_before", 0)
    tested = {
        place: (conformity.item_id(record["item"], held), comparable(record["serial"]))
        for place, record in tests.items()
    }
    again = {item for place, (item, _) in tested.items() if place > improved_at}
    last = {test: place for place, test in tested.items()}
    return [
        record
        for place, record in tests.items()
        if place > improved_at or tested[place][0] not in again
        if record["verdict"] != Verdict.INDETERMINATE or place == last[tested[place]]
    ]


def improved_once(step: Step) -> Sequence[Violation]:
    """The maker may improve the samples once (Order 74 Art. 13)."""
    if "improvement" in step.case.data:
        found_on = step.case.data["improvement"]["found_on"]
        reason = f"the one improvement was asked for on {found_on}: conclude fail in the report"
        return [Violation("items", "improved_once", reason)]
    return []


def silent_on_improvement(step: Step) -> Sequence[Violation]:
    """The limit that ran out is that of this improvement."""
    if (found_on := step.case.data["improvement"]["found_on"]) != step.raw["started_on"]:
        return [Violation("started_on", "another_limit", f"the improvement was asked for on {found_on}")]
    return []


def may_draft_report(step: Step) -> Sequence[Violation]:
    """The conclusion is what the records say, and fail where the time for the improvement has passed."""
    if "failed_on" in step.case.data.get("improvement", {}):
        verdict, why = Verdict.FAIL, "no improved samples came in time"
    else:
        records = standing(step.case.data, items_family(step))
        verdict = overall([record["verdict"] for record in records])
        failed = [record["item"] for record in records if record["verdict"] != Verdict.PASS]
        why = f"the test records say {verdict} ({', '.join(failed) or 'every item passed'})"
        if verdict == Verdict.INDETERMINATE:
            why += ": repeat these tests with a smaller uncertainty"
    if verdict != step.body["conclusion"]:
        reason = f"{why}, the report {step.body['conclusion']}"
        return [Violation("conclusion", "conclusion_contradicts_records", reason)]
    return _may_pass(step) if verdict is Verdict.PASS else []


def _may_pass(step: Step) -> Sequence[Violation]:
    """Pass is of the whole programme, on every prototype, and of the instrument that was applied for."""
    data, held = step.case.data, items_family(step)
    records = standing(data, held)
    found = [
        *(
            Violation("conclusion", "another_instrument", f"{reason}: it proves nothing of what was applied for")
            for reason in conformity.contradictions(data, records)
        ),
        *(
            Violation("conclusion", "incomplete", f"{reason}: the report cannot conclude pass")
            for reason in conformity.lacking(data, held)
        ),
    ]
    if not found:
        untested = conformity.untested_lines(data, records)
        intake.confirmed_or_asked(step, untested)
        if untested and not step.reason:
            found.append(Violation("reason", "missing", "say why those tested prove the lines that were not"))
    return found


def may_grant(step: Step) -> Sequence[Violation]:
    """Only an instrument that still needs it, and whose evaluation report says that it conforms, is approved."""
    found = []
    if why := not_needed(step):
        found.append(Violation("category", "not_needed", f"{why}: terminate the case, ground LAW_CHANGED"))
    elif step.rules.item(step.case.form["category"], step.today).letter is None:
        reason = "certificates are numbered by a letter of the category, which is not known: add it to the catalogue"
        found.append(Violation("category", "no_letter", reason))
    report = step.case.data.get("report")
    if report is None:
        reason = "rejected on preliminary review, never evaluated: refuse, or send back to be commissioned"
        found.append(Violation("report", "not_evaluated", reason))
    elif report["conclusion"] != "pass":
        reason = f"report {report['number']} concludes {report['conclusion']}: refuse"
        found.append(Violation("report", "report_fails", reason))
    elif others := conformity.contradictions(step.case.data, standing(step.case.data, items_family(step))):
        reason = f"report {report['number']} is not of what was applied for: {'; '.join(others)}"
        found.append(Violation("report", "another_instrument", reason))
    if not found:
        _, warnings = conformity.other_prototypes(step.case.form, step.case.data["samples"])
        intake.confirmed_or_asked(step, warnings)
    return found


def may_refuse(step: Step) -> Sequence[Violation]:
    """A refusal that rests on tests names the technical norms relied on (Administrative Licensing Law Art. 55(3))."""
    if step.case.data.get("report", {}).get("conclusion") == "fail" and not step.body["norms"]:
        return [Violation("norms", "norms_missing", "the tests were failed: name the norms they rest on")]
    return []


def may_commission(step: Step) -> Sequence[Violation]:
    """Nobody evaluates their own product, and the programme is that of the kind of instrument."""
    if party(step.body["lab"]) == party(step.case.applicant):
        return [Violation("lab", "own_product", "a laboratory may not evaluate the product of its own organisation")]
    try:
        applies = step.rules.item(step.case.form["category"], step.today).programme
    except LawError:
        return []
    intake.confirmed_or_asked(step, conformity.other_programme(step.body["programme"], applies))
    return []
