"""Count open clocks again after a calendar is published, in bounded transactions beside other work."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING
from uuid import UUID

from services.notifications.clocks.book import Book
from services.notifications.clocks.moves import moved
from services.notifications.clocks.rules import midnight
from services.notifications.messages.collected import Messages
from shared.calendars import current
from shared.law import Calendars, load
from shared.messaging.envelope import new_id
from shared.observability import get_logger
from shared.sql import Statement

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from sqlalchemy import Connection

    from shared.law import Clock, Notice, RuleSet
    from shared.runtime.database import Store

log = get_logger(__name__)

PAGE = 5000
"""Clocks per transaction."""


def reproject(store: Store, now: datetime, *, mail: bool) -> int:
    """Count every open clock by the newest calendar and report those whose last day moves; returns how many.

    Idempotent, and safe in several processes at once: clocks counted by the newest calendar are skipped.
    """
    if not _pass_over(store):
        return 0
    moved = 0
    while True:
        with store.transaction() as tx:
            book = Book(Messages(mail=mail))
            cases = book.claim_outdated(tx)
            if not cases:
                log.info("clocks_counted_anew", moved=moved)
                return moved
            correlation = new_id()
            moved += sum(book.reproject(case_id, now, correlation) for case_id in list(cases))
            book.store(tx)


@dataclass(frozen=True, slots=True)
class Foreseen:
    """The effect of a notice on running clocks: `moves` counts clocks by days moved (negative: earlier); `settled`
    counts those whose last day is no longer provisional; `breached` counts moved clocks with a breach that stays
    recorded."""

    moves: Counter[int] = field(default_factory=Counter)
    settled: int = 0
    breached: int = 0

    @property
    def moving(self) -> int:
        return self.moves.total()


def foresee(tx: Connection, notice: Notice) -> Foreseen:
    """The effect of publishing the notice. Changes nothing."""
    calendars = current(tx)
    after = Calendars([*calendars.notices, replace(notice, number=len(calendars.notices) + 1)]).newest
    first = calendars.newest.first_change(after)
    if first is None:
        return Foreseen()
    moves: Counter[int] = Counter()
    settled = breached = 0
    for rules, clock in _running(tx, first):
        then = replace(clock, calendar=after)
        settled += clock.projection.provisional and not then.projection.provisional
        if move := moved(rules, clock, then, ()):
            moves[(date.fromisoformat(move["due_on"]) - date.fromisoformat(move["was"])).days] += 1
            breached += move["breach_recorded"]
    return Foreseen(moves, settled, breached)


def _running(tx: Connection, since: date) -> Iterator[tuple[RuleSet, Clock]]:
    """The clocks whose last day is `since` or later, with the rules of their cases."""
    after = str(UUID(int=0))
    while page := _RUNNING(tx, since=since, after=after).scalars().all():
        book = Book(Messages(mail=False))
        book.load(tx, page, lock=False)
        for case_id, clocks in book.clocks.items():
            rules = load(book.cases[case_id].rules)
            yield from ((rules, clock) for clock in clocks if (due := clock.projection.due_on) and due >= since)
        after = page[-1]


def _pass_over(store: Store) -> bool:
    """Set the newest version on clocks that no changed day can affect; returns whether clocks of an older one are left.

    These are clocks whose last day (or, while paused, whose whole ledger) and next rung lie before the first change. A
    later event or rung counts the clock again anyway.
    """
    with store.reading() as tx:
        calendars = current(tx)
        newest = calendars.newest
        oldest = _OLDEST(tx, version=newest.version).scalar()
    if oldest is None:
        return False
    first = calendars.at(oldest).first_change(newest) or date.max
    passed = PAGE
    while passed == PAGE:
        with store.transaction() as tx:
            asked = {"oldest": oldest, "version": newest.version, "first": first, "first_at": midnight(first)}
            passed = _PASS(tx, **asked).rowcount
    return True


_RUNNING = Statement(
    "clocks_running",
    "SELECT case_id::text FROM clocks WHERE due_on >= :since AND case_id > CAST(:after AS uuid)"
    f" GROUP BY case_id ORDER BY case_id LIMIT {PAGE}",
)
_OPEN = "state IN ('running', 'paused') AND calendar"
_OLDEST = Statement(
    "clocks_oldest",
    f"SELECT calendar FROM clocks WHERE {_OPEN} < :version ORDER BY calendar LIMIT 1",
)
# Everybody who changes a clock stores its calendar with it, so locking the clock's row is enough here.
_PASS = Statement(
    "clocks_pass",
    "UPDATE clocks SET calendar = :version WHERE id = ANY(ARRAY(SELECT id FROM clocks"
    f" WHERE {_OPEN} = :oldest AND (next_at IS NULL OR next_at < :first_at) AND (due_on < CAST(:first AS date)"
    " OR state = 'paused' AND NOT jsonb_path_exists(entries, '$[*] ? (@.on >= $first)',"
    f" jsonb_build_object('first', CAST(CAST(:first AS date) AS text)))) LIMIT {PAGE} FOR UPDATE SKIP LOCKED))",
)
