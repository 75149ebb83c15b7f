"""When a clock's ladder fires, and who hears of it. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import TYPE_CHECKING

from shared.law import ClockState, add_days, rung_date
from shared.runtime.time import LEGAL_ZONE

if TYPE_CHECKING:
    from collections.abc import Collection

    from shared.law import Clock, LimitRule, RuleSet, Rung


@dataclass(frozen=True, slots=True)
class Firing:
    """A rung that is due: what it is, the last day of the limit it speaks of, and when it was to fire."""

    rung: Rung
    due_on: date
    at: datetime


def ladder(rules: RuleSet, clock: Clock) -> list[Firing]:
    """The rungs of the clock that have not fired, first to last.

    A clock that does not run has none, but for its breach where it was stopped or paused too late and nobody had
    noticed: a breach is a fact, whichever is heard of first.
    """
    projection = clock.projection
    running = projection.state is ClockState.RUNNING
    if projection.deadline is None or not (running or projection.breached):
        return []
    found = []
    for rung in rules.ladder(clock.rule.id, clock.started_on):
        if rung.id in clock.fired or not (running or rung.kind == "breach"):
            continue
        day = rung_date(projection, rung.at) if running else add_days(projection.deadline, 1)
        if day is not None:
            found.append(Firing(rung, projection.deadline, midnight(day)))
    return sorted(found, key=lambda firing: firing.at)


def next_at(rules: RuleSet, clock: Clock) -> datetime | None:
    return next((firing.at for firing in ladder(rules, clock)), None)


def midnight(day: date) -> datetime:
    """The instant at which a legal day begins."""
    return datetime.combine(day, time(), LEGAL_ZONE)


def recipients(rung: Rung, rule: LimitRule) -> Collection[str]:
    """Who hears of a rung: "holder" is whoever has to act in time."""
    return dict.fromkeys(rule.holder if recipient == "holder" else recipient for recipient in rung.recipients)
