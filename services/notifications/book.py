"""The clocks of some cases in memory: loaded together, changed, stored together in a few statements.

Both what happens when events arrive and what happens when time passes work on a Book, so a batch costs the same few
round trips whatever its size.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING, Any

import orjson

from services.notifications.feed import Feed
from services.notifications.rules import ladder, next_at, recipients
from shared.law import Clock, EntryKind, Told, entry, hear, load, national
from shared.messaging import outbox
from shared.messaging.envelope import Event, new_id
from shared.observability import get_logger
from shared.runtime.time import legal_date
from shared.sql import Statement

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from services.notifications.messages import Messages
    from services.notifications.rules import Firing
    from shared.law import Entry, Procedure

log = get_logger(__name__)

EVENT_VERSION = 1


@dataclass(frozen=True, slots=True)
class TrackedCase:
    """A case as events told it. The fields are the columns of `models.tracked_cases`."""

    id: str
    source: str
    number: str
    procedure: Procedure
    rules: str
    state: str
    applicant: str
    applicant_name: str
    email: str
    lab: str | None
    heard: int
    events: int


@dataclass(slots=True)
class Book:
    messages: Messages
    cases: dict[str, TrackedCase] = field(default_factory=dict)
    clocks: dict[str, list[Clock]] = field(default_factory=dict)
    _changed_cases: set[str] = field(default_factory=set)
    _changed_clocks: dict[str, tuple[str, Clock]] = field(default_factory=dict)
    _fired: list[dict[str, Any]] = field(default_factory=list)
    _events: list[Event] = field(default_factory=list)
    _feed: Feed = field(default_factory=Feed)

    def load(self, tx: Connection, case_ids: Collection[str], *, lock: bool = True) -> None:
        """Bring in the cases and all their clocks, locked until the transaction ends."""
        ids = sorted(case_ids)
        for row in (_CASES_LOCKED if lock else _CASES)(tx, ids=ids):
            self.cases[row.id] = TrackedCase(*row)
        for row in _CLOCKS(tx, ids=ids):
            rule = load(self.cases[row.case_id].rules).limit(row.limit_id, row.started_on)
            entries = tuple(_entry(raw) for raw in row.entries)
            clock = Clock(row.id, rule, row.started_on, entries, frozenset(row.fired))
            self.clocks.setdefault(row.case_id, []).append(clock)

    def hear(self, event: Event) -> None:
        """Let an event of a case have its effect: on what is known of the case, on its clocks, on who is told."""
        case = _after(self.cases.get(event.case_id), event)
        if case is None:
            return
        self.cases[case.id] = case
        self._changed_cases.add(case.id)
        self._feed.add(case, event)
        on = date.fromisoformat(event.data["on"])
        clocks = self.clocks.setdefault(case.id, [])
        told = Told(event.type, on, event.data)
        for index, clock in enumerate(hear(load(case.rules), case.procedure, clocks, told)):
            if index == len(clocks):
                clocks.append(clock)
                self._put(case.id, index, replace(clock, id=new_id()))
            elif clock is not clocks[index]:
                self._put(case.id, index, clock)
                if clock.projection.due_on is None:
                    # A clock that no longer runs is not swept: if it ended too late, this is when it is noticed.
                    self._fire(case.id, index, event.time, event.correlation_id, event.id)
        self.messages.tell(case, event, on, clocks)

    def fire_due(self, case_id: str, now: datetime) -> int:
        """Fire every rung of the case's clocks that is due at `now`, in order; how many."""
        correlation = new_id()
        clocks = self.clocks[case_id]
        fired = sum(self._fire(case_id, index, now, correlation, "") for index in range(len(clocks)))
        if not fired:
            # It was found as due but is not: what is stored is out of date, and is put right.
            for index, clock in enumerate(clocks):
                self._put(case_id, index, clock)
        return fired

    def _put(self, case_id: str, index: int, clock: Clock) -> None:
        self.clocks[case_id][index] = clock
        self._changed_clocks[clock.id] = (case_id, clock)

    def _fire(self, case_id: str, index: int, now: datetime, correlation: str, causation: str) -> int:
        clock = self.clocks[case_id][index]
        due = [firing for firing in ladder(load(self.cases[case_id].rules), clock) if firing.at <= now]
        for firing in due:
            self._ring(clock, case_id, firing, now, correlation, causation)
        if due:
            fired = clock.fired | {firing.rung.id for firing in due}
            self._put(case_id, index, replace(clock, fired=fired))
        return len(due)

    def store(self, tx: Connection) -> None:
        """Write all that changed."""
        if self._changed_cases:
            rows = [_columns(self.cases[case_id]) for case_id in sorted(self._changed_cases)]
            _STORE_CASES(tx, rows=_json(rows))
        if self._changed_clocks:
            changed = [_clock_columns(self.cases[case_id], clock) for case_id, clock in self._changed_clocks.values()]
            _STORE_CLOCKS(tx, rows=_json(changed))
        if self._fired:
            _STORE_FIRINGS(tx, rows=_json(self._fired))
        self.messages.store(tx)
        outbox.add(tx, self._events)
        self._feed.store(tx)

    def _ring(
        self, clock: Clock, case_id: str, firing: Firing, now: datetime, correlation: str, causation: str
    ) -> None:
        case = replace(self.cases[case_id], events=self.cases[case_id].events + 1)
        self.cases[case_id] = case
        self._changed_cases.add(case_id)
        rule, rung = clock.rule, firing.rung
        self._fired.append(
            {
                "clock_id": clock.id,
                "rung": rung.id,
                "kind": rung.kind,
                "due_on": firing.due_on,
                "fired_at": now,
            }
        )
        data = {
            "on": legal_date(now).isoformat(),
            "state": case.state,
            "clock": clock.id,
            "limit": rule.id,
            "rung": rung.id,
            "holder": rule.holder,
            "due_on": firing.due_on.isoformat(),
            "zh": rule.zh,
            "en": rule.en,
            "basis": rule.basis,
        }
        event = Event(
            id=new_id(),
            source="notifications",
            type="clock.breached" if rung.kind == "breach" else "clock.reminded",
            version=EVENT_VERSION,
            subject=case.number,
            time=now,
            actor="system",
            case_id=case.id,
            case_seq=case.events,
            correlation_id=correlation,
            causation_id=causation,
            data=data,
        )
        self._events.append(event)
        self._feed.add(case, event)
        self.messages.write(case, rung.template, recipients(rung, rule), {**data, "basis_zh": rule.basis_zh}, now)


