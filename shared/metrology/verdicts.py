"""A report's verdicts computed again from what was recorded, and every contradiction to what it claims. Pure."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from shared.metrology.judgements import JUDGEMENTS, Judged, Outcome, Run, lacking
from shared.metrology.limits import FamilyError, Mpe, Verdict
from shared.metrology.quantity import Quantity
from shared.metrology.registry import programme
from shared.metrology.units import QuantityError
from shared.text import Text, joined

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from shared.metrology.family import Family
    from shared.metrology.parts import Programme
    from shared.metrology.records import Point, Record, Report
    from shared.metrology.rules import Values

_DECIMALS = re.compile(r"[+-]?[0-9]+(?:\.([0-9]+))?(/[0-9]+)?\s*(\S+)?")


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Where a report is wrong: `path` leads there, as records.3.points.0.verdict."""

    path: str
    claimed: str
    computed: Text

    @property
    def told(self) -> Text:
        if not self.claimed:
            return Text(f"{self.path}：{self.computed.zh}", f"{self.path}: {self.computed.en}")
        return Text(
            f"{self.path}：写为{self.claimed}，{self.computed.zh}",
            f"{self.path}: claims {self.claimed}, {self.computed.en}",
        )


@dataclass(frozen=True, slots=True)
class Recomputed:
    """The outcome of every record, in order, the verdict of the whole, and what contradicts them."""

    outcomes: tuple[Outcome, ...]
    verdict: Verdict
    reason: Text
    contradictions: tuple[Contradiction, ...]


def contradicting(found: Recomputed) -> Text:
    """All contradictions, one after the other."""
    return joined(one.told for one in found.contradictions)


def recompute(report: Report) -> Recomputed:
    """All records judged by the edition that the report names, or whose rules its points name.

    A programme or a prototype's characteristics that cannot be are raised as FamilyError; what is wrong with a record
    is a contradiction, and its outcome not done.
    """
    held, used = programme(report.programme, edition_of(report))
    serials: dict[str, Values] = {}
    for prototype in report.prototypes:
        serials[prototype.serial] = held.values({**report.instrument, **prototype.instrument})
    outcomes, wrong = [], []
    for index, record in enumerate(report.records):
        path = f"records.{index}"
        outcome, faults = _judge(held, used, report, record, serials)
        outcomes.append(outcome)
        wrong += [Contradiction(f"{path}.{fault.path}", fault.claimed, fault.computed) for fault in faults]
        for one in contradictory(record, outcome):
            wrong.append(Contradiction(f"{path}.{one.path}", one.claimed, one.computed))
    wrong += [*_faulty_order(report), *_wrongly_left_out(held, report)]
    verdict, reason = overall(held, used, report, outcomes, serials)
    if report.verdict is not None and report.verdict is not verdict:
        told = Text(
            f"按记录为{verdict.said.zh}：{reason.zh}",
            f"the records make it {verdict}: {reason.en}",
        )
        wrong.append(Contradiction("verdict", report.verdict, told))
    return Recomputed(tuple(outcomes), verdict, reason, tuple(wrong))


def overall(
    held: Family, used: Programme, report: Report, outcomes: Sequence[Outcome], serials: Mapping[str, Values]
) -> tuple[Verdict, Text]:
    """Pass only if every applicable item has passed, on every prototype on which it was tested last, or is left out
    for a reason."""
    standing = {id(record) for record in stand(report.records)}
    found = [(record, outcome) for record, outcome in zip(report.records, outcomes, strict=True)]
    found = [(record, outcome) for record, outcome in found if id(record) in standing]
    for wanted in (Verdict.FAIL, Verdict.INDETERMINATE, Verdict.NOT_DONE):
        for record, outcome in found:
            if outcome.verdict is wanted:
                why = outcome.reason or wanted.said
                return wanted, Text(
                    f"{record.prototype}的{record.item}：{why.zh}", f"{record.item} on {record.prototype}: {why.en}"
                )
    tested = {record.item for record, _ in found}
    known = {*tested, *(one.item for one in report.left_out)}
    missing = [
        item.id for item in held.items_of(used.id) if item.id not in known and not item.exempts(serials.values())
    ]
    if missing:
        named = ", ".join(missing)
        return Verdict.NOT_DONE, Text(f"没有{named}的记录", f"there is no record of {named}")
    if not report.left_out:
        return Verdict.PASS, Text("适用的各项均合格", "every applicable item passed")
    named = ", ".join(one.item for one in report.left_out)
    return Verdict.PASS, Text(f"所做各项均合格；未做：{named}", f"every item examined passed; left out: {named}")


