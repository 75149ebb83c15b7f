"""Whether a test record may be made, and what it comes to: the family of the instrument judges (shared.metrology)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from services.type_approval.evaluation import attaching, conformity, devices, programme, runs
from services.type_approval.evaluation.attached import RAW
from services.type_approval.evaluation.facts import COMMISSION, SAMPLES, TESTS
from services.type_approval.evaluation.programme import family_tested
from services.type_approval.registers import steps
from shared.casework.confirming import confirmed_or_asked
from shared.metrology import Family, FamilyError, QuantityError
from shared.metrology.records import CLAIMS, Point, Record
from shared.metrology.verdicts import contradictory, judge_record
from shared.problems import Violation
from shared.schemas import invalid
from shared.text import Text, same

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from shared.casework import ConnectedStep, Step
    from shared.metrology.judgements import Outcome
    from shared.metrology.parts import Item
    from shared.registers import Version
    from shared.registers.store import Held
    from shared.uploads.filing import Upload

STATED = "stated"
"""The judgement of items whose limits the laboratory states."""


def may_supersede(step: Step) -> Sequence[Violation]:
    """A record is corrected by another one, which says why; one that is out of force already is not corrected again."""
    if "supersedes" not in step.body:
        return []
    found = conformity.not_counting(step.case.data, step.body["supersedes"], "supersedes")
    if not step.reason:
        found.append(
            Violation(
                "reason",
                "missing",
                Text(
                    "请写明更正理由：原记录保留可读", "say why the record is corrected: it stays readable beside this"
                ),
            )
        )
    return found


def may_void_test(step: Step) -> Sequence[Violation]:
    """The record counts."""
    return conformity.not_counting(step.case.data, step.body["number"], "number")


class Known(NamedTuple):
    """What the registers of the laboratory say for a record, and the documents of the case."""

    days: Mapping[date, tuple[Mapping[str, Version], Version | None]]
    """On each day of the test, its standards, and who records it."""
    signer: Held | None
    files: Mapping[str, Upload]


def known(step: ConnectedStep) -> Known:
    # Of what corrects no record that counts, the day is not known.
    days = () if may_supersede(step) else dict.fromkeys((runs.tested_on(step), runs.tested_until(step)))
    return Known(
        {day: (steps.standards(step, day), steps.person(step, day)) for day in days},
        devices.signer(step),
        attaching.there(step, step.body.get("raw_files", ())),
    )


def may_record_test(step: Step, known: Known) -> Sequence[Violation]:
    """Standards in calibration, a tester entitled to it, a prototype that was received, an item of the family, and
    claims that the numbers support."""
    if found := may_supersede(step) or programme.not_yet(step.case.data, "item"):
        return found
    held = family_tested(step)
    on, files = runs.tested_on(step), step.body.get("raw_files", ())
    found = [*runs.wrong_times(step), *runs.wrong_surroundings(step.body)]
    unfit = (
        [*steps.wrong_standards(step, standards, day), *steps.not_entitled(step, person, day, "tester")]
        for day, (standards, person) in known.days.items()
    )
    found += next(filter(None, unfit), [])
    found += attaching.wrong_attachments(files, known.files, "raw_files", RAW)
    found += [
        *devices.wrong_signature(step, known.signer, on),
        *conformity.unknown_items([step.body["item"]], held, "item"),
    ]
    instrument, wrong = _instrument(step, held)
    found += [*wrong, *_conditions_missing(step, held, instrument)]
    if found:
        return found
    item = held.item(conformity.item_id(step.body["item"], held))
    if found := runs.wrong_occasion(step, item, held):
        return found
    if found := [*_wrong_edition(step, held, item), *_unreadable(step.body, held, item, instrument)]:
        return found
    record = _record(step, item)
    outcome = judged(step, held, item, instrument)
    found = [
        Violation(
            one.path,
            "verdict_contradicts_numbers",
            Text(
                f"{one.told.zh}：请删去，或者更正数据",
                f"{one.told.en}: leave it out, or correct the numbers",
            ),
        )
        for one in contradictory(record, outcome)
    ]
    if not found:
        others, wanted = _others(step), programme.items_wanted(step.case.data)
        warnings = [
            *conformity.other_statement(others, step.body["serial"], step.body.get("characteristics", {}), held),
            *conformity.beside_programme(wanted, [step.body["item"]], held, "item"),
            *_other_software(step),
            *conformity.other_edition(step.case[COMMISSION].programme or "", _edition(step, held, item)),
        ]
        confirmed_or_asked(step, warnings)
    return found


def record(step: Step) -> dict[str, Any]:
    """The record as it is kept: with what was computed of every point, the rules it rests on, and the verdict."""
    held = family_tested(step)
    item = held.item(conformity.item_id(step.body["item"], held))
    instrument, _ = _instrument(step, held)
    outcome = judged(step, held, item, instrument)
    points: list[dict[str, str]] = [dict(point) for point in step.body["points"]]
    for point, one in zip(points, outcome.points, strict=False):
        if one.error is not None:
            point["error"] = one.error.shown()
        if one.limit is not None:
            point |= {"mpe": one.limit.told(), "rule": one.limit.rule_id}
        point["verdict"] = str(one.verdict)
    notes = [{"point": number, **one.note._asdict()} for number, one in enumerate(outcome.points, start=1) if one.note]
    unsure = any(one.limit is not None and not one.limit.verified for one in outcome.points)
    return {
        **step.raw,
        "item": item.id,
        "clause": item.clause,
        "name": item.name._asdict(),
        "run": runs.run(step, item, held),
        "edition": _edition(step, held, item),
        "limits": STATED if item.judgement == STATED else "computed",
        **({"unverified": True} if unsure else {}),
        "points": points,
        "verdict": str(outcome.verdict),
        **({"why": outcome.reason._asdict()} if outcome.reason else {}),
        **({"notes": notes} if notes else {}),
    }


def _conditions_missing(step: Step, held: Family, instrument: Mapping[str, str]) -> list[Violation]:
    """The ambient conditions that tests of this instrument are recorded with, at the start and at the end."""
    try:
        asked = held.conditions(held.values(instrument))
    except (FamilyError, QuantityError):
        return []  # what is wrong with the instrument is told of itself
    times = (("conditions", Text("开始", "start")), ("conditions_at_end", Text("结束", "end")))
    return [
        Violation(
            f"{key}.{name}",
            "missing",
            Text(
                f"{held.id}要求记录试验{time.zh}时的该项条件",
                f"{held.id} asks for the {name} at the {time.en} of a test",
            ),
        )
        for key, time in times
        for name in asked
        if name not in step.body[key]
    ]


def judged(step: Step, held: Family, item: Item, instrument: Mapping[str, str]) -> Outcome:
    """What the recorded points come to. Raises Problem naming the point that nothing can be computed of."""
    used = held.programme(_programme_of(item), step.body.get("edition", ""))
    values = held.values(instrument)
    try:
        return judge_record(held, used, _record(step, item), values)
    except (FamilyError, QuantityError) as error:
        raise invalid([Violation(_culprit(step, held, instrument, error.told), "no_limit", error.told)]) from None


def _culprit(step: Step, held: Family, instrument: Mapping[str, str], reason: Text) -> str:
    """The path of the point of which alone the same is said; of all points if there is none."""
    known = held.values(step.body.get("settings", {}), held.values(instrument))
    for index, point in enumerate(step.body["points"]):
        merged = {**known, **{name: held.parameter(name).read(text) for name, text in _recorded(point).items()}}
        try:
            held.computing.error({**merged, **held.computing.derive(merged)})
        except (FamilyError, QuantityError) as error:
            if error.told == reason:
                return f"points.{index}"
    return "points"


def _instrument(step: Step, held: Family) -> tuple[Mapping[str, str], list[Violation]]:
    """What is known of the prototype: the line of its model, and what the laboratory states of it."""
    samples = step.case[SAMPLES]
    sample = next((one for one in samples if same(step.body["serial"], one["serial"])), None)
    if sample is None:
        return {}, conformity.unknown_prototype(samples, step.body["serial"], "serial")
    return conformity.instrument(step.case.form, sample, step.body.get("characteristics", {}), held)


def _other_software(step: Step) -> list[Violation]:
    """Other software than was applied for, or than was read on the prototype when it came."""
    sample = next(one for one in step.case[SAMPLES] if same(step.body["serial"], one["serial"]))
    found = [fault for known in (step.case.form, sample) for fault in conformity.other_software(known, step.body)]
    return list({fault.name: fault for fault in found}.values())


def _edition(step: Step, held: Family, item: Item) -> str:
    return held.programme(_programme_of(item), step.body.get("edition", "")).edition


def _wrong_edition(step: Step, held: Family, item: Item) -> list[Violation]:
    try:
        held.programme(_programme_of(item), step.body.get("edition", ""))
    except FamilyError as error:
        return [Violation("edition", "unknown_edition", error.told)]
    return []


def _unreadable(body: Mapping[str, Any], held: Family, item: Item, instrument: Mapping[str, str]) -> list[Violation]:
    """Settings and values of points that the family does not have, that cannot be read, or that cannot be."""
    found: list[Violation] = []
    known = held.values(instrument)
    settings = body.get("settings", {})
    found += _wrong(held, "settings", settings, {"setting"}, item.settings, known)
    if not found:
        known = held.values(settings, known)
    for index, point in enumerate(body["points"]):
        found += _wrong(held, f"points.{index}", _recorded(point), {"point"}, item.records, known)
    return found


def _wrong(
    held: Family, path: str, given: Mapping[str, str], roles: set[str], usual: Sequence[str], known: Mapping[str, Any]
) -> list[Violation]:
    found, values = [], dict(known)
    for name, text in given.items():
        parameter = held.parameters.get(name)
        if parameter is None or parameter.role not in roles:
            used, kind = ", ".join(usual), path.partition(".")[0].rstrip("s")
            reason = Text(
                f"{held.id}没有“{name}”；本项目使用{used}", f"{held.id} has no {kind} {name!r}; this item uses {used}"
            )
            found.append(Violation(f"{path}.{name}", "unknown_name", reason))
            continue
        try:
            values[name] = parameter.read(text)
        except (FamilyError, QuantityError) as error:
            found.append(Violation(f"{path}.{name}", "impossible", error.told))
            continue
        if fault := parameter.fault(values):
            found.append(Violation(f"{path}.{name}", "impossible", fault.reason))
    return found


def _recorded(point: Mapping[str, str]) -> dict[str, str]:
    return {name: text for name, text in point.items() if name not in CLAIMS}


def _record(step: Step, item: Item) -> Record:
    """What was sent, as metrology has it."""
    body = step.body
    points = tuple(
        Point(recorded=_recorded(point), claimed={name: text for name, text in point.items() if name in CLAIMS})
        for point in body["points"]
    )
    return Record(
        id="",
        item=item.id,
        prototype=body["serial"],
        run=1,
        reason=body["occasion"],
        on=runs.tested_on(step),
        equipment=(),
        settings=body.get("settings", {}),
        conditions={},
        conditions_at_end={},
        points=points,
        uncertainty=body.get("uncertainty", ""),
        verdict=body.get("verdict"),
        explanation="",
        supersedes="",
    )


def _programme_of(item: Item) -> str:
    return item.id.partition(".")[0]


def _others(step: Step) -> list[Mapping[str, Any]]:
    """The test records that count beside the one that is recorded."""
    superseded = step.body.get("supersedes", 0)
    corrected = step.case[TESTS][superseded - 1] if superseded else None
    return [record for record in conformity.counting(step.case.data).values() if record is not corrected]
