"""The docket of a case: its clocks, and what each event of the case does to them.

Whoever keeps clocks hears every event through `hear`; whoever wants to know beforehand what an act would move hears the
events of the case so far, then the act, and compares.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from shared.law.calendar import WorkingCalendar, national
from shared.law.clock import Entry, EntryKind, Projection, project

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from shared.law.rows import LimitRule, Procedure
    from shared.law.ruleset import RuleSet


@dataclass(frozen=True, slots=True)
class Told:
    """What an event says of its case: `on` is the legal date of the fact, `data` the event's own fields."""

    type: str
    on: date
    data: Mapping[str, Any]


@dataclass(frozen=True)
class Clock:
    """One clock of a case: the rule it counts by, what happened to it in the order it was heard, which rungs fired.

    `id` is empty until a keeper of clocks gives it one.
    """

    id: str
    rule: LimitRule
    started_on: date
    entries: tuple[Entry, ...]
    fired: frozenset[str] = frozenset()
    calendar: WorkingCalendar = field(default_factory=national, repr=False, compare=False)

    @cached_property
    def projection(self) -> Projection:
        """The clock as of its last entry."""
        return project(self.entries, self.rule.budget, self.calendar)

    @property
    def open(self) -> bool:
        return self.entries[-1].kind is not EntryKind.STOPPED

    def after(self, told: Told) -> Clock:
        """The clock once it has heard; itself if the event does not concern it."""
        kind = self._kind(told.type)
        if kind is None or not self.open:
            return self
        heard = entry(kind, told.on, told.type, told.data.get("notice"))
        return replace(self, entries=(*self.entries, heard))

    def _kind(self, event: str) -> EntryKind | None:
        if event in self.rule.stops:
            return EntryKind.STOPPED
        if event in self.rule.pauses:
            return EntryKind.PAUSED
        return EntryKind.RESUMED if event in self.rule.resumes else None


def hear(
    rules: RuleSet, procedure: Procedure, clocks: Sequence[Clock], told: Told, calendar: WorkingCalendar | None = None
) -> tuple[Clock, ...]:
    """The clocks of a case after an event: those it had, in their order, then those that the event starts.

    A clock that the event does not concern comes back as the same object. New clocks count by `calendar`, or else by
    the national one.
    """
    begun = (
        Clock("", rule, told.on, (entry(EntryKind.STARTED, told.on, told.type),), calendar=calendar or national())
        for rule in rules.limits_on(told.on, procedure)
        if told.type in rule.starts and rule.limit  # terms are not kept yet
    )
    return (*(clock.after(told) for clock in clocks), *begun)


def entry(kind: EntryKind, on: date, event: str, notice: str | None = None) -> Entry:
    """An entry of a ledger. A pause says what a person wants to know: by which notice the time does not count."""
    if kind is not EntryKind.PAUSED or notice is None:
        return Entry(kind, on, event, notice=notice)
    return Entry(
        kind,
        on,
        event,
        reason_zh="检验、检测、鉴定或专家评审所需时间，已书面告知",
        reason_en="time for tests, appraisal or expert review, told in writing",
        notice=notice,
    )
