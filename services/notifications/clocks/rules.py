"""Which rungs of a clock's ladder are due, and who is told. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Any

from services.contracts.meanings import ENDED_UNDECIDED, PERMIT_ENDED, TIME_TOLD_IN
from shared.law import ClockState, add_days, rung_date
from shared.runtime.time import LEGAL_ZONE

if TYPE_CHECKING:
    from collections.abc import Collection

    from shared.law import Clock, LimitRule, RuleSet, Rung, Silence


EXPIRED = "expired"
"""The rung name of an expiry: the end of a limit that has a legal effect without an act."""

ENDED = ("breach", "escalation")
"""Kinds of rungs that report the end of a limit."""

ENDS = (
    *ENDED_UNDECIDED,
    "application.returned",
    "refusal.delivered",
    "certificate.delivered",
    "mark.declared",
    "mark.delivered",
    *PERMIT_ENDED,
)
"""Events after which a change of the law no longer affects the case."""

_TIME_NOTICE = "time_notice.served"


@dataclass(frozen=True, slots=True)
class Firing:
    """A rung of the ladder, or the expiry (no rung); with the last day of the limit, and the day on which it falls
    due."""

    rung: Rung | None
    due_on: date
    day: date

    @property
    def at(self) -> datetime:
        return midnight(self.day)

    @property
    def id(self) -> str:
        return self.rung.id if self.rung else EXPIRED

    @property
    def told(self) -> tuple[str, date]:
        """What a clock stores in `fired`."""
        return self.id, self.due_on

    @property
    def kind(self) -> str:
        return self.rung.kind if self.rung else EXPIRED


def silence_of(rules: RuleSet, clock: Clock) -> Silence | None:
    """The legal effect if the clock runs out without an act; None if there is none."""
    return rules.silence(clock.rule.id, clock.law_on)


def told_silence(silence: Silence | None) -> dict[str, Any] | None:
    """The data of `schemas.Silence`; None if the limit's end has no effect by itself."""
    if silence is None:
        return None
    return {
        **silence.told._asdict(),
        "basis": silence.basis._asdict(),
        "verified": silence.verified,
    }


def unserved(rules: RuleSet, rule: LimitRule, source: str, state: str, today: date) -> dict[str, str] | None:
    """The notice that would keep the time of others from counting in a limit that runs, while it is not
    served, as in `schemas.Unserved`; None where there is none. The case of the service `source` is in `state`."""
    awaited = _TIME_NOTICE in rule.pauses and state in TIME_TOLD_IN.get(source, ())
    return {**rules.notice("time_notice", today).name._asdict(), "action": "serve_time_notice"} if awaited else None


def ladder(rules: RuleSet, clock: Clock) -> list[Firing]:
    """What has not fired for the clock's last day, in order, including the expiry if the limit's end has a legal
    effect.

    A cancelled clock has none. A clock that does not run has only its breach and expiry, if it was stopped or paused
    too late and nobody had noticed: these are facts, in whatever order the events arrive. If silence is not a breach,
    none is reported.
    """
    projection = clock.projection
    running = projection.state is ClockState.RUNNING
    due = projection.deadline
    if due is None or not (running or projection.breached) or projection.ledger.cancelled:
        return []
    silence = silence_of(rules, clock)
    left_out = () if silence is None or silence.breach else ENDED
    found, over = [], add_days(due, 1)
    for rung in rules.ladder(clock.rule.id, clock.law_on):
        if (rung.id, due) in clock.fired or rung.kind in left_out or not (running or rung.kind == "breach"):
            continue
        day = rung_date(projection, rung.at) if running else over
        # Nothing to remind of before the start.
        if day is not None and day > clock.started_on and not _is_past(clock, rung.id, day):
            found.append(Firing(rung, due, day))
    if silence is not None and (EXPIRED, due) not in clock.fired and not _is_past(clock, EXPIRED, over):
        found.append(Firing(None, due, over))
    return sorted(found, key=lambda firing: firing.day)


def _is_past(clock: Clock, rung: str, day: date) -> bool:
    """Whether the rung fired for another last day, and `day` was over when the last day moved.

    So reminders approach a moved date again, but none is repeated immediately.
    """
    moved = clock.moved_on
    return moved is not None and day <= moved and any(fired == rung for fired, _ in clock.fired)


def next_at(rules: RuleSet, clock: Clock) -> datetime | None:
    return next((firing.at for firing in ladder(rules, clock)), None)


def midnight(day: date) -> datetime:
    """The start of a day in the legal time zone."""
    return datetime.combine(day, time(), LEGAL_ZONE)


def recipients(rung: Rung, rule: LimitRule) -> Collection[str]:
    """Who is told of a rung; "holder" stands for the side that must act."""
    return dict.fromkeys(rule.holder if recipient == "holder" else recipient for recipient in rung.recipients)