def _after(case: TrackedCase | None, event: Event) -> TrackedCase | None:
    """What is known of the case after the event; None as long as nothing is: a case is known from its submission."""
    data = event.data
    if "applicant" in data:
        known = TrackedCase(
            id=event.case_id,
            source=event.source,
            number=event.subject,
            procedure=data["procedure"],
            rules=data["rules"],
            state=data["state"],
            applicant=data["applicant"]["code"],
            applicant_name=data["applicant"]["name"],
            email=data["applicant"]["email"],
            lab=None,
            heard=event.case_seq,
            events=0,
        )
        return known if case is None else replace(known, lab=case.lab, events=case.events)
    if case is None:
        log.warning(
            "event_of_unknown_case", type=event.type, subject=event.subject, correlation_id=event.correlation_id
        )
        return None
    return replace(case, state=data["state"], lab=data.get("lab", case.lab), heard=event.case_seq)


def _entry(raw: Mapping[str, Any]) -> Entry:
    return entry(EntryKind(raw["kind"]), date.fromisoformat(raw["on"]), raw["event"], raw.get("notice"))


def _raw_entry(made: Entry) -> dict[str, str]:
    raw = {"kind": str(made.kind), "on": made.on.isoformat(), "event": made.event}
    return raw | {"notice": made.notice} if made.notice else raw


def _columns(case: TrackedCase) -> dict[str, Any]:
    return {name: getattr(case, name) for name in TrackedCase.__slots__}


def _clock_columns(case: TrackedCase, clock: Clock) -> dict[str, Any]:
    projection = clock.projection
    return {
        "id": clock.id,
        "case_id": case.id,
        "limit_id": clock.rule.id,
        "started_on": clock.started_on,
        "entries": [_raw_entry(made) for made in clock.entries],
        "state": str(projection.state),
        "due_on": projection.due_on,
        "provisional": projection.provisional,
        "calendar": national().version,
        "next_at": next_at(load(case.rules), clock),
    }


def _json(rows: Sequence[Mapping[str, Any]]) -> str:
    return orjson.dumps(rows).decode()


_READ_CASES = (
    "SELECT id::text, source, number, procedure, rules, state, applicant, applicant_name, email, lab, heard, events"
    " FROM tracked_cases WHERE id = ANY(CAST(CAST(:ids AS text[]) AS uuid[])) ORDER BY id"
)
_CASES = Statement("tracked_cases", _READ_CASES)
_CASES_LOCKED = Statement("tracked_cases_locked", f"{_READ_CASES} FOR UPDATE")
_CLOCKS = Statement(
    "clocks_of_cases",
    "SELECT id::text, case_id::text, limit_id, started_on, entries,"
    " ARRAY(SELECT rung FROM firings WHERE clock_id = clocks.id) AS fired"
    " FROM clocks WHERE case_id = ANY(CAST(CAST(:ids AS text[]) AS uuid[])) ORDER BY id",
)
_STORE_CASES = Statement(
    "tracked_cases_store",
    "INSERT INTO tracked_cases SELECT * FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS new (id uuid, source text,"
    " number text, procedure text, rules text, state text, applicant text, applicant_name text, email text, lab text,"
    " heard integer, events integer) ON CONFLICT (id) DO UPDATE SET procedure = excluded.procedure,"
    " rules = excluded.rules, email = excluded.email, lab = excluded.lab,"
    " state = excluded.state, heard = excluded.heard, applicant_name = excluded.applicant_name,"
    " events = excluded.events",
)
_STORE_CLOCKS = Statement(
    "clocks_store",
    "INSERT INTO clocks SELECT * FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS new (id uuid, case_id uuid,"
    " limit_id text, started_on date, entries jsonb, state text, due_on date, provisional boolean, calendar text,"
    " next_at timestamptz) ON CONFLICT (id) DO UPDATE SET entries = excluded.entries, state = excluded.state,"
    " due_on = excluded.due_on, provisional = excluded.provisional, calendar = excluded.calendar,"
    " next_at = excluded.next_at",
)
_STORE_FIRINGS = Statement(
    "firings_store",
    "INSERT INTO firings SELECT * FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS new (clock_id uuid, rung text,"
    " kind text, due_on date, fired_at timestamptz)",
)
