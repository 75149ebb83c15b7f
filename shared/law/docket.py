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
    """What an event says about its case: `on` is the legal date of the fact, `data` the event's own fields, `fact` its
    number among those that moved clocks of the case."""

    type: str
    on: date
    data: Mapping[str, Any]
    fact: int = 0


@dataclass(frozen=True, slots=True)
class TakenBack:
    """What an event takes back: these facts, each with its event; `void` if as though they had never been."""

    facts: frozenset[tuple[str, int]]
    void: bool

    def has(self, one: LedgerEntry) -> bool:
        return (one.event, one.fact) in self.facts and not one.undone


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
        return self.rule.budget if until is None else Limit(max(0, (until - self.started_on).days), Unit.CALENDAR_DAYS)

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

    def concerns(self, told: Told, *, named: bool = False) -> bool:
        """Whether the event is about what the clock is about: it names the same matter or, unless it has to be `named`,
        none."""
        each, about = self.rule.each, self.entries[0].about
        return each is None or about is None or told.data.get(each, None if named else about) == about

    def after(self, told: Told, back: TakenBack | None = None) -> Clock:
        """The clock after the event; the same object if the event does not concern it. `back` says what the event
        takes back, if anything.

        An act dated on or before the last day counts even if it arrives later: it reverts the expiry.
        """
        if back is not None and self.concerns(told, named=True) and any(map(back.has, self.entries)):
            return self._undone(told, back).after(told)
        kind = self._kind(told) if self.concerns(told) else None
        if kind is None or not (self.open or (kind is EntryKind.STOPPED and self._expired_no_earlier(told.on))):
            return self
        on = told.on if kind is not EntryKind.EXPIRED else self.projection.deadline or told.on
        days = told.data.get("working_days") if kind is EntryKind.EXTENDED else None
        heard = entry(self.rule, kind, told, on=on, notice=told.data.get("notice"), working_days=days)
        return replace(self, entries=(*self.entries, heard))

    def _undone(self, told: Told, back: TakenBack) -> Clock:
        """The clock without what the event takes back: a clock that was started by it is cancelled, in any other the
        last entry of it loses its effect, from now on or from the beginning."""
        start, *others = effective(self.entries)
        made: dict[str, Any] = {}
        if back.has(start):
            kind = EntryKind.CANCELLED if self.open else None
        elif (at := max((at for at, one in enumerate(others) if back.has(one)), default=None)) is None:
            kind = None
        elif back.void:
            kind, made = EntryKind.VOIDED, {"voids": others[at].event}
        else:
            kind, made = self._opposite(others[at], others[:at])
        entries = tuple(replace(one, undone=True) if back.has(one) else one for one in self.entries)
        return replace(self, entries=(*entries, *([entry(self.rule, kind, told, **made)] if kind else ())))

    def _opposite(self, undone: LedgerEntry, before: Sequence[LedgerEntry]) -> tuple[EntryKind | None, dict[str, str]]:
        """What ends the effect of an entry from now on, and what more is to be said of it; None if it has none any
        more."""
        state = self.projection.state
        match undone.kind:
            case EntryKind.PAUSED if state is ClockState.PAUSED:
                return EntryKind.RESUMED, {}
            case EntryKind.RESUMED if state is ClockState.RUNNING and (paused := _paused(before)):
                return EntryKind.PAUSED, {"again": paused.again or paused.event}
            case EntryKind.STOPPED | EntryKind.EXPIRED if not self.open and self.entries[0].until:
                # A day that was set does not move.
                return EntryKind.VOIDED, {"voids": undone.event}
            case EntryKind.STOPPED | EntryKind.EXPIRED if not self.open:
                return EntryKind.REOPENED, {}
            case EntryKind.EXTENDED:
                return EntryKind.VOIDED, {"voids": undone.event}
        return None, {}

    def _kind(self, told: Told) -> EntryKind | None:
        rule = self.rule
        if told.type in rule.stops:
            # The silence of the authority lets none of the office's own reminders run out.
            deemed = told.data.get("deemed") and rule.weight != "internal"
            expired = deemed or told.data.get("ground") == "EXPIRED"
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
    told = replace(told, fact=1 + max((one.fact for clock in clocks for one in clock.entries), default=0))
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
    back = _taken_back(clocks, told, undoing) if undoing else None
    return (*(clock.after(told, back) for clock in clocks), *begun)


def _taken_back(clocks: Sequence[Clock], told: Told, undoing: Undoing) -> TakenBack:
    """Of each event that is taken back, the last that still stood."""
    last: dict[str, int] = {}
    for clock in clocks:
        for one in effective(clock.entries) if clock.concerns(told, named=True) else ():
            if one.event in undoing.undoes and not one.undone:
                last[one.event] = max(last.get(one.event, 0), one.fact)
    return TakenBack(frozenset(last.items()), undoing.void)


def _paused(entries: Sequence[LedgerEntry]) -> LedgerEntry | None:
    """The last pause that has not ended."""
    pauses: list[LedgerEntry] = []
    for one in entries:
        if one.kind is EntryKind.PAUSED:
            pauses.append(one)
        elif one.kind is EntryKind.RESUMED and pauses:
            pauses.pop()
    return pauses[-1] if pauses else None


def _accepted_on(clocks: Sequence[Clock]) -> date | None:
    """The day of the acceptance that stands; one that was taken back does not."""
    started = (
        clock.started_on
        for clock in reversed(clocks)
        if clock.entries[0].event == "application.accepted" and clock.last.kind is not EntryKind.CANCELLED
    )
    return next(started, None)


def _start(rule: LimitRule, told: Told) -> LedgerEntry:
    made: dict[str, Any] = {"deemed": bool(told.data.get("deemed"))}
    if rule.each:
        made["about"] = told.data.get(rule.each)
    for name, said in (("until", rule.until), ("begins", rule.begins)):
        if said:
            day = told.data[said]
            made[name] = day if isinstance(day, date) else date.fromisoformat(day)
    return entry(rule, EntryKind.STARTED, told, **made)


_REOPENED = Text("已办结后又撤销，其间不计", "ended, and the end was taken back: the time in between does not count")


def entry(rule: LimitRule, kind: EntryKind, told: Told, *, on: date | None = None, **more: Any) -> LedgerEntry:
    """A ledger entry of a clock that follows `rule`, on the day of the event unless `on` is given, with the reason of a
    pause or of a start by silence."""
    return LedgerEntry(kind, on or told.on, told.type, reason(rule, kind, told.type, **more), fact=told.fact, **more)


def reason(rule: LimitRule, kind: EntryKind, event: str, *, deemed: bool = False, **_more: Any) -> Text | None:
    """Why such an entry stops the time, or dates it back."""
    told = rule.reasons.get(event) if kind is EntryKind.PAUSED or deemed else None
    return _REOPENED if kind is EntryKind.REOPENED else told
