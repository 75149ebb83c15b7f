"""Which dates a step would move: shown on a dry run, never stored.

Clocks are kept by whoever keeps the law's time, from the events of the case. The same code, fed with what the journal
says was told so far and with what the step would tell, says beforehand what will come of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import orjson
from sqlalchemy import select

from shared.calendars import current
from shared.casework.models import journal
from shared.law import ClockState, Told, hear, load

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sqlalchemy import Connection

    from shared.casework.cases import Case
    from shared.law import Clock, PermitId, WorkingCalendar


@dataclass(frozen=True, slots=True)
class Change:
    """A clock before and after a step; either may be missing."""

    was: Clock | None
    will_be: Clock

    @property
    def kind(self) -> str | None:
        """`started`, `moved` or `stopped`; None if the clock does not change."""
        if self.was is None:
            return "started"
        if not self.will_be.open:
            return "stopped" if self.was.open else None
        return "moved" if _standing(self.was) != _standing(self.will_be) else None


def preview(tx: Connection, case: Case) -> dict[str, list[dict[str, Any]]] | None:
    """What the newest step of `case`, as it is after it, does to its clocks: those `started`, `moved`, `stopped`.

    None for a case whose journal does not have all that was told: it is older than that.
    """
    told = _told(tx, case)
    if told is None:
        return None
    if case.rules is None:
        return _shown([])
    procedure: PermitId = case.procedure  # type: ignore[assignment]
    calendar = current(tx).newest
    before = after = replay(case.rules, procedure, [event for seq, event in told if seq < case.entries], calendar)
    for event in (event for seq, event in told if seq == case.entries):
        after = hear(load(case.rules), procedure, after, event, calendar)
    return _shown(Change(before[nr] if nr < len(before) else None, clock) for nr, clock in enumerate(after))


def clocks_of(tx: Connection, case: Case) -> tuple[Clock, ...]:
    """The clocks of the case, as far as its journal has what was told."""
    if case.rules is None:
        return ()
    told = [event for _, event in _told(tx, case) or ()]
    procedure: PermitId = case.procedure  # type: ignore[assignment]
    return replay(case.rules, procedure, told, current(tx).newest)


def last_day(tx: Connection, case: Case, limit: str) -> date | None:
    """The last day of a limit that runs in the case. What is done after it comes too late, also while nobody has told
    the case yet that it is over. None if it does not run, or the journal does not have all that was told."""
    running = [clock for clock in clocks_of(tx, case) if clock.open and clock.rule.id == limit]
    return running[-1].projection.due_on if running else None


def _told(tx: Connection, case: Case) -> list[tuple[int, Told]] | None:
    """What was told of the case, by the place in its journal; None if the journal does not have all of it."""
    query = select(journal.c.seq, journal.c.told).where(journal.c.case_id == case.id, journal.c.told.is_not(None))
    told = [(row.seq, read(row.told)) for row in tx.execute(query.order_by(journal.c.seq))]
    return told if len(told) == case.events else None


def read(text: str) -> Told:
    """What the journal keeps of an event."""
    data = orjson.loads(text)
    return Told(data["type"], date.fromisoformat(data["on"]), data)


def replay(
    rules: str, procedure: PermitId, told: Sequence[Told], calendar: WorkingCalendar | None = None
) -> tuple[Clock, ...]:
    """The clocks of a case after all that was told of it."""
    clocks: tuple[Clock, ...] = ()
    for event in told:
        clocks = hear(load(rules), procedure, clocks, event, calendar)
    return clocks


def _standing(clock: Clock) -> tuple[ClockState, date | None, int]:
    """What tells two standings of a clock apart: an extension of one that is paused shows in its budget only."""
    return clock.projection.state, clock.projection.due_on, clock.projection.budget


def _shown(changes: Iterable[Change]) -> dict[str, list[dict[str, Any]]]:
    shown: dict[str, list[dict[str, Any]]] = {"started": [], "moved": [], "stopped": []}
    for change in changes:
        if change.kind is not None:
            rule = change.will_be.rule
            row: dict[str, Any] = {"limit": rule.id, **rule.name._asdict()}
            if change.was is not None:
                row["was"] = _at(change.was)
            shown[change.kind].append({**row, "will_be": _at(change.will_be)})
    return shown


def _at(clock: Clock) -> Mapping[str, Any]:
    """How the clock stands, its budget in days of its own kind; a clock that does not run has no due date."""
    state, due_on, budget = _standing(clock)
    return {
        "state": str(state),
        "budget": budget,
        **({"due_on": due_on.isoformat(), "provisional": clock.projection.provisional} if due_on else {}),
    }
