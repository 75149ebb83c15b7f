"""The docket of a case: its clocks, and how each event of the case changes them.

The deadline service passes every event to `hear`. To preview the effect of an act, pass the events of the case so far,
then the act, and compare the clocks.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any

from shared.law.clock import CLOSING, ClockState, EntryKind, LedgerEntry, Projection, effective, project, status
from shared.law.counting import Limit, Unit
from shared.law.national import national
from shared.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from shared.law.calendar import WorkingCalendar
    from shared.law.rows import LimitRule, PermitId, Undoing
    from shared.law.ruleset import RuleSet


@dataclass(frozen=True, slots=True)
class Told:
    """What an event says about its case: `on` is the legal date of the fact, `data` the event's own fields."""

    type: str
    on: date
    data: Mapping[str, Any]


@dataclass(frozen=True)
class Clock:
    """One clock of a case: the rule it follows, its entries in the order they arrived, and the rungs that fired.

    `id` is empty until the deadline service assigns one. The rules in force on `law_on` decide the counting, the ladder
    and the effect of the end.
    """

    id: str
    rule: LimitRule
    started_on: date
    law_on: date
    entries: tuple[LedgerEntry, ...]
    fired: frozenset[tuple[str, date]] = frozenset()
    """Names of the rungs that fired, each with the last day of the clock that it announced."""
    moved_on: date | None = None
    """When the last day moved after a rung had fired. Rungs dated before it are not sent again."""
    calendar: WorkingCalendar = field(default_factory=national, repr=False, compare=False)

    @property
    def limit(self) -> Limit:
        """The length of the clock; for a term, from its start to its last day."""
        until = self.entries[0].until
        return self.rule.budget if until is None else Limit(max(1, (until - self.started_on).days), Unit.CALENDAR_DAYS)

    @cached_property
    def projection(self) -> Projection:
        """The clock as of its last entry."""
        return project(self.entries, self.limit, self.calendar)

    def at(self, day: date) -> Projection:
        """The clock at the end of `day`, or of its last entry if that is later."""
        return status(self.entries, self.limit, self.calendar, max(day, *(entry.on for entry in self.entries)))

    @property
    def open(self) -> bool:
        return self.last.kind not in CLOSING

    @property
    def last(self) -> LedgerEntry:
        """The last entry that was not voided."""
        return effective(self.entries)[-1]

    def after(self, told: Told, undoing: Undoing | None = None) -> Clock:
        """The clock after the event; the same object if the event does not concern it. `undoing` says what the event
        takes back, if anything.

        An act dated on or before the last day counts even if it arrives later: it reverts the expiry.
        """
        if undoing is not None and (undone := self._undone(told, undoing)) is not self:
            return undone.after(told)
        kind = self._kind(told)
        if kind is None or not (self.open or (kind is EntryKind.STOPPED and self._expired_no_earlier(told.on))):
            return self
        on = told.on if kind is not EntryKind.EXPIRED else self.projection.deadline or told.on
        days = told.data.get("working_days") if kind is EntryKind.EXTENDED else None
        heard = entry(self.rule, kind, on, told.type, told.data.get("notice"), working_days=days)
        return replace(self, entries=(*self.entries, heard))

    def _undone(self, told: Told, undoing: Undoing) -> Clock:
        """The clock without what the event takes back: a clock that was started by it is cancelled, in any other the
        last entry of it loses its effect, from now on or from the beginning."""
        start, *others = effective(self.entries)
        if start.event in undoing.undoes:
            kind = EntryKind.CANCELLED if self.open else None
            undone = start
        else:
            at = max((at for at, one in enumerate(others) if one.event in undoing.undoes), default=None)
            if at is None:
                return self
            undone = others[at]
            kind = EntryKind.VOIDED if undoing.void else self._opposite(undone, others[:at])
        if kind is None:
            return self
        voids = undone.event if kind is EntryKind.VOIDED else None
        return replace(self, entries=(*self.entries, entry(self.rule, kind, told.on, told.type, voids=voids)))

    def _opposite(self, undone: LedgerEntry, before: Sequence[LedgerEntry]) -> EntryKind | None:
        """What ends the effect of an entry from now on; None if it has none any more."""
        state = self.projection.state
        match undone.kind:
            case EntryKind.PAUSED if state is ClockState.PAUSED:
                return EntryKind.RESUMED
            case EntryKind.RESUMED if state is ClockState.RUNNING:
                pauses = sum((one.kind is EntryKind.PAUSED) - (one.kind is EntryKind.RESUMED) for one in before)
                return EntryKind.PAUSED if pauses > 0 else None
            case EntryKind.STOPPED | EntryKind.EXPIRED if not self.open:
                return EntryKind.REOPENED
            case EntryKind.EXTENDED:
                return EntryKind.VOIDED
        return None

    def _kind(self, told: Told) -> EntryKind | None:
        rule = self.rule
        if told.type in rule.stops:
            expired = told.data.get("deemed") or told.data.get("ground") == "EXPIRED"
            return EntryKind.EXPIRED if expired else EntryKind.STOPPED
        kinds = ((rule.pauses, EntryKind.PAUSED), (rule.resumes, EntryKind.RESUMED), (rule.extends, EntryKind.EXTENDED))
        return next((kind for events, kind in kinds if told.type in events), None)

    def _expired_no_earlier(self, on: date) -> bool:
        return self.last.kind is EntryKind.EXPIRED and on <= self.last.on


