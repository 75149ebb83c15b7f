"""The clocks of some cases in memory: load them together, change them, and store them in a few statements.

Event handling and sweeps both work on a Book, so a batch needs the same few round trips whatever its size.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING, Any

from services.notifications.cases import (
    CASE_NUMBERED,
    CASES,
    CASES_BEFORE,
    CASES_DUE,
    CASES_LOCKED,
    CASES_OUTDATED,
    STORE_CASES,
    TELL_CASES,
    TrackedCase,
    columns_of,
    heard,
)
from services.notifications.clocks.moves import basis, hearers, moved, told_of
from services.notifications.clocks.rows import (
    ADVANCE_CLOCKS,
    CLOCKS,
    CLOCKS_DUE,
    CLOCKS_OUTDATED,
    STORE_CLOCKS,
    STORE_FIRINGS,
    as_json,
    columns,
    entry_of,
    fired_of,
)
from services.notifications.clocks.rules import ladder, recipients, silence_of
from services.notifications.feed.log import Feed
from services.notifications.messages.collected import keep
from services.notifications.office.statistics import Times
from services.notifications.office.work import refresh
from shared.calendars import current
from shared.law import Calendars, Clock, Told, hear, load
from shared.messaging import outbox
from shared.messaging.envelope import Event, new_id
from shared.runtime import law_in_use
from shared.runtime.time import legal_date
from shared.sql import together
from shared.text import as_numbered

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from datetime import datetime

    from sqlalchemy import Connection

    from services.notifications.clocks.rules import Firing
    from services.notifications.messages.collected import Messages
    from shared.law import LawChange

EVENT_VERSION = 1
COMMISSIONED = "evaluation.commissioned"
"""By which a laboratory gets to know of a case."""


@dataclass(slots=True)
class Book:
    messages: Messages
    cases: dict[str, TrackedCase] = field(default_factory=dict)
    clocks: dict[str, list[Clock]] = field(default_factory=dict)
    calendars: Calendars = field(default_factory=Calendars)
    _heard: set[str] = field(default_factory=set)
    _told: set[str] = field(default_factory=set)
    _changed: dict[str, tuple[str, Clock]] = field(default_factory=dict)
    _advanced: dict[str, datetime | None] = field(default_factory=dict)
    _begun: set[tuple[str, str, date]] = field(default_factory=set)
    _fired: list[dict[str, Any]] = field(default_factory=list)
    _events: list[Event] = field(default_factory=list)
    _feed: Feed = field(default_factory=Feed)
    _times: Times = field(default_factory=Times)

    def load(self, tx: Connection, case_ids: Collection[str], *, lock: bool = True) -> None:
        """Load the cases and all their clocks, locked until the transaction ends."""
        ids = sorted(case_ids)
        for row in (CASES_LOCKED if lock else CASES)(tx, ids=ids):
            self.cases[row.id] = TrackedCase(**row._asdict())
        self._open(tx, CLOCKS(tx, ids=ids))

    def find(self, tx: Connection, number: str) -> TrackedCase | None:
        """Load the case with that number, in any spelling, and all its clocks, for reading."""
        row = CASE_NUMBERED(tx, typed=number, number=as_numbered(number)).first()
        if row is None:
            return None
        self.cases[row.id] = case = TrackedCase(**row._asdict())
        self._open(tx, CLOCKS(tx, ids=[case.id]))
        return case

    def claim_due(self, tx: Connection, now: datetime) -> Collection[str]:
        """Load and lock up to a page of cases with clocks due at `now`, and only those clocks; returns the case ids.

        Skips cases locked by another sweep or a consumer; they stay due until that one commits.
        """
        for row in CASES_DUE(tx, now=now):
            self.cases[row.id] = TrackedCase(**row._asdict())
        if self.cases:
            self._open(tx, CLOCKS_DUE(tx, ids=list(self.cases), now=now))
        return self.cases

    def claim_outdated(self, tx: Connection) -> Collection[str]:
        """Load and lock up to a page of cases with open clocks counted by an older calendar, and only those clocks."""
        version = current(tx).newest.version
        for row in CASES_OUTDATED(tx, version=version):
            self.cases[row.id] = TrackedCase(**row._asdict())
        if self.cases:
            self._open(tx, CLOCKS_OUTDATED(tx, ids=list(self.cases), version=version))
        return self.cases

    def claim_before(self, tx: Connection, change: LawChange) -> Collection[str]:
        """Load and lock up to a page of the permit's cases that have not been told of the change, without clocks."""
        for row in CASES_BEFORE(tx, procedure=change.permit, on=change.on):
            self.cases[row.id] = TrackedCase(**row._asdict())
        return self.cases

    def _open(self, tx: Connection, rows: Iterable[Any]) -> None:
        # Read after the clocks, so that every calendar they were counted by is known.
        self.calendars = current(tx)
        for row in rows:
            rule = load(self.cases[row.case_id].rules).limit(row.limit_id, row.law_on)
            entries = tuple(entry_of(rule, raw) for raw in row.entries)
            fired = frozenset(map(fired_of, row.fired))
            calendar = self.calendars.at(row.calendar)
            clock = Clock(row.id, rule, row.started_on, row.law_on, entries, fired, row.moved_on, calendar)
            self.clocks.setdefault(row.case_id, []).append(clock)

    def hear(self, event: Event) -> None:
        """Apply an event of a case: update the case, its clocks and its messages."""
        case = heard(self.cases.get(event.case_id), event)
        if case is None:
            return
        self.cases[case.id] = case
        self._heard.add(case.id)
        self._feed.add(case, event)
        on = date.fromisoformat(event.data["on"])
        rules = load(case.rules)
        undoing = rules.undoing(event.type, on)
        self._times.hear(case.id, event.type, on, undoing)
        self.reproject(case.id, event.time, event.correlation_id, event.id)
        clocks = self.clocks.setdefault(case.id, [])
        told = Told(event.type, on, event.data)
        after = hear(rules, case.procedure, clocks, told, self.calendars.newest)
        for index, clock in enumerate(after):
            if index == len(clocks):
                clocks.append(clock)
                self._put(case.id, index, replace(clock, id=new_id()), event.time)
                self._begun.add((case.rules, clock.rule.id, clock.law_on))
            elif clock is not clocks[index]:
                self._put(case.id, index, clock, event.time)
                if clock.projection.due_on is None:
                    # The sweep skips clocks that do not run, so a late end must be noticed here.
                    self._fire(case.id, index, event.time, event.correlation_id, event.id)
        self.messages.tell(case, event, on, clocks)
        if undoing and COMMISSIONED in undoing.undoes:
            # It is told that its commission has ended, and nothing of the case from then on.
            self.cases[case.id] = replace(case, lab=None)

    def fire_due(self, case_id: str, now: datetime) -> int:
        """Fire every rung of the case's clocks that is due at `now`, in order; returns how many."""
        correlation = new_id()
        self.reproject(case_id, now, correlation)
        fired = 0
        for index, clock in enumerate(self.clocks.get(case_id, ())):
            rung = self._fire(case_id, index, now, correlation, "")
            fired += rung
            if not rung:
                # The stored time was due but the clock is not: store it again with the right time.
                self._put(case_id, index, clock, now)
        return fired

    def reproject(self, case_id: str, now: datetime, correlation: str, causation: str = "") -> int:
        """Count the open clocks of the case by the newest calendar, and report those whose last day moves; returns how
        many.

        Runs before any other work on a clock, so that no rung fires for an outdated last day. Closed clocks and
        recorded breaches stay as they are.
        """
        newest, rules = self.calendars.newest, load(self.cases[case_id].rules)
        moves = []
        for index, clock in enumerate(self.clocks.get(case_id, ())):
            if clock.open and clock.calendar.version < newest.version:
                after = replace(clock, calendar=newest)
                self._put(case_id, index, after, now)
                if move := moved(rules, clock, after, self.calendars.since(clock.calendar.version)):
                    moves.append(move)
                    self._tell(case_id, "clock.moved", move, now, correlation, causation)
        if moves:
            self.messages.write(self.cases[case_id], "clock.moved", hearers(moves), told_of(moves), now)
        return len(moves)

    def change_law(self, case_id: str, change: LawChange, now: datetime) -> None:
        """Publish, once per case, that the change has come into force."""
        self.cases[case_id] = replace(self.cases[case_id], law_as_of=change.on)
        data = {
            "change": change.id,
            "kind": change.kind,
            "effective_on": change.on.isoformat(),
            **change.told._asdict(),
            **basis(change.basis),
        }
        self._tell(case_id, "law.changed", data, now, new_id(), "")

    def _put(self, case_id: str, index: int, clock: Clock, at: datetime) -> None:
        """Replace a clock and mark it for storing; note when a last day moved after a rung had fired."""
        before = self.clocks[case_id][index]
        if clock.fired and clock.projection.deadline != before.projection.deadline:
            clock = replace(clock, moved_on=legal_date(at))
        self.clocks[case_id][index] = clock
        self._changed[clock.id] = (case_id, clock)

    def _fire(self, case_id: str, index: int, now: datetime, correlation: str, causation: str) -> int:
        clock = self.clocks[case_id][index]
        rules = load(self.cases[case_id].rules)
        firings = ladder(rules, clock)
        due = [firing for firing in firings if firing.at <= now]
        for firing in due:
            self._ring(clock, case_id, firing, now, correlation, causation)
        if due:
            after = replace(clock, fired=clock.fired | {firing.told for firing in due})
            self.clocks[case_id][index] = after
            if clock.id in self._changed:
                self._changed[clock.id] = (case_id, after)
            else:
                self._advanced[clock.id] = firings[len(due)].at if len(due) < len(firings) else None
        return len(due)

    def store(self, tx: Connection) -> None:
        """Write all changes."""
        messages = self.messages.rows(tx)
        with together(tx):
            self._store(tx, messages)

    def _store(self, tx: Connection, messages: list[dict[str, Any]]) -> None:
        if self._heard:
            STORE_CASES(tx, rows=as_json([columns_of(self.cases[case_id]) for case_id in sorted(self._heard)]))
        if told := sorted(self._told - self._heard):
            cases = [self.cases[case_id] for case_id in told]
            law = [case.law_as_of and case.law_as_of.isoformat() for case in cases]
            TELL_CASES(tx, ids=told, events=[case.events for case in cases], law=law)
        if self._changed:
            changed = [columns(self.cases[case_id], clock) for case_id, clock in self._changed.values()]
            STORE_CLOCKS(tx, rows=as_json(changed))
        law_in_use.note(tx, "limit", self._begun)
        if self._advanced:
            moments = [at and at.isoformat() for at in self._advanced.values()]
            ADVANCE_CLOCKS(tx, ids=list(self._advanced), next_at=moments)
        if self._fired:
            STORE_FIRINGS(tx, rows=as_json(self._fired))
        keep(tx, messages)
        outbox.add(tx, self._events)
        self._feed.store(tx)
        # Late, because concurrent transactions that end something on the same day wait for these rows.
        self._times.store(tx, self.cases, self.clocks, self._changed.values(), self.calendars.newest)
        refresh(tx, {*self._heard, *(case_id for case_id, _ in self._changed.values())})

    def _ring(
        self, clock: Clock, case_id: str, firing: Firing, now: datetime, correlation: str, causation: str
    ) -> None:
        rule = clock.rule
        self._fired.append(
            {
                "clock_id": clock.id,
                "rung": firing.id,
                "kind": firing.kind,
                "due_on": firing.due_on,
                "fired_at": now,
                "day": firing.day,
            }
        )
        about = {
            "clock": clock.id,
            "limit": rule.id,
            "holder": rule.holder,
            "due_on": firing.due_on.isoformat(),
        }
        if firing.rung is None:
            silence = silence_of(load(self.cases[case_id].rules), clock)
            assert silence is not None  # noqa: S101 - only a limit of whose end the law makes something expires
            effect = {"effect": silence.effect, "started_on": clock.started_on.isoformat()}
            words = {**silence.told._asdict(), **basis(silence.basis)}
            self._tell(case_id, "clock.expired", {**about, **effect, **words}, now, correlation, causation)
            return
        kind = "clock.breached" if firing.kind == "breach" else "clock.reminded"
        words = {"rung": firing.id, "weight": rule.weight, **rule.name._asdict(), **basis(rule.basis)}
        began = clock.entries[0]
        why = {"why": began.reason._asdict()} if began.reason else {}
        data = self._tell(case_id, kind, {**about, **words, **why}, now, correlation, causation)
        first = clock.entries[0].begins or firing.due_on
        context = {**data, "begins_on": first.isoformat()}
        self.messages.write(self.cases[case_id], firing.rung.template, recipients(firing.rung, rule), context, now)

    def _tell(
        self, case_id: str, kind: str, about: Mapping[str, Any], now: datetime, correlation: str, causation: str
    ) -> Mapping[str, Any]:
        """Publish the next event of this service about the case; returns its data."""
        case = self.cases[case_id]
        self.cases[case_id] = case = replace(case, events=case.events + 1)
        self._told.add(case_id)
        event = Event(
            id=new_id(),
            source="notifications",
            type=kind,
            version=EVENT_VERSION,
            subject=case.number,
            time=now,
            actor="system",
            case_id=case.id,
            case_seq=case.events,
            correlation_id=correlation,
            causation_id=causation,
            data={"on": legal_date(now).isoformat(), "state": case.state, **about},
        )
        self._events.append(event)
        self._feed.add(case, event)
        return event.data
