"""A report's verdicts computed anew from what was recorded, and every contradiction to what it claims. Pure."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from shared.metrology.judgements import JUDGEMENTS, Judged, Outcome, Run
from shared.metrology.limits import FamilyError, Mpe, Verdict
from shared.metrology.quantity import Quantity
from shared.metrology.registry import programme
from shared.metrology.units import QuantityError

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
    computed: str

    def __str__(self) -> str:
        claim = f"claims {self.claimed}, " if self.claimed else ""
        return f"{self.path}: {claim}{self.computed}"


@dataclass(frozen=True, slots=True)
class Recomputed:
    """The outcome of every record, in order, the verdict of the whole, and what contradicts them."""

    outcomes: tuple[Outcome, ...]
    verdict: Verdict
    reason: str
    contradictions: tuple[Contradiction, ...]


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
    wrong += _faulty_order(report)
    verdict, reason = overall(held, used, report, outcomes, serials)
    if report.verdict is not None and report.verdict is not verdict:
        wrong.append(Contradiction("verdict", report.verdict, f"the records make it {verdict}: {reason}"))
    return Recomputed(tuple(outcomes), verdict, reason, tuple(wrong))


def overall(
    held: Family, used: Programme, report: Report, outcomes: Sequence[Outcome], serials: Mapping[str, Values]
) -> tuple[Verdict, str]:
    """Pass only if every applicable item has passed, on every prototype on which it was tested last."""
    standing = {id(record) for record in stand(report.records)}
    found = [(record, outcome) for record, outcome in zip(report.records, outcomes, strict=True)]
    found = [(record, outcome) for record, outcome in found if id(record) in standing]
    for wanted in (Verdict.FAIL, Verdict.INDETERMINATE, Verdict.NOT_DONE):
        for record, outcome in found:
            if outcome.verdict is wanted:
                return wanted, f"{record.item} on {record.prototype}: {outcome.reason or wanted}"
    tested = {record.item for record, _ in found}
    lacking = [
        item.id
        for item in held.items
        if item.id.startswith(f"{used.id}.") and item.id not in tested
        if not all(item.exempt(values) for values in serials.values())
    ]
    if lacking:
        return Verdict.NOT_DONE, f"there is no record of {', '.join(lacking)}"
    return Verdict.PASS, "every applicable item passed"


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
        told = f"prototypes are {', '.join(serials)}"
        return Outcome(Verdict.NOT_DONE, reason=told), [Contradiction("prototype", record.prototype, told)]
    faults = list(_unfit(record))
    try:
        outcome = judge_record(held, used, record, serials[record.prototype], report.country)
    except (FamilyError, QuantityError) as error:
        return Outcome(Verdict.NOT_DONE, reason=str(error)), [*faults, Contradiction("points", "", str(error))]
    if any(fault.path.startswith("equipment") for fault in faults):
        return Outcome(Verdict.NOT_DONE, outcome.points, "equipment out of calibration"), faults
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
    told = record.explanation or f"{item.least} points are required, there are {len(record.points)}"
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
            told = f"{one.asset} was calibrated until {one.calibrated_until}, the test is of {record.on}"
            yield Contradiction(f"equipment.{index}.calibrated_until", "", told)
    if record.run > 1 and record.reason == "initial":
        yield Contradiction("reason", record.reason, f"run {record.run} is a repetition: say why it was made")
    if record.supersedes and not record.explanation:
        yield Contradiction("explanation", "", f"it supersedes {record.supersedes}: say why")


def _faulty_order(report: Report) -> Iterator[Contradiction]:
    """Ids that are there twice, and superseded records that are not there before."""
    known: set[str] = set()
    for index, record in enumerate(report.records):
        if record.supersedes and record.supersedes not in known:
            yield Contradiction(f"records.{index}.supersedes", record.supersedes, "no record before it has this id")
        if record.id and record.id in known:
            yield Contradiction(f"records.{index}.id", record.id, "another record has this id")
        known.add(record.id)
    runs: dict[tuple[object, ...], set[int]] = defaultdict(set)
    for index, record in enumerate(report.records):
        key = (record.item, record.prototype, *sorted(record.settings.items()))
        if record.run in runs[key] and not record.supersedes:
            yield Contradiction(f"records.{index}.run", str(record.run), "this run of the item is there already")
        runs[key].add(record.run)


def contradictory(record: Record, outcome: Outcome) -> list[Contradiction]:
    """What a record claims and its points do not bear out."""
    found = [
        Contradiction(f"points.{index}.{name}", claimed, computed)
        for index, (point, judged) in enumerate(zip(record.points, outcome.points, strict=False))
        for name, claimed in point.claimed.items()
        if (computed := _differs(name, claimed, judged))
    ]
    if record.verdict is not None and record.verdict != outcome.verdict:
        told = f"{record.item} on {record.prototype} is {outcome.verdict}"
        why = f": {outcome.reason}" if outcome.reason else ""
        found.append(Contradiction("verdict", record.verdict, f"{told}{why}"))
    return found


def _differs(name: str, claimed: str, judged: Judged) -> str:
    """What was computed, where it is not what is claimed; else empty."""
    if name == "verdict":
        return "" if claimed == judged.verdict else str(judged.verdict)
    if name == "error" and judged.error is not None:
        return "" if _rounds_to(claimed, judged.error) else judged.error.shown()
    if judged.limit is None:
        return ""
    if name == "mpe":
        return "" if _same_limits(claimed, judged.limit) else judged.limit.told()
    if name == "rule":
        return "" if claimed == judged.limit.rule_id else judged.limit.rule_id
    return ""


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
