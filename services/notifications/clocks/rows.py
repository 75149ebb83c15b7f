"""Clocks and what has fired of them, as rows of the database."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import orjson

from services.notifications.cases import OUTDATED
from services.notifications.clocks.rules import next_at
from services.notifications.office.statistics import counts
from shared.law import EntryKind, LedgerEntry, load, reason
from shared.runtime.law_in_use import Dependents
from shared.sql import Statement

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from services.notifications.cases import TrackedCase
    from shared.law import Clock, LimitRule


UNDER_LAW = Dependents(
    "clocks begun under it",
    "SELECT count(*) FROM clocks JOIN tracked_cases AS cases ON cases.id = case_id"
    " WHERE rules = :rules AND limit_id = :key AND law_on BETWEEN :first AND :last",
)


def fired_of(raw: str) -> tuple[str, date]:
    """The rung that fired, and for which last day."""
    due_on, _, rung = raw.partition(" ")
    return rung, date.fromisoformat(due_on)


def entry_of(rule: LimitRule, raw: Mapping[str, Any]) -> LedgerEntry:
    """What `_raw_entry` stored of a clock that follows `rule`."""
    kind = EntryKind(raw["kind"])
    days: dict[str, Any] = {name: date.fromisoformat(raw[name]) for name in _DAYS if name in raw}
    return LedgerEntry(
        kind,
        date.fromisoformat(raw["on"]),
        raw["event"],
        reason(rule, kind, raw["event"], deemed=raw.get("deemed", False)),
        **days,
        **{name: raw[name] for name in _KEPT if name in raw},
    )


_DAYS = ("until", "begins")
_KEPT = ("notice", "working_days", "deemed", "voids", "again", "fact", "about", "undone")


def _raw_entry(made: LedgerEntry) -> dict[str, Any]:
    raw = {"kind": made.kind, "on": made.on, "event": made.event}
    more = {name: getattr(made, name) for name in (*_DAYS, *_KEPT)}
    return {name: value for name, value in (raw | more).items() if value}


def columns(case: TrackedCase, clock: Clock) -> dict[str, Any]:
    """The clock as a row of `models.clocks`."""
    projection = clock.projection
    return {
        "id": clock.id,
        "case_id": case.id,
        "limit_id": clock.rule.id,
        "started_on": clock.started_on,
        "entries": [_raw_entry(made) for made in clock.entries],
        "state": str(projection.state),
        "begins_on": projection.begins_on,
        "due_on": projection.due_on,
        "provisional": projection.provisional,
        "calendar": clock.calendar.version,
        "next_at": next_at(load(case.rules), clock),
        "holder": clock.rule.holder if counts(clock) or clock.rule.holder == "experts" else None,
        "law_on": clock.law_on,
        "moved_on": clock.moved_on,
    }


def as_json(rows: Sequence[Mapping[str, Any]]) -> str:
    """Rows as one parameter of a statement."""
    return orjson.dumps(rows).decode()


_READ_CLOCKS = (
    "SELECT id::text, case_id::text, limit_id, started_on, law_on, entries, calendar, moved_on,"
    " ARRAY(SELECT due_on || ' ' || rung FROM firings WHERE clock_id = clocks.id) AS fired"
    " FROM clocks WHERE case_id = ANY(CAST(CAST(:ids AS text[]) AS uuid[]))"
)
CLOCKS = Statement("clocks_of_cases", f"{_READ_CLOCKS} ORDER BY id")
CLOCKS_DUE = Statement("clocks_due", f"{_READ_CLOCKS} AND next_at <= :now ORDER BY id")
CLOCKS_OUTDATED = Statement("clocks_outdated", f"{_READ_CLOCKS} AND {OUTDATED} ORDER BY id")
STORE_CLOCKS = Statement(
    "clocks_store",
    "INSERT INTO clocks SELECT * FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS new (id uuid, case_id uuid,"
    " limit_id text, started_on date, entries jsonb, state text, due_on date, provisional boolean, calendar text,"
    " next_at timestamptz, holder text, law_on date, moved_on date, begins_on date) ON CONFLICT (id) DO"
    " UPDATE SET entries = excluded.entries, state = excluded.state, begins_on = excluded.begins_on,"
    " due_on = excluded.due_on, provisional = excluded.provisional,"
    " calendar = excluded.calendar, next_at = excluded.next_at, moved_on = excluded.moved_on",
)
ADVANCE_CLOCKS = Statement(
    "clocks_advance",
    "UPDATE clocks SET next_at = new.next_at FROM unnest(CAST(CAST(:ids AS text[]) AS uuid[]),"
    " CAST(CAST(:next_at AS text[]) AS timestamptz[])) AS new (id, next_at) WHERE clocks.id = new.id",
)
STORE_FIRINGS = Statement(
    "firings_store",
    "INSERT INTO firings SELECT * FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS new (clock_id uuid, rung text,"
    " kind text, due_on date, fired_at timestamptz, day date)",
)