def stand(records: Sequence[Record]) -> list[Record]:
    """The records that count: those that none supersedes, and of the runs of an item on a prototype, under the same
    settings, the last."""
    replaced = {record.supersedes for record in records if record.supersedes}
    last: dict[tuple[object, ...], Record] = {}
    for record in records:
        if record.id and record.id in replaced:
            continue
        key = (record.item, record.prototype, *sorted(record.settings.items()))
        if key not in last or record.run >= last[key].run:
            last[key] = record
    return list(last.values())


def edition_of(report: Report) -> str:
    """The edition that it names, or whose rule a point names, so that an old report is judged as it was."""
    if report.edition:
        return report.edition
    held, _ = programme(report.programme)
    named = {point.claimed["rule"] for record in report.records for point in record.points if "rule" in point.claimed}
    for one in held.programmes:
        if one.id == report.programme and any(rule.startswith(row.id) for row in one.rows for rule in named):
            return one.edition
    return ""


def _judge(
    held: Family, used: Programme, report: Report, record: Record, serials: Mapping[str, Values]
) -> tuple[Outcome, list[Contradiction]]:
    if record.prototype not in serials:
        known = ", ".join(serials)
        told = Text(f"样机为{known}", f"prototypes are {known}")
        return Outcome(Verdict.NOT_DONE, reason=told), [Contradiction("prototype", record.prototype, told)]
    faults = list(_unfit(record))
    try:
        outcome = judge_record(held, used, record, serials[record.prototype], report.country)
    except (FamilyError, QuantityError) as error:
        return Outcome(Verdict.NOT_DONE, reason=error.told), [*faults, Contradiction("points", "", error.told)]
    if any(fault.path.startswith("equipment") for fault in faults):
        return lacking("标准器已过有效期", "equipment out of calibration", outcome.points), faults
    return outcome, faults


def judge_record(
    held: Family, used: Programme, record: Record, instrument: Values, country: str | None = None
) -> Outcome:
    """The outcome of one run. Raises FamilyError or QuantityError for what cannot be read or judged."""
    item = held.item(record.item)
    values = held.values(record.settings, instrument)
    if why := item.exempt(values):
        return Outcome(Verdict.NOT_APPLICABLE, reason=why)
    run = Run(
        family=held,
        programme=_of_item(held, used, record.item),
        item=item,
        values=values,
        points=[_read(held, index, point) for index, point in enumerate(record.points)],
        uncertainty=record.expanded,
        country=country,
    )
    judgement = {**JUDGEMENTS, **held.computing.judgements}[item.judgement]
    if len(record.points) >= item.least:
        return judgement(run)
    told = (
        Text.plain(record.explanation)
        if record.explanation
        else Text(
            f"应有{item.least}点，现有{len(record.points)}点",
            f"{item.least} points are required, there are {len(record.points)}",
        )
    )
    try:
        # What is claimed of those there are is compared all the same.
        return Outcome(Verdict.NOT_DONE, judgement(run).points, told)
    except (FamilyError, QuantityError, ValueError):
        return Outcome(Verdict.NOT_DONE, reason=told)


def _of_item(held: Family, used: Programme, item: str) -> Programme:
    """The programme whose limits an item is judged by: the report's, unless the item is of another of the family."""
    name = item.partition(".")[0]
    other = name != used.id and any(one.id == name for one in held.programmes)
    return held.programme(name) if other else used


def _read(held: Family, index: int, point: Point) -> Values:
    try:
        return {name: held.parameter(name).read(text) for name, text in point.recorded.items()}
    except (FamilyError, QuantityError) as error:
        raise FamilyError(f"第{index + 1}点：{error.told.zh}", f"point {index + 1}: {error}") from None


def _unfit(record: Record) -> Iterator[Contradiction]:
    """Equipment out of calibration on the day, and a repeated run without a reason."""
    for index, one in enumerate(record.equipment):
        if one.calibrated_until < record.on:
            told = Text(
                f"{one.asset}有效期至{one.calibrated_until}，试验在{record.on}",
                f"{one.asset} was calibrated until {one.calibrated_until}, the test is of {record.on}",
            )
            yield Contradiction(f"equipment.{index}.calibrated_until", "", told)
    if record.run > 1 and record.reason == "initial":
        told = Text(f"第{record.run}次是重做：请写明为何重做", f"run {record.run} is a repetition: say why it was made")
        yield Contradiction("reason", record.reason, told)
    if record.supersedes and not record.explanation:
        told = Text(f"替代{record.supersedes}：请写明理由", f"it supersedes {record.supersedes}: say why")
        yield Contradiction("explanation", "", told)


