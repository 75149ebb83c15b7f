"""Whether what is received, tested and reported is the instrument that was applied for. Pure.

What the application states is stated again by whoever receives, tests and reports. A fact that makes another instrument
of it (its model, a characteristic) is refused; what may have a good reason (software, number of prototypes, programme)
is a warning that a person confirms, and the journal keeps who did and when.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from services.type_approval.evaluation.facts import TESTS, VOIDED_TESTS
from shared.metrology import FamilyError, QuantityError
from shared.problems import Violation
from shared.schemas import repeated, said_twice
from shared.text import Text, comparable, same

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from shared.metrology.family import Family

_RECOMMENDATION = re.compile(r"(?<![a-z0-9])(?:oiml[- ]?)?r[- ]?0*([0-9]+)")
_EDITION = re.compile(r"([a-z/]+) ?([0-9.]+)(?:-[0-9/-]+?)?[-:]([0-9]{4})")
"""Letters, number and year of a document, as in `r 76-1:2006` and `jjg 443-2015`."""


def other_prototypes(
    form: Mapping[str, Any], samples: Sequence[Mapping[str, Any]], held: Family
) -> tuple[list[Violation], list[Violation]]:
    """What is wrong with prototypes that come in, and what is to be confirmed: a model or characteristic that was not
    applied for or cannot be; other software."""
    wrong, warnings = [], []
    models = [line["model"] for line in form["lines"]]
    for index, sample in enumerate(samples):
        if not any(same(sample["model"], model) for model in models):
            known = ", ".join(models)
            reason = Text(
                f"{sample['model']}不是申请的型号（{known}）", f"{sample['model']} is not what was applied for: {known}"
            )
            wrong.append(Violation(f"samples.{index}.model", "another_model", reason))
        else:
            _, faults = instrument(form, sample, {}, held)
            wrong += [
                Violation(f"samples.{index}.{fault.name}", fault.code, fault.reason)
                for fault in faults
                if fault.code != "ambiguous"  # each test may tell which line is meant
            ]
        warnings += other_software(form, sample, f"samples.{index}.software")
    return wrong, warnings


def other_software(known: Mapping[str, Any], stated: Mapping[str, Any], path: str = "software") -> list[Violation]:
    """Where the software that is stated is not the one known, from the application or the prototype. What either does
    not state is not compared."""
    before, told = known.get("software", {}), stated.get("software", {})
    return [
        Violation(
            f"{path}.{name}",
            "another_software",
            Text(
                f"软件与此前所述不一致：此前为{before[name]}，现为{told[name]}",
                f"the {name} was stated as {before[name]}, this is {told[name]}",
            ),
        )
        for name in ("version", "checksum")
        if name in before and name in told and not same(before[name], told[name])
    ]


def other_number(arranged: int | None, received: int) -> list[Violation]:
    """Another number of prototypes than was arranged."""
    if arranged is None or arranged == received:
        return []
    reason = Text(
        f"安排{arranged}台样机，收到{received}台", f"{arranged} prototypes were arranged, {received} are received"
    )
    return [Violation("samples", "number_of_prototypes", reason)]


def other_programme(stated: str, applies: str | None) -> list[Violation]:
    """Recommendations without that of the kind of instrument. National standards are not recognised."""
    named = _RECOMMENDATION.findall(_words(stated))
    if not named or applies is None or applies.removeprefix("r") in named:
        return []
    reason = Text(
        f"该类器具按{applies.upper()}评价，而非{stated}",
        f"this kind of instrument is evaluated by {applies.upper()}, not {stated}",
    )
    return [Violation("programme", "another_programme", reason)]


def other_edition(stated: str, used: str) -> list[Violation]:
    """Another year of a document in the programme as commissioned than in the edition that a test is judged by."""
    named = _EDITION.fullmatch(_words(used))
    if named is None:
        return []
    letters, number, year = named.groups()
    document = (
        rf"(?<![a-z0-9])(?:oiml[- ]?)?{letters}[- ]?0*{re.escape(number)}(?:-[0-9/-]+?)?[-:]([0-9]{{4}})(?![0-9])"
    )
    years = re.findall(document, _words(stated))
    if not years or year in years:
        return []
    reason = Text(
        f"委托依据为{stated}，本次试验的限值按{used}",
        f"commissioned was {stated}, the limits of this test are those of {used}",
    )
    return [Violation("edition", "another_programme", reason)]


def _words(text: str) -> str:
    return " ".join(map(comparable, text.split()))


def item_id(stated: str, held: Family) -> str:
    """The test item that is meant by its id or its clause (`A.4.4`, `R76-A.4.4`); the text itself if by neither."""
    key = comparable(stated)
    for item in held.items:
        if key == comparable(item.id):
            return item.id
    for named in (key, key.rpartition("-")[2]):
        meant = [item.id for item in held.items if comparable(item.clause) == named]
        if len(meant) == 1:
            return meant[0]
    return key


def unknown_items(stated: Sequence[str], held: Family, field: str = "items.{}") -> list[Violation]:
    """Items that the family does not have, by their place in what is stated; a clause of several is none."""
    known = {item.id for item in held.items}
    return [
        Violation(
            field.format(index),
            "unknown_item",
            Text(f"这类器具没有试验项目{one}", f"{one} is not a test item of this kind of instrument"),
        )
        for index, one in enumerate(stated)
        if item_id(one, held) not in known
    ]


def items_twice(
    stated: Sequence[str], held: Family, field: str = "items.{}", serials: Sequence[str] | None = None
) -> list[Violation]:
    """Items that were stated before, by id or clause; with `serials`, of the same prototype."""
    keys = zip((item_id(one, held) for one in stated), map(comparable, serials or [""] * len(stated)), strict=True)
    return [Violation(field.format(place), "twice", said_twice(first)) for place, first in repeated(keys).items()]


def beside_programme(
    wanted: Collection[str] | None, stated: Sequence[str], held: Family, field: str
) -> list[Violation]:
    """Items that the programme of the case does not have."""
    if wanted is None:
        return []
    planned = {item_id(item, held) for item in wanted}
    reason = Text("该项目不在本案的大纲内", "the programme of the case does not have this item")
    return [
        Violation(field.format(index), "not_in_programme", reason)
        for index, one in enumerate(stated)
        if item_id(one, held) not in planned
    ]


def unknown_prototype(samples: Sequence[Mapping[str, Any]], serial: str, field: str) -> list[Violation]:
    """A serial number of none of the prototypes."""
    if any(same(serial, one["serial"]) for one in samples):
        return []
    serials = ", ".join(one["serial"] for one in samples)
    return [Violation(field, "unknown_prototype", Text(f"收到的样机为：{serials}", f"received were: {serials}"))]


def told(record: Mapping[str, Any]) -> Text:
    """The item of a test record, by clause and name."""
    return Text(*(f"{record['clause']} {record['name'][language]}" for language in ("zh", "en")))


def counting(data: Mapping[str, Any]) -> dict[int, Mapping[str, Any]]:
    """The test records that count, by their place: what supersedes a record is in its place, what is void in none."""
    tests = TESTS.of(data) or ()
    return {place: tests[number - 1] for place, number in _numbers(data).items()}


def not_counting(data: Mapping[str, Any], number: int, field: str) -> list[Violation]:
    """What is wrong with the number of a test record that is to be superseded or declared void."""
    numbers = sorted(_numbers(data).values())
    if number in numbers:
        return []
    known = ", ".join(map(str, numbers)) or "none"
    reason = Text(
        f"没有有效的第{number}号记录，有效的为：{known}",
        f"{number} is not a test record that counts; those that count: {known}",
    )
    return [Violation(field, "unknown_record", reason)]


def _numbers(data: Mapping[str, Any]) -> dict[int, int]:
    """By place, the number of the test record that counts there; the first record has the number 1.

    Records are only added. One that supersedes another takes its place, so that a correction made after the improvement
    still is of a test made before it.
    """
    places = _places(data)
    found = {place: number for number, place in places.items()}
    for void in VOIDED_TESTS.of(data) or ():
        del found[places[void.number]]
    return found


def _places(data: Mapping[str, Any]) -> dict[int, int]:
    """The place of every test record, by its number."""
    places: dict[int, int] = {}
    for number, record in enumerate(TESTS.of(data) or (), start=1):
        places[number] = places[record["supersedes"]] if "supersedes" in record else number
    return places


def place_of(data: Mapping[str, Any], number: int) -> int:
    """The place of a test record: that of the first of those that correct one another."""
    return _places(data)[number]


def not_void(data: Mapping[str, Any]) -> dict[int, Mapping[str, Any]]:
    """The test records that count, with those that they supersede, by their number."""
    standing, tests = _numbers(data).keys(), TESTS.of(data) or ()
    return {number: tests[number - 1] for number, place in _places(data).items() if place in standing}


def instrument(
    form: Mapping[str, Any], sample: Mapping[str, Any], stated: Mapping[str, str], held: Family
) -> tuple[Mapping[str, str], list[Violation]]:
    """What a prototype is by the line applied for, with what is stated of it beyond that, and where that is another one
    or cannot be.

    Lines of one model are told apart by what is stated of the prototype.
    """
    model, said = sample["model"], {**sample.get("characteristics", {}), **stated}
    lines = [line["characteristics"] for line in form["lines"] if same(line["model"], model)]
    if not lines:
        return said, [
            Violation("serial", "another_model", Text(f"未申请型号{model}", f"its model {model} was not applied for"))
        ]
    wrong = [differing(held, line, said) for line in lines]
    fitting = [line for line, names in zip(lines, wrong, strict=True) if not names]
    if not fitting:
        return said, [
            Violation(
                f"characteristics.{name}",
                "another_characteristic",
                Text(
                    f"{model}申请的{name} = {_said(lines, name)}，而非{said[name]}",
                    f"{model} was applied for with {name} = {_said(lines, name)}, not {said[name]}",
                ),
            )
            for name in min(wrong, key=len)
        ]
    apart = dict.fromkeys(name for line in fitting for name in differing(held, fitting[0], line, both=True))
    if apart:
        told = "; ".join(f"{name} ({_said(fitting, name)})" for name in apart)
        reason = Text(
            f"有多个规格为型号{model}：请以{told}指明", f"several lines are of the model {model}: say which, by {told}"
        )
        return said, [Violation("characteristics", "ambiguous", reason)]
    return {**fitting[0], **said}, _impossible(held, fitting[0], said)


def _impossible(held: Family, line: Mapping[str, str], said: Mapping[str, str]) -> list[Violation]:
    """What is stated beyond the line and no such instrument can have."""
    if not said.keys() - line.keys():
        return []
    known = held.examine(line)
    return [
        Violation(
            ".".join(filter(None, ["characteristics", fault.name if fault.name in said else held.place(fault.name)])),
            "impossible",
            fault.reason,
        )
        for fault in held.examine({**line, **said})
        if fault not in known
    ]


def _said(lines: Iterable[Mapping[str, str]], name: str) -> str:
    return ", ".join(dict.fromkeys(line.get(name, "(none)") for line in lines))


def differing(held: Family, line: Mapping[str, str], said: Mapping[str, str], *, both: bool = False) -> list[str]:
    """The characteristics in which two statements differ; with `both`, also those that only one makes."""
    names = dict.fromkeys((*line, *said)) if both else [name for name in line if name in said]
    return [name for name in names if not equal(held, name, line.get(name, ""), said.get(name, ""))]


def equal(held: Family, name: str, one: str, other: str) -> bool:
    """Whether two texts state the same of a characteristic, in whatever unit."""
    if comparable(one) == comparable(other):
        return True
    try:
        amounts = [held.characteristic(name).read(text) for text in (one, other)]
    except (FamilyError, QuantityError):
        return False
    return amounts[0] == amounts[1]


def other_statement(
    tests: Iterable[Mapping[str, Any]], serial: str, stated: Mapping[str, str], held: Family
) -> list[Violation]:
    """A characteristic of which an earlier test of the same prototype says otherwise."""
    for record in tests:
        before = record.get("characteristics", {})
        if same(record["serial"], serial) and (names := differing(held, before, stated)):
            return [
                Violation(
                    f"characteristics.{name}",
                    "another_statement",
                    Text(
                        f"{serial}此前的记录为{name} = {before[name]}，本次为{stated[name]}",
                        f"an earlier test of {serial} says {name} = {before[name]}, this one {stated[name]}",
                    ),
                )
                for name in names
            ]
    return []
