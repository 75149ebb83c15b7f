"""One statutory clock as a ledger: its start, pauses, resumes, extensions and stop, and the due date that follows.

The due date is never stored, always derived. A pause or a resume takes effect at the end of its day: the day on which
the time notice is served is the last day counted, and the day on which the result arrives is day 0 (Administrative
Licensing Law 行政许可法 Art. 45). Overlapping pauses count as their union. An extension enlarges the budget and does
not restart the clock (Art. 42); the procedure decides whether an extension may still be granted.

A working-day clock counts working days. A month or calendar-day clock counts calendar days: its budget is the number of
days from the start to its last day before any move to a working day. Each paused calendar day moves the last day by
one; the last day then moves to the next working day if needed.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from shared.law.counting import Limit, Unit, add_days, span_end

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from shared.law.calendar import WorkingCalendar
    from shared.law.rows import RungAt
    from shared.text import Text

_PERCENT = 100


class LedgerError(ValueError):
    """The entries cannot belong to one clock."""


class EntryKind(StrEnum):
    STARTED = "started"
    PAUSED = "paused"
    RESUMED = "resumed"
    STOPPED = "stopped"
    EXPIRED = "expired"
    """The limit ran out and that had a legal or procedural effect; `on` is the last day of the limit."""
    EXTENDED = "extended"
    REOPENED = "reopened"
    """What had stopped it was taken back: it goes on with the days it had left."""
    VOIDED = "voided"
    """The last entry of the event that it `voids` was taken back and counts as never made."""
    CANCELLED = "cancelled"
    """What had started it was taken back: it ends, neither met nor missed."""


CLOSING = (EntryKind.STOPPED, EntryKind.EXPIRED, EntryKind.CANCELLED)
"""With one of these a clock is over, until it is reopened."""


class ClockState(StrEnum):
    RUNNING = "running"
    PAUSED = "paused"
    STOPPED = "stopped"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """One line of the ledger. `event` is the cause, `notice` the document served, `working_days` the length of an
    extension.

    `until` is set only on the start of a term: its last day as granted, which never moves; `begins` is the first of the
    days that are planned up to then. `deemed` means that the event took effect by silence and is dated back to the day
    from which the law counts it. `voids` is the event whose last entry is taken back. `again` is the event of the pause
    that begins again because its end was taken back: it is voided with it.

    `fact` is the number of the event among those that moved clocks of the case, the same in every clock that it moved;
    0 in clocks of earlier releases. `about` is which of several matters of the case the clock is about, if its limit
    has one for each. `undone` says that the event was taken back, whatever that did to the clock.
    """

    kind: EntryKind
    on: date
    event: str
    reason: Text | None = None
    notice: str | None = None
    working_days: int | None = None
    until: date | None = None
    begins: date | None = None
    deemed: bool = False
    voids: str | None = None
    again: str | None = None
    fact: int = 0
    about: int | None = None
    undone: bool = False


@dataclass(frozen=True, slots=True)
class Span:
    """The days after `after`, up to and including `until`; None while the span is open. `causes` are the pauses it
    unites."""

    after: date
    until: date | None
    causes: tuple[LedgerEntry, ...] = ()


@dataclass(frozen=True, slots=True)
class Ledger:
    """The entries of one clock as spans: when it runs and when it is paused, in order, without overlap."""

    started_on: date
    state: ClockState
    stopped_on: date | None
    budget: int
    runs: tuple[Span, ...]
    pauses: tuple[Span, ...]
    without_effect: tuple[LedgerEntry, ...]
    """Extensions dated after the end of the clock."""
    last_day: date | None
    """The given last day of a term; None for a clock that has a length instead."""
    begins_on: date | None
    """The first of the days that are planned, up to the last day of a term; None if it is not about such days."""
    cancelled: bool
    """The event that started the clock was taken back."""


@dataclass(frozen=True)
class Projection:
    """The state of a clock at the end of `as_of`. Days are working days, or calendar days for a month or calendar-day
    limit.

    `consumed + remaining == budget` always holds; days after the deadline count as `overrun`. `deadline` is the last
    day as it stands now, stood at the stop, or was missed; None while a pause leaves it open. `breached` means that the
    deadline has passed, and stays true through later pauses; on a rest day right after the deadline `overrun` is still
    0.
    """

    state: ClockState
    as_of: date
    deadline: date | None
    budget: int
    consumed: int
    overrun: int
    breached: bool
    provisional: bool
    ledger: Ledger = field(repr=False)
    limit: Limit
    calendar: WorkingCalendar = field(repr=False, compare=False)

    @property
    def remaining(self) -> int:
        return self.budget - self.consumed

    @property
    def due_on(self) -> date | None:
        """The deadline while the clock runs; None while it is paused or stopped, because then it cannot fall due."""
        return self.deadline if self.state is ClockState.RUNNING else None

    @property
    def begins_on(self) -> date | None:
        """The first of the days that are planned, while the clock runs; None if it is not about such days."""
        return self.ledger.begins_on if self.due_on else None

    @property
    def met(self) -> bool | None:
        """Whether the clock stopped in time; None before the stop or if it was cancelled. An expired clock was not
        met."""
        if self.state is ClockState.EXPIRED:
            return False
        return not self.breached if self.state is ClockState.STOPPED and not self.ledger.cancelled else None

    @property
    def margin(self) -> int | None:
        """Days left at the stop, negative if it came too late; None before the stop or if it was cancelled."""
        if self.state is not ClockState.STOPPED or self.ledger.cancelled:
            return None
        return -self.overrun if self.breached else self.remaining


def project(entries: Sequence[LedgerEntry], limit: Limit, calendar: WorkingCalendar) -> Projection:
    """The clock as of its last entry; its `due_on` is valid until the next entry. Raises LedgerError."""
    return _project(_ordered(entries), limit, calendar, max(entry.on for entry in entries))


def status(entries: Sequence[LedgerEntry], limit: Limit, calendar: WorkingCalendar, as_of: date) -> Projection:
    """The clock at the end of `as_of`, ignoring later entries. Raises LedgerError, also for a day before the start."""
    start = _ordered(entries)[0].on
    if as_of < start:
        raise LedgerError(f"as of {as_of} the clock has not started; ask for {start} or later")
    return _project(_ordered([entry for entry in entries if entry.on <= as_of]), limit, calendar, as_of)


def rung_dates(projection: Projection, percents: Iterable[int]) -> dict[int, date | None]:
    """`rung_date` for each percentage."""
    return {percent: rung_date(projection, percent) for percent in percents}


def rung_date(projection: Projection, at: RungAt) -> date | None:
    """The day of a reminder: the due day, the day after it, a span before or after it, or the day on which that
    percentage of the budget is used. Of planned days, people are reminded of the first.

    Percentages round up to whole days: 80 % of 20 working days is day 16. None if the clock pauses or stops before
    then. Raises LedgerError for a percentage outside 1 to 100.
    """
    if isinstance(at, int):
        return _share_used(projection, at)
    due = projection.due_on
    if due is None:
        return None
    if at == "after_due":
        return add_days(due, 1)
    day = projection.begins_on or due
    return day if at == "due" else at.day(day, projection.calendar)


def _share_used(projection: Projection, percent: int) -> date | None:
    if not 1 <= percent <= _PERCENT:
        raise LedgerError(f"rung at {percent} %: give a percentage from 1 to {_PERCENT}")
    need = -(-percent * projection.budget // _PERCENT)
    unit, calendar = projection.limit.unit, projection.calendar
    for run in projection.ledger.runs:
        reached = advance(run.after, need, unit, calendar)
        if run.until is None or reached <= run.until:
            return reached
        need -= elapsed(run.after, run.until, unit, calendar)
    return None


def effective(entries: Sequence[LedgerEntry]) -> Sequence[LedgerEntry]:
    """The entries that count, in the order they were heard: those that were voided do not."""
    if all(entry.kind is not EntryKind.VOIDED for entry in entries):
        return entries
    found: list[LedgerEntry] = []
    for entry in entries:
        if entry.kind is EntryKind.VOIDED:
            last = max((at for at, one in enumerate(found) if one.event == entry.voids), default=None)
            if last is not None:
                found[last:] = [one for one in found[last + 1 :] if one.again != entry.voids]
        else:
            found.append(entry)
    return found


def _ordered(entries: Sequence[LedgerEntry]) -> list[LedgerEntry]:
    """The entries by date, in whatever order they arrived. An act on the last day comes before the expiry."""
    entries = effective(entries)
    starts = [entry for entry in entries if entry.kind is EntryKind.STARTED]
    if not starts:
        raise LedgerError("a clock's first entry must be `started`; add it")
    start, *again = starts
    if again:
        raise LedgerError(f"the clock starts again on {again[-1].on}; keep a second start in a separate ledger")
    others = (entry for entry in entries if entry is not start)
    # Entries dated before the start count from the start: a pause cannot save time that has not begun to run.
    dated = (entry if entry.on >= start.on else replace(entry, on=start.on) for entry in others)
    return [start, *_reopened(sorted(dated, key=lambda entry: (entry.on, entry.kind is EntryKind.EXPIRED)))]


def _reopened(ordered: Sequence[LedgerEntry]) -> list[LedgerEntry]:
    """Take the time between the end of a clock and its reopening as a pause; events in between change nothing."""
    found: list[LedgerEntry] = []
    for entry in ordered:
        if entry.kind is not EntryKind.REOPENED:
            found.append(entry)
        elif (end := next((at for at, one in enumerate(found) if one.kind in CLOSING), None)) is not None:
            found[end:] = [replace(entry, on=found[end].on), LedgerEntry(EntryKind.RESUMED, entry.on, entry.event)]
    return found


def read(ordered: Sequence[LedgerEntry], limit: Limit, calendar: WorkingCalendar) -> Ledger:
    """Fold entries, given in date order, into spans.

    A resume without an open pause has no effect: the report arrives even if no time notice was served, and then the
    clock never paused. Entries after the stop have no effect, because the clock is over. An extension after the end has
    none either (Art. 42: an extension is granted within the limit).
    """
    began = ordered[0]
    start = began.on
    budget = elapsed(start, span_end(start, limit, calendar), limit.unit, calendar)
    runs: list[Span] = []
    pauses: list[Span] = []
    since, depth = start, 0
    used, late = 0, False
    causes: list[LedgerEntry] = []
    without_effect: list[LedgerEntry] = []
    stop: LedgerEntry | None = None
    for entry in ordered[1:]:
        match entry.kind:
            case EntryKind.EXTENDED:
                if late or (depth == 0 and _deadline(since, budget - used, limit.unit, calendar) < entry.on):
                    without_effect.append(entry)
                else:
                    budget += _extension(entry, limit)
            case EntryKind.PAUSED | EntryKind.REOPENED:
                if depth == 0:
                    runs.append(Span(since, entry.on))
                    late = late or _deadline(since, budget - used, limit.unit, calendar) < entry.on
                    used = min(budget, used + elapsed(since, entry.on, limit.unit, calendar))
                    since, causes = entry.on, []
                depth += 1
                causes.append(entry)
            case EntryKind.RESUMED if depth > 0:
                depth -= 1
                if depth == 0:
                    pauses.append(Span(since, entry.on, tuple(causes)))
                    since = entry.on
            case EntryKind.STOPPED | EntryKind.EXPIRED | EntryKind.CANCELLED:
                stop = entry
                break
    stopped_on = stop.on if stop else None
    open_span = Span(since, stopped_on, tuple(causes) if depth else ())
    (pauses if depth else runs).append(open_span)
    cancelled = stop is not None and stop.kind is EntryKind.CANCELLED
    ended = ClockState.STOPPED if cancelled else ClockState(stop.kind) if stop else None
    state = ended or (ClockState.PAUSED if depth else ClockState.RUNNING)
    spans = tuple(runs), tuple(pauses), tuple(without_effect)
    return Ledger(start, state, stopped_on, budget, *spans, began.until, began.begins, cancelled)


def _extension(entry: LedgerEntry, limit: Limit) -> int:
    if limit.unit is not Unit.WORKING_DAYS:
        raise LedgerError(f"extension of {entry.on}: a limit of {limit.en} cannot be extended by working days")
    if entry.working_days is None or entry.working_days < 1:
        raise LedgerError(f"extension of {entry.on}: give working_days, 1 or more")
    return entry.working_days


def _project(ordered: Sequence[LedgerEntry], limit: Limit, calendar: WorkingCalendar, as_of: date) -> Projection:
    ledger = read(ordered, limit, calendar)
    unit = limit.unit
    consumed, overrun = 0, 0
    due: date | None = None
    for run in ledger.runs:
        until = as_of if run.until is None else run.until
        late_from = run.after
        if due is None:
            need = ledger.budget - consumed
            end = ledger.last_day or _deadline(run.after, need, unit, calendar)
            consumed += min(need, elapsed(run.after, until, unit, calendar))
            if run.until is None or end < run.until or run.until == ledger.stopped_on:
                due = end
            # The last day of a term may be over when it is entered.
            late_from = max(end, run.after)
        overrun += elapsed(late_from, until, unit, calendar)
    last = ledger.stopped_on or as_of
    breached = due is not None and due < last
    until = due if due and ledger.state is ClockState.RUNNING else last
    # For calendar days only the holidays at the end matter, because the end may move over them.
    since = ledger.started_on if unit is Unit.WORKING_DAYS else until
    return Projection(
        state=ledger.state,
        as_of=as_of,
        deadline=due,
        budget=ledger.budget,
        consumed=consumed,
        overrun=overrun,
        breached=breached,
        provisional=calendar.provisional(since, until),
        ledger=ledger,
        limit=limit,
        calendar=calendar,
    )


def _deadline(after: date, need: int, unit: Unit, calendar: WorkingCalendar) -> date:
    """The last day of a run with `need` days left; if none are left, the first working day from `after` on."""
    end = advance(after, need, unit, calendar)
    return end if unit is Unit.WORKING_DAYS and need else calendar.next_working_day(end)


def advance(after: date, days: int, unit: Unit, calendar: WorkingCalendar) -> date:
    return calendar.add(after, days) if unit is Unit.WORKING_DAYS else add_days(after, days)


def elapsed(after: date, until: date, unit: Unit, calendar: WorkingCalendar) -> int:
    """The days, in the clock's own unit, in (`after`, `until`]; 0 if `until` is not later."""
    if unit is Unit.WORKING_DAYS:
        return calendar.count(after, until)
    return max(0, (until - after) // timedelta(days=1))