def _faulty_order(report: Report) -> Iterator[Contradiction]:
    """Ids that are there twice, and superseded records that are not there before."""
    unknown = Text("此前没有这一编号的记录", "no record before it has this id")
    twice = Text("另一记录已用此编号", "another record has this id")
    repeated = Text("该项目的这一次已有记录", "this run of the item is there already")
    known: set[str] = set()
    for index, record in enumerate(report.records):
        if record.supersedes and record.supersedes not in known:
            yield Contradiction(f"records.{index}.supersedes", record.supersedes, unknown)
        if record.id and record.id in known:
            yield Contradiction(f"records.{index}.id", record.id, twice)
        known.add(record.id)
    runs: dict[tuple[object, ...], set[int]] = defaultdict(set)
    for index, record in enumerate(report.records):
        key = (record.item, record.prototype, *sorted(record.settings.items()))
        if record.run in runs[key] and not record.supersedes:
            yield Contradiction(f"records.{index}.run", str(record.run), repeated)
        runs[key].add(record.run)


def _wrongly_left_out(held: Family, report: Report) -> Iterator[Contradiction]:
    """Items that are left out and have a record, or are none of the family."""
    recorded, known = {record.item for record in report.records}, {one.id for one in held.items}
    for index, one in enumerate(report.left_out):
        if one.item in recorded:
            told = Text("该项目有记录", "the item has a record")
            yield Contradiction(f"left_out.{index}.item", one.item, told)
        elif one.item not in known:
            told = Text(f"{held.id}没有该项目", f"{held.id} has no such item")
            yield Contradiction(f"left_out.{index}.item", one.item, told)


def contradictory(record: Record, outcome: Outcome) -> list[Contradiction]:
    """What a record claims and its points do not support."""
    found = [
        Contradiction(f"points.{index}.{name}", claimed, computed)
        for index, (point, judged) in enumerate(zip(record.points, outcome.points, strict=False))
        for name, claimed in point.claimed.items()
        if (computed := _differs(name, claimed, judged))
    ]
    if record.verdict is not None and record.verdict != outcome.verdict:
        verdict, why = outcome.verdict.said, outcome.reason
        told = Text(
            f"{record.prototype}的{record.item}为{verdict.zh}{f'：{why.zh}' if why else ''}",
            f"{record.item} on {record.prototype} is {verdict.en}{f': {why.en}' if why else ''}",
        )
        found.append(Contradiction("verdict", record.verdict, told))
    return found


def _differs(name: str, claimed: str, judged: Judged) -> Text | None:
    """What was computed, where it is not what is claimed."""
    same, computed = True, ""
    if name == "verdict":
        same, computed = claimed == judged.verdict, judged.verdict
    elif name == "error" and judged.error is not None:
        same, computed = _rounds_to(claimed, judged.error), judged.error.shown()
    elif name == "mpe" and judged.limit is not None:
        same, computed = _same_limits(claimed, judged.limit), judged.limit.told()
    elif name == "rule" and judged.limit is not None:
        same, computed = claimed == judged.limit.rule_id, judged.limit.rule_id
    return None if same else Text(f"应为{computed}", f"it is {computed}")


def _rounds_to(claimed: str, computed: Quantity) -> bool:
    """Whether a value is the computed one, as far as its decimals go (GB/T 8170)."""
    match = _DECIMALS.fullmatch(claimed.strip())
    try:
        value = Quantity.parse(claimed, bare="1")
        if value == computed:
            return True
        if match is None or match[2] or value.dimension != computed.dimension:
            return False
        step = Quantity(Fraction(1, 10 ** len(match[1] or "")), value.unit)
        return computed.to(value.unit).rounded(step) == value
    except QuantityError:
        return False


def _same_limits(claimed: str, limit: Mpe) -> bool:
    text = claimed.strip()
    try:
        if text.startswith("±"):
            return _rounds_to(text[1:], limit.upper) and limit.lower == -limit.upper
        upper, lower = text.split("…")
        return _rounds_to(upper.strip(), limit.upper) and _rounds_to(lower.strip(), limit.lower)
    except ValueError:
        return False
