"""Whether what is received, tested and reported is the instrument that was applied for. Pure.

What the application states is stated again by whoever receives, tests and reports. A fact that makes another instrument
of it (model, class, e, Max) is refused; what may have a good reason (software, number of prototypes, programme) is a
warning that a person confirms, and the journal keeps who did and when.
"""

from __future__ import annotations

import re
from collections import Counter
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from shared.metrology import FamilyError, Quantity, programme
from shared.problems import Violation
from shared.text import comparable, same

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from shared.metrology.family import Family

_RECOMMENDATION = re.compile(r"r0*([0-9]+)")


def other_prototypes(
    form: Mapping[str, Any], samples: Sequence[Mapping[str, Any]]
) -> tuple[list[Violation], list[Violation]]:
    """What is wrong with prototypes that come in, and what is to be confirmed: a model that was not applied for, a
    serial number twice; other software."""
    wrong, warnings = [], []
    models = [line["model"] for line in form["lines"]]
    serials = Counter(comparable(sample["serial"]) for sample in samples)
    for index, sample in enumerate(samples):
        if not any(same(sample["model"], model) for model in models):
            reason = f"{sample['model']} is not what was applied for: {', '.join(models)}"
            wrong.append(Violation(f"samples.{index}.model", "another_model", reason))
        if serials[comparable(sample["serial"])] > 1:
            reason = f"the serial number {sample['serial']} is there twice"
            wrong.append(Violation(f"samples.{index}.serial", "twice", reason))
        warnings += other_software(form, sample, f"samples.{index}.software")
    return wrong, warnings


def other_software(form: Mapping[str, Any], stated: Mapping[str, Any], path: str) -> list[Violation]:
    """Where the software that is stated is not the one applied for. What either does not state is not compared."""
    applied, told = form.get("software", {}), stated.get("software", {})
    return [
        Violation(
            f"{path}.{name}",
            "another_software",
            f"软件与申请不一致。 The application says {name} {applied[name]}, this is {told[name]}",
        )
        for name in ("version", "checksum")
        if name in applied and name in told and not same(applied[name], told[name])
    ]


def other_number(arranged: int | None, received: int) -> list[Violation]:
    """Another number of prototypes than was arranged."""
    if arranged is None or arranged == received:
        return []
    reason = f"样机数量与安排不一致。 {arranged} prototypes were arranged, {received} are received"
    return [Violation("samples", "number_of_prototypes", reason)]


def other_programme(stated: str, applies: str | None) -> list[Violation]:
    """A recommendation other than that of the kind of instrument. National standards are not recognised."""
    named = _RECOMMENDATION.match(comparable(stated).removeprefix("oiml"))
    if named is None or applies is None or f"r{named[1]}" == applies:
        return []
    reason = f"大纲与器具类别不符。 This kind of instrument is evaluated by {applies.upper()}, not {stated}"
    return [Violation("programme", "another_programme", reason)]


def items_of(applies: str | None) -> Family | None:
    """The family whose test items a programme is made of; None where none is held."""
    try:
        return programme(applies)[0] if applies else None
    except FamilyError:
        return None


def item_id(stated: str, family: Family | None) -> str:
    """The test item that is meant by its id or its clause (`A.4.4`, `R76-A.4.4`); the text itself if by neither."""
    key = comparable(stated)
    if family is None:
        return key
    for item in family.items:
        if key == comparable(item.id):
            return item.id
    clause = key.rpartition("-")[2]
    meant = [item.id for item in family.items if comparable(item.clause) == clause]
    return meant[0] if len(meant) == 1 else key


def unknown_items(stated: Iterable[str], family: Family | None) -> list[Violation]:
    """The items of a programme that its family does not have."""
    if family is None:
        return []
    known = {item.id for item in family.items}
    names = ", ".join(f"{item.id} ({item.clause})" for item in family.items)
    return [
        Violation(
            f"items.{index}",
            "unknown_item",
            f"{one} is no test item of {family.id}; it has: {names}",
        )
        for index, one in enumerate(stated)
        if item_id(one, family) not in known
    ]


