"""What an event does to the clocks of its case, and when a clock's ladder fires. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Any

from shared.law import ClockState, Entry, EntryKind, add_days, national, project, rung_date
from shared.runtime.time import LEGAL_ZONE

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from shared.law import LimitRule, Projection, RuleSet, Rung


@dataclass(frozen=True, slots=True)
class Ledger:
    """One clock of a case: the rule it counts by, what happened to it, and what fired already."""

    id: str
    rule: LimitRule
    started_on: date
    entries: tuple[Entry, ...]
    fired: frozenset[str] = frozenset()

    @property
    def projection(self) -> Projection:
        return project(self.entries, self.rule.limit, national())

    @property
    def open(self) -> bool:
        return self.entries[-1].kind is not EntryKind.STOPPED

    def told(self, event: str, on: date, data: Mapping[str, Any]) -> Ledger | None:
        """The clock after the event, or None if the event does not concern it."""
        kind = next(
            (
                kind
                for kind, events in (
                    (EntryKind.STOPPED, self.rule.stops),
                    (EntryKind.PAUSED, self.rule.pauses),
                    (EntryKind.RESUMED, self.rule.resumes),
                )
                if event in events
            ),
            None,
        )
        if kind is None or not self.open:
            return None
        return replace(self, entries=(*self.entries, entry(kind, on, event, data.get("notice"))))


def entry(kind: EntryKind, on: date, event: str, notice: str | None = None) -> Entry:
    """An entry of a ledger. A pause says what a person wants to know: by which notice the time does not count."""
    if kind is not EntryKind.PAUSED or notice is None:
        return Entry(kind=kind, on=on, event=event, notice=notice)
    return Entry(
        kind=kind,
        on=on,
        event=event,
        reason_zh="检验、检测、鉴定或专家评审所需时间，已书面告知",
        reason_en="time for tests, appraisal or expert review, told in writing",
        notice=notice,
    )


@dataclass(frozen=True, slots=True)
class Firing:
    """A rung that is due: what it is, the last day of the limit it speaks of, and when it was to fire."""

    rung: Rung
    due_on: date
    at: datetime


def started(rules: RuleSet, procedure: Any, event: str, on: date) -> Sequence[LimitRule]:
    """The limits that begin to run with an event of a procedure on that day."""
    return [rule for rule in rules.limits_on(on, procedure) if event in rule.starts]


def ladder(rules: RuleSet, clock: Ledger) -> list[Firing]:
    """The rungs of the clock that have not fired, first to last.

    A clock that does not run has none, but for its breach where it was stopped or paused too late and nobody had
    noticed: a breach is a fact, whichever is heard of first.
    """
    projection = clock.projection
    running = projection.state is ClockState.RUNNING
    if projection.deadline is None or not (running or projection.breached):
        return []
    found = []
    for rung in rules.rungs_on(clock.started_on):
        if rung.id in clock.fired or not (running or rung.kind == "breach"):
            continue
        day = rung_date(projection, rung.at) if running else add_days(projection.deadline, 1)
        if day is not None:
            found.append(Firing(rung, projection.deadline, midnight(day)))
    return sorted(found, key=lambda firing: firing.at)


def next_at(rules: RuleSet, clock: Ledger) -> datetime | None:
    return next((firing.at for firing in ladder(rules, clock)), None)


def midnight(day: date) -> datetime:
    """The instant at which a legal day begins."""
    return datetime.combine(day, time(), LEGAL_ZONE)


def recipients(rung: Rung, rule: LimitRule) -> Collection[str]:
    """Who hears of a rung: "holder" is whoever has to act in time."""
    return dict.fromkeys(rule.holder if recipient == "holder" else recipient for recipient in rung.recipients)
