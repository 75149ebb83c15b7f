"""Explain a clock: its days in runs of one kind, each with reason and legal basis."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

from shared.law.calendar import DayKind
from shared.law.clock import EntryKind, LedgerEntry, Projection
from shared.law.counting import Unit
from shared.text import Text, joined

if TYPE_CHECKING:
    from collections.abc import Iterator

    from shared.law.calendar import Day


class SegmentKind(StrEnum):
    COUNTED = "counted"
    WEEKEND = "weekend"
    HOLIDAY = "holiday"
    MAKE_UP = "make_up"
    """Weekend days that are working days; counted."""
    PAUSED = "paused"
    ROLLED = "rolled"
    """Rest days over which the last day moves to the next working day."""
    OVERRUN = "overrun"
    """Days after the due date."""


class _Reason(NamedTuple):
    kind: SegmentKind
    why: Text
    basis: Text | None


@dataclass(frozen=True, slots=True)
class Segment:
    """The days from `first` to `last`, both included.

    `counted` days use up the budget and sum to `consumed` over all segments. `working_days` is the number of working
    days in the run, counted or not: for a pause, by how much it moved the due date. `basis` is None after the deadline
    and for days on which a clock that was reopened had stopped.
    """

    first: date
    last: date
    kind: SegmentKind
    counted: int
    working_days: int
    why: Text
    basis: Text | None
    provisional: bool


_LICENSING_82 = Text("行政许可法第八十二条", "Administrative Licensing Law Art. 82")
_LICENSING_45 = Text("行政许可法第四十五条", "Administrative Licensing Law Art. 45")
# Before 2021 the General Principles of Civil Law 民法通则, Art. 154, had the same rules.
_CIVIL_201 = Text("民法典第二百零一条（原民法通则第一百五十四条）", "Civil Code Art. 201")
_CIVIL_203 = Text("民法典第二百零三条（原民法通则第一百五十四条）", "Civil Code Art. 203")

_CALENDAR_DAYS = _Reason(SegmentKind.COUNTED, Text("自然日，连续计算", "calendar days, all counted"), _CIVIL_201)
_WORKING_DAYS = _Reason(SegmentKind.COUNTED, Text("工作日", "working days"), _LICENSING_82)
_WEEKEND = _Reason(SegmentKind.WEEKEND, Text("周末", "weekend"), _LICENSING_82)
_ROLLED = _Reason(
    SegmentKind.ROLLED, Text("遇休息日顺延至下一工作日", "moved over rest days to the next working day"), _CIVIL_203
)
_OVERRUN = _Reason(SegmentKind.OVERRUN, Text("已超过期限", "after the due date"), None)
_USES_BUDGET = (SegmentKind.COUNTED, SegmentKind.MAKE_UP)


def segments(projection: Projection) -> tuple[Segment, ...]:
    """The days of a clock from the day after its start to `as_of`, or to its stop: in order and without gaps."""
    return tuple(
        _segment(reason, [day for _, day in days])
        for reason, days in groupby(_reasons(projection), key=lambda pair: pair[0])
    )


def _segment(reason: _Reason, days: list[Day]) -> Segment:
    return Segment(
        first=days[0].date,
        last=days[-1].date,
        kind=reason.kind,
        counted=len(days) if reason.kind in _USES_BUDGET else 0,
        working_days=sum(day.working for day in days),
        why=reason.why,
        basis=reason.basis,
        provisional=any(day.provisional for day in days),
    )


def _reasons(projection: Projection) -> Iterator[tuple[_Reason, Day]]:
    ledger, calendar = projection.ledger, projection.calendar
    left = projection.budget
    spans = sorted((*ledger.runs, *ledger.pauses), key=lambda span: (span.after, span.until or date.max))
    for span in spans:
        until = projection.as_of if span.until is None else span.until
        pause = _paused(span.causes) if span.causes else None
        for step in range(1, (until - span.after).days + 1):
            day = calendar.day(span.after + timedelta(days=step))
            reason = pause or _running(day, left, projection)
            if reason.kind in _USES_BUDGET:
                left -= 1
            yield reason, day


def _running(day: Day, left: int, projection: Projection) -> _Reason:
    if left == 0:
        return _ROLLED if projection.deadline is None or day.date <= projection.deadline else _OVERRUN
    if projection.limit.unit is not Unit.WORKING_DAYS:
        return _CALENDAR_DAYS
    match day.kind:
        case DayKind.WORKING:
            return _WORKING_DAYS
        case DayKind.WEEKEND:
            return _WEEKEND
        case DayKind.MAKE_UP | DayKind.HOLIDAY:
            return _Reason(SegmentKind(day.kind), day.name, _LICENSING_82)


def _paused(causes: tuple[LedgerEntry, ...]) -> _Reason:
    return _Reason(
        SegmentKind.PAUSED,
        joined(map(_because, causes)),
        _LICENSING_45 if any(entry.kind is EntryKind.PAUSED for entry in causes) else None,
    )


def _because(entry: LedgerEntry) -> Text:
    reason = entry.reason or Text.plain(entry.event)
    return Text(*(f"{one} ({entry.notice})" for one in reason)) if entry.notice else reason