def counting(data: Mapping[str, Any]) -> dict[int, Mapping[str, Any]]:
    """The test records that count, by their place: what supersedes a record is in its place, what is void in none."""
    return {place: data["tests"][number - 1] for place, number in _numbers(data).items()}


def not_counting(data: Mapping[str, Any], number: int, field: str) -> list[Violation]:
    """What is wrong with the number of a test record that is to be superseded or declared void."""
    numbers = sorted(_numbers(data).values())
    if number in numbers:
        return []
    known = ", ".join(map(str, numbers)) or "none"
    reason = f"没有有效的第{number}号记录。 {number} is no test record that counts; those that count: {known}"
    return [Violation(field, "unknown_record", reason)]


def _numbers(data: Mapping[str, Any]) -> dict[int, int]:
    """By place, the number of the test record that counts there; the first record has the number 1.

    Records are only added. One that supersedes another takes its place, so that a correction made after the improvement
    still is of a test made before it.
    """
    places: dict[int, int] = {}
    found: dict[int, int] = {}
    for number, record in enumerate(data["tests"], start=1):
        places[number] = places[record["supersedes"]] if "supersedes" in record else number
        found[places[number]] = number
    for void in data.get("voided_tests", ()):
        del found[places[void["number"]]]
    return found


def another_instrument(
    form: Mapping[str, Any], model: str, accuracy_class: str, e: Quantity, loads: Sequence[Quantity]
) -> list[Violation]:
    """Where a test is of another class, e or range than the lines applied for of this model."""
    lines = [line for line in form["lines"] if same(line["model"], model)]
    if not lines:
        return [Violation("serial", "another_model", f"its model {model} was not applied for")]
    classed = [line for line in lines if same(line["accuracy_class"], accuracy_class)]
    if not classed:
        applied = ", ".join(dict.fromkeys(line["accuracy_class"] for line in lines))
        reason = f"{model} was applied for in class {applied}, not {accuracy_class}"
        return [Violation("accuracy_class", "another_class", reason)]
    fitting = [line for line in classed if "scale_interval" not in line or _is(line["scale_interval"], e)]
    if not fitting:
        applied = ", ".join(dict.fromkeys(str(quantity(line["scale_interval"])) for line in classed))
        return [Violation("scale_interval", "another_interval", f"{model} was applied for with e = {applied}, not {e}")]
    most = max((quantity(line["max"]) for line in fitting if _weighs(line["max"], e)), default=None)
    return [
        Violation(f"points.{index}.load", "beyond_max", f"{load} is beyond Max = {most} of {model}: it is not judged")
        for index, load in enumerate(loads)
        if most is not None and load.dimension == most.dimension and load > most
    ]


def other_interval(tests: Iterable[Mapping[str, Any]], serial: str, d: Quantity) -> list[Violation]:
    """Another d than an earlier test of the same prototype says."""
    for record in tests:
        before = record.get("actual_interval")
        if before and same(record["serial"], serial) and not _is(before, d):
            reason = (
                f"实际分度值与此前记录不一致。 An earlier test of {serial} says d = {quantity(before)}, this one {d}"
            )
            return [Violation("actual_interval", "another_actual_interval", reason)]
    return []


def contradictions(data: Mapping[str, Any], tests: Sequence[Mapping[str, Any]]) -> list[str]:
    """Prototypes and test records of another instrument, in words; cases may be older than the checks when recorded."""
    form, models = data["form"], _models(data)
    wrong, _ = other_prototypes(form, data.get("samples", []))
    found = [violation.reason for violation in wrong]
    for record in tests:
        model = models.get(comparable(record["serial"]))
        if model is None:
            continue  # of a prototype that an improved one has replaced
        e, loads = quantity(record["scale_interval"]), [Quantity.parse(point["load"]) for point in record["points"]]
        faults = another_instrument(form, model, record["accuracy_class"], e, loads)
        found += [f"{record['item']} on {record['serial']}: {fault.reason}" for fault in faults]
    return list(dict.fromkeys(found))


