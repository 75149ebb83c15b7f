"""Whether the tests prove what was applied for: tests of another instrument do not count, those of a part only for the
part. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from services.type_approval.evaluation import series
from services.type_approval.evaluation.conformity import counting, differing, instrument, item_id, other_prototypes
from services.type_approval.evaluation.facts import ARRANGEMENT, IMPROVEMENT, SAMPLES, TESTS
from services.type_approval.evaluation.programme import items_wanted
from shared.casework.facts import FORM
from shared.metrology.series import Member
from shared.problems import Violation
from shared.text import Text, comparable, same

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from shared.metrology.family import Family


def contradictions(data: Mapping[str, Any], tests: Sequence[Mapping[str, Any]], held: Family) -> list[Text]:
    """Prototypes and test records of another instrument, in words; cases may be older than the checks when recorded."""
    form, samples = data[FORM.name], _samples(data)
    wrong, _ = other_prototypes(form, SAMPLES.of(data) or (), held)
    found = [_both(violation.reason) for violation in wrong]
    for record in tests:
        sample = samples.get(comparable(record["serial"]))
        if sample is None:
            continue  # of a prototype that an improved one has replaced
        _, faults = instrument(form, sample, record.get("characteristics", {}), held)
        for reason in (_both(fault.reason) for fault in faults):
            item = _named(item_id(record["item"], held), record["item"], held)
            zh, en = (
                f"{record['serial']}的{item.zh}：{reason.zh}",
                f"{item.en} on {record['serial']}: {reason.en}",
            )
            found.append(Text(zh, en))
    return list(dict.fromkeys(found))


def _both(reason: Text | str) -> Text:
    return Text.plain(reason) if isinstance(reason, str) else reason


class Lack(NamedTuple):
    """One thing that a report cannot conclude pass without; of a test its item, and the prototype it is to be done on,
    where there is a certain one."""

    told: Text
    item: str = ""
    serial: str = ""


def lacking(data: Mapping[str, Any], held: Family) -> list[Lack]:
    """Each thing that a report cannot conclude pass without: prototypes that were arranged, a test of each in every
    item.

    The items are those of the programme; without such a list, those that any prototype was tested in. A programme that
    the laboratory wrote says on how many prototypes an item is tested, else it is on each. A prototype that failed is
    tested again after the improvement, or another one comes in its place.
    """
    samples, tests = SAMPLES.of(data) or (), counting(data)
    arrangement, improvement = ARRANGEMENT.of(data), IMPROVEMENT.of(data)
    improved_at = improvement.tests_before if improvement else len(TESTS.of(data) or ())
    done = {place: (comparable(record["serial"]), item_id(record["item"], held)) for place, record in tests.items()}
    before = {test for place, test in done.items() if place <= improved_at}
    after = {test for place, test in done.items() if place > improved_at}
    failed = {done[place] for place, record in tests.items() if place <= improved_at and record["verdict"] == "fail"}
    given_up = {serial for serial, _ in failed - after}
    wanted_number = max(arrangement.samples if arrangement else 0, len({serial for serial, _ in before}))
    left = [sample for sample in samples if comparable(sample["serial"]) not in given_up]
    found = [] if tests else [Lack(Text("没有有效的试验记录", "no test record counts"))]
    if len(left) < wanted_number:
        names = ", ".join(sample["serial"] for sample in samples if sample not in left)
        zh = f"；{names}不合格，改进后未重新试验" if names else ""
        en = f"; {names} failed and was not tested again after the improvement" if names else ""
        told = Text(
            f"应试验{wanted_number}台样机，现有{len(left)}台{zh}",
            f"{wanted_number} prototypes are to be tested, there are {len(left)}{en}",
        )
        found.append(Lack(told))
    names_of = {item_id(record["item"], held): record["item"] for record in tests.values()}
    stated = items_wanted(data)
    wanted = names_of if stated is None else {item_id(item, held): item for item in stated}
    numbers = {item_id(item, held): number for item, number in (stated or {}).items()}
    for sample in left:
        serial = sample["serial"]
        for key, name in wanted.items():
            if numbers.get(key) is None and (comparable(serial), key) not in before | after:
                zh, en = _named(key, name, held)
                told = Text(f"样机{serial}未做：{zh}", f"prototype {serial} was not tested in {en}")
                found.append(Lack(told, key, serial))
    standing = {comparable(sample["serial"]) for sample in left}
    for key, number in numbers.items():
        there = sum(item == key and serial in standing for serial, item in before | after)
        if number is not None and there < number:
            zh, en = held.item(key).told
            zh, en = (
                f"{zh}应试验{number}台样机，已试验{there}台",
                f"{en} is tested on {number} prototypes, {there} were",
            )
            found.append(Lack(Text(zh, en), key))
    return found


def _named(key: str, stated: str, held: Family) -> Text:
    """The test item by clause and name; one that the family does not have as it was stated."""
    item = next((one for one in held.items if one.id == key), None)
    return item.told if item else Text.plain(stated)


def lines_tested(data: Mapping[str, Any], tests: Sequence[Mapping[str, Any]], held: Family) -> list[int]:
    """The numbers of the lines, from 1, of which a prototype was tested."""
    lines = data[FORM.name]["lines"]
    return [number for number, line in enumerate(lines, start=1) if any(_is_of(data, one, line, held) for one in tests)]


def untested_lines(
    data: Mapping[str, Any], tests: Sequence[Mapping[str, Any]], held: Family
) -> tuple[list[Violation], list[Violation]]:
    """Of the lines of which no prototype was tested, those that the ones tested do not cover as one series, and, to be
    confirmed, those that they cover by a rule which has not been verified."""
    prototypes = _tested(data, tests, held)
    members = [Member(serial, held.values(values)) for serial, values in prototypes.items()]
    wrong, warnings, directly = [], [], lines_tested(data, tests, held)
    for number, line in enumerate(data[FORM.name]["lines"], start=1):
        if number in directly:
            continue
        which = " ".join([line["model"], *line["characteristics"].values()])
        if by := series.covered_by(held, members, line):
            if not series.sure(held):
                reason = Text(
                    f"{which}未经试验，由{'、'.join(by)}覆盖，所依据的系列规则未核实",
                    f"no prototype of {which} was tested: {', '.join(by)} covers it by a rule that has not been"
                    " verified",
                )
                warnings.append(Violation("conclusion", "line_untested", reason))
        else:
            by_these = ", ".join(prototypes)
            reason = Text(
                f"第{number}行（{which}）未经试验，也没有系列规则使{by_these}覆盖它：请试验其样机",
                f"line {number} ({which}) was not tested, and no rule for series lets {by_these} cover it: test a"
                " prototype of it",
            )
            wrong.append(Violation("conclusion", "line_not_covered", reason))
    return wrong, warnings


def tested(data: Mapping[str, Any], held: Family) -> list[dict[str, Any]]:
    """The prototypes as a certificate prints them, with the characteristics that they were tested by."""
    wanted = ("serial", "model", "software")
    found = []
    for sample in SAMPLES.of(data) or ():
        stated: dict[str, str] = {}
        for record in counting(data).values():
            if same(record["serial"], sample["serial"]):
                stated |= record.get("characteristics", {})
        characteristics, _ = instrument(data[FORM.name], sample, stated, held)
        found.append({**{name: sample[name] for name in wanted if name in sample}, "characteristics": characteristics})
    return found


def items(data: Mapping[str, Any], held: Family) -> dict[str, str]:
    """The items that were tested, by their ids, as a certificate prints them: clause and name."""
    found: dict[str, str] = {}
    for one in counting(data).values():
        found.setdefault(item_id(one["item"], held), f"{one['clause']} {one['name']['zh']}")
    return found


def _samples(data: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    return {comparable(sample["serial"]): sample for sample in SAMPLES.of(data) or ()}


def _tested(data: Mapping[str, Any], tests: Sequence[Mapping[str, Any]], held: Family) -> dict[str, Mapping[str, str]]:
    """The characteristics of the prototypes that were tested, by their serial numbers."""
    samples, found = _samples(data), {}
    for record in tests:
        sample = samples.get(comparable(record["serial"]))
        if sample is not None:
            found[sample["serial"]], _ = instrument(data[FORM.name], sample, record.get("characteristics", {}), held)
    return found


def _is_of(data: Mapping[str, Any], record: Mapping[str, Any], line: Mapping[str, Any], held: Family) -> bool:
    sample = _samples(data).get(comparable(record["serial"]))
    if sample is None or not same(sample["model"], line["model"]):
        return False
    said = {**sample.get("characteristics", {}), **record.get("characteristics", {})}
    return not differing(held, line["characteristics"], said)
