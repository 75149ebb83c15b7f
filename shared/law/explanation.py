"""A clock explained: every day to the end with its kind, and the arithmetic in words. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import TYPE_CHECKING

from shared.law.clock import EntryKind, effective, status
from shared.law.counting import Unit
from shared.law.segments import SegmentKind, segments
from shared.text import Text, written

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from shared.law.calendar import WorkingCalendar
    from shared.law.clock import LedgerEntry, Projection
    from shared.law.counting import Limit
    from shared.law.segments import Segment


@dataclass(frozen=True, slots=True)
class DrawnDay:
    """A day of the clock. `number` is its position in the count; None if it is not counted, 0 on the day of the
    start."""

    on: date
    kind: SegmentKind | None
    number: int | None
    why: Text
    provisional: bool


@dataclass(frozen=True)
class Explanation:
    """`now` is the clock at the end of `today`; `end` is the clock on its last day if nothing more happens, or `now` if
    that day has passed.

    The counted days of the segments sum to `end.consumed`, which for a running clock is its budget.
    """

    entries: tuple[LedgerEntry, ...]
    today: date
    now: Projection
    end: Projection

    @cached_property
    def segments(self) -> tuple[Segment, ...]:
        return segments(self.end)

    @property
    def start(self) -> date:
        return self.end.ledger.started_on

    @cached_property
    def days(self) -> tuple[DrawnDay, ...]:
        """Every day from the start to the end."""
        return tuple(self._days())

    def _days(self) -> Iterator[DrawnDay]:
        why = Text("起算事实发生之日，不计入", "the day of the event, not counted")
        yield DrawnDay(self.start, None, 0, why, provisional=False)
        number = 0
        for run in self.segments:
            for step in range((run.last - run.first).days + 1):
                number += bool(run.counted)
                place = number if run.counted else None
                on = run.first + timedelta(days=step)
                yield DrawnDay(on, run.kind, place, run.why, run.provisional)

    @cached_property
    def words(self) -> tuple[Text, ...]:
        """The arithmetic in words, one step per line."""
        return tuple(self._words())

    def _words(self) -> Iterator[Text]:
        limit, end = self.end.limit, self.end
        zh, en = _UNITS[limit.unit]
        yield from self._beginning(limit)
        for given in effective(self.entries):
            if given.kind is EntryKind.EXTENDED and given.working_days and given.on <= end.as_of:
                more, on = given.working_days, written(given.on)
                yield Text(f"{on.zh}延长{more}个工作日", f"extended by {_en(more, 'working days')} on {on.en}")
        for run in self.segments:
            if run.kind is SegmentKind.PAUSED:
                left_out = run.working_days if limit.unit is Unit.WORKING_DAYS else (run.last - run.first).days + 1
                first, last = written(run.first), written(run.last)
                yield Text(
                    f"{first.zh}至{last.zh}暂停：{run.why.zh}，{left_out}{zh}不计",
                    f"paused from {first.en} to {last.en}: {run.why.en}; {_en(left_out, en)} not counted",
                )
        rest = self._total(SegmentKind.WEEKEND) + self._total(SegmentKind.HOLIDAY)
        if rest:
            days = _en(rest, "days")
            yield Text(f"周末和法定节假日{rest}日不计", f"weekends and statutory holidays not counted: {days}")
        if made_up := self._total(SegmentKind.MAKE_UP):
            yield Text(f"其中调休上班的周末{made_up}日计入", f"make-up working days at weekends, counted: {made_up}")
        if rolled := self._total(SegmentKind.ROLLED):
            days = _en(rolled, "days")
            yield Text(f"末日遇休息日，顺延{rolled}日", f"moved by {days} because the last day was a rest day")
        yield from self._outcome(zh, en)

    def _beginning(self, limit: Limit) -> Iterator[Text]:
        start = written(self.start)
        if self.end.ledger.last_day:
            yield Text(
                f"自{start.zh}起至所定最后一日，{limit.zh}", f"{limit.en} from {start.en} to the last day granted"
            )
        else:
            yield Text(f"自{start.zh}起{limit.zh}，当日不计", f"{limit.en} from {start.en}, that day not counted")
        if began := self.entries[0].reason:
            yield began
        if limit.unit is Unit.MONTHS:
            yield Text(f"至同日，合{self.end.budget}日", f"to the same day of the month: {self.end.budget} days")

    def _outcome(self, zh: str, en: str) -> Iterator[Text]:
        now, end = self.now, self.end
        if end.deadline is None:
            left = now.remaining
            yield Text(f"暂停中，尚余{left}{zh}", f"paused with {_en(left, en)} left")
        else:
            last = written(end.deadline)
            yield Text(
                f"共计{end.consumed}{zh}，最后一日为{last.zh}",
                f"{_en(end.consumed, en)} counted; the last day is {last.en}",
            )
        if now.breached and now.overrun:
            yield Text(f"已逾期{now.overrun}{zh}", f"late by {_en(now.overrun, en)}")
        if now.ledger.stopped_on:
            on = written(now.ledger.stopped_on)
            if now.ledger.cancelled:
                yield Text(
                    f"{on.zh}撤销起算事由，期限不再计算",
                    f"what had started it was taken back on {on.en}: it no longer counts",
                )
            elif now.met:
                yield Text(f"{on.zh}按期办结", f"ended on {on.en}, in time")
            elif now.breached:
                yield Text(f"{on.zh}逾期办结", f"ended on {on.en}, late")
            else:
                yield Text(f"{on.zh}届满", f"ran out on {on.en}")
        if end.provisional:
            yield Text(
                "暂定：所涉年份的放假安排尚未公布",
                "provisional: the holidays of a year in the period are not published yet",
            )

    def _total(self, kind: SegmentKind) -> int:
        return sum((run.last - run.first).days + 1 for run in self.segments if run.kind is kind)


_UNITS = {
    Unit.WORKING_DAYS: ("个工作日", "working days"),
    Unit.MONTHS: ("日", "days"),
    Unit.CALENDAR_DAYS: ("日", "days"),
}


def _en(number: int, unit: str) -> str:
    return f"{number} {unit if number != 1 else unit.removesuffix('s')}"


def explanation(entries: Sequence[LedgerEntry], limit: Limit, calendar: WorkingCalendar, today: date) -> Explanation:
    """The clock as it stands at the end of `today`, or of its last entry if that is later. Raises LedgerError."""
    now = status(entries, limit, calendar, max(today, *(entry.on for entry in entries)))
    # A running clock is explained up to its last day; a paused one only up to now, because its end is open.
    end = now if now.due_on is None or now.due_on <= now.as_of else status(entries, limit, calendar, now.due_on)
    return Explanation(tuple(entries), today, now, end)