def lacking(data: Mapping[str, Any], family: Family | None) -> list[str]:
    """What a report cannot conclude pass without: prototypes that were arranged, tests of each in every item.

    The items are those of the programme as arranged; without such a list, those that any prototype was tested in. A
    prototype that failed is tested again after the improvement, or another one comes in its place.
    """
    samples, tests = data["samples"], counting(data)
    arranged = data.get("arrangement", {})
    improved_at = data.get("improvement", {}).get("tests_before", len(data["tests"]))
    done = {place: (comparable(record["serial"]), item_id(record["item"], family)) for place, record in tests.items()}
    before = {test for place, test in done.items() if place <= improved_at}
    after = {test for place, test in done.items() if place > improved_at}
    failed = {done[place] for place, record in tests.items() if place <= improved_at and record["verdict"] == "fail"}
    given_up = {serial for serial, _ in failed - after}
    wanted_number = max(arranged.get("samples", 0), len({serial for serial, _ in before}))
    left = [sample for sample in samples if comparable(sample["serial"]) not in given_up]
    found = [] if tests else ["no test record counts"]
    if len(left) < wanted_number:
        names = ", ".join(sample["serial"] for sample in samples if sample not in left)
        why = f"; {names} failed and was not tested again after the improvement" if names else ""
        found.append(f"{wanted_number} prototypes are to be tested, there are {len(left)}{why}")
    names_of = {item_id(record["item"], family): record["item"] for record in tests.values()}
    wanted = {item_id(item, family): item for item in arranged["items"]} if "items" in arranged else names_of
    for sample in left:
        missing = [name for key, name in wanted.items() if (comparable(sample["serial"]), key) not in before | after]
        if missing:
            found.append(f"prototype {sample['serial']} was not tested in {', '.join(missing)}")
    return found


def untested_lines(data: Mapping[str, Any], tests: Sequence[Mapping[str, Any]]) -> list[Violation]:
    """The lines applied for of which no prototype was tested: confirmed where the series is proved by its others."""
    models = _models(data)
    found = []
    for line in data["form"]["lines"]:
        if not any(_proves(record, models, line) for record in tests):
            which = f"{line['model']} {line['accuracy_class']} {quantity(line['max'])}"
            reason = (
                f"{which}未经试验，须以系列其他型号的试验为据。 No prototype of {which} was tested: confirm, with a"
                " reason, if those tested prove it as one series"
            )
            found.append(Violation("conclusion", "line_untested", reason))
    return found


def tested(data: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The prototypes as a certificate prints them."""
    wanted = ("serial", "model", "software")
    return [{name: sample[name] for name in wanted if name in sample} for sample in data["samples"]]


def quantity(measure: Mapping[str, str]) -> Quantity:
    """A measure as it is kept in JSON."""
    return Quantity(Fraction(measure["value"]), measure["unit"])


def _models(data: Mapping[str, Any]) -> dict[str, str]:
    return {comparable(sample["serial"]): sample["model"] for sample in data.get("samples", [])}


def _proves(record: Mapping[str, Any], models: Mapping[str, str], line: Mapping[str, Any]) -> bool:
    model = models.get(comparable(record["serial"]), "")
    return (
        same(model, line["model"])
        and same(record["accuracy_class"], line["accuracy_class"])
        and ("scale_interval" not in line or _is(line["scale_interval"], quantity(record["scale_interval"])))
    )


def _is(measure: Mapping[str, str], other: Quantity) -> bool:
    one = quantity(measure)
    return one.dimension == other.dimension and one == other


def _weighs(measure: Mapping[str, str], e: Quantity) -> bool:
    return quantity(measure).dimension == e.dimension