def hear(
    rules: RuleSet, procedure: PermitId, clocks: Sequence[Clock], told: Told, calendar: WorkingCalendar | None = None
) -> tuple[Clock, ...]:
    """The clocks of a case after an event: the existing ones in their order, then those that the event starts.

    A clock that the event does not concern is returned as the same object. New clocks use `calendar`, by default the
    national one, and the rules in force on the day of acceptance: a change of the law affects an accepted case only if
    the law says so.
    """
    accepted = _accepted_on(clocks)
    begun = (
        Clock(
            *("", rule, told.on, rule.law_on(told.on, accepted), (_start(rule, told),)),
            calendar=calendar or national(),
        )
        for rule in rules.limits_on(told.on, procedure, accepted)
        # Without a last day there is no such term: not every refusal bars.
        if told.type in rule.starts and (rule.until is None or rule.until in told.data)
    )
    undoing = rules.undoing(told.type, told.on)
    return (*(clock.after(told, undoing) for clock in clocks), *begun)


def _accepted_on(clocks: Sequence[Clock]) -> date | None:
    """The day of the acceptance that stands; one that was taken back does not."""
    started = (
        clock.started_on
        for clock in reversed(clocks)
        if clock.entries[0].event == "application.accepted" and clock.last.kind is not EntryKind.CANCELLED
    )
    return next(started, None)


def _start(rule: LimitRule, told: Told) -> LedgerEntry:
    deemed = bool(told.data.get("deemed"))
    if rule.until is None:
        return entry(rule, EntryKind.STARTED, told.on, told.type, deemed=deemed)
    last = told.data[rule.until]
    until = last if isinstance(last, date) else date.fromisoformat(last)
    return entry(rule, EntryKind.STARTED, told.on, told.type, until=until, deemed=deemed)


_REOPENED = Text("已办结后又撤销，其间不计", "ended, and the end was taken back: the time in between does not count")


def entry(
    rule: LimitRule,
    kind: EntryKind,
    on: date,
    event: str,
    notice: str | None = None,
    *,
    working_days: int | None = None,
    until: date | None = None,
    deemed: bool = False,
    voids: str | None = None,
) -> LedgerEntry:
    """A ledger entry of a clock that follows `rule`, with the reason of a pause or of a start by silence."""
    told = rule.reasons.get(event) if kind is EntryKind.PAUSED or deemed else None
    reason = _REOPENED if kind is EntryKind.REOPENED else told
    return LedgerEntry(kind, on, event, reason, notice, working_days, until, deemed, voids)
