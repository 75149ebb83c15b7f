"""Counting open clocks anew after a calendar was published, in bounded transactions beside all other work."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from services.notifications.book import Book
from services.notifications.messages import Messages
from services.notifications.rules import midnight
from shared.calendars import current
from shared.messaging.envelope import new_id
from shared.sql import Statement

if TYPE_CHECKING:
    from datetime import datetime

    from shared.runtime.database import Store

PAGE = 5000
"""Clocks passed over in one transaction."""


def reproject(store: Store, now: datetime, *, mail: bool) -> int:
    """Count every open clock by the newest calendar and tell of those whose last day moves; how many.

    Any number of processes at once, any number of times: what is counted by the newest calendar is left alone.
    """
    if not _pass_over(store):
        return 0
    moved = 0
    while True:
        with store.transaction() as tx:
            book = Book(Messages(mail=mail))
            cases = book.claim_outdated(tx)
            if not cases:
                return moved
            correlation = new_id()
            moved += sum(book.recount(case_id, now, correlation) for case_id in list(cases))
            book.store(tx)


def _pass_over(store: Store) -> bool:
    """Give the newest version to clocks that no changed day can touch; whether clocks of an older one are left.

    Their last day and their next rung lie before the first change. A rung that fires has the clock counted anew.
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


_OPEN = "state IN ('running', 'paused') AND calendar"
_OLDEST = Statement(
    "clocks_oldest",
    f"SELECT calendar FROM clocks WHERE {_OPEN} < :version ORDER BY calendar LIMIT 1",
)
# Whoever has the clock in hand stores it with the calendar it was counted by, so its row alone need be locked here.
_PASS = Statement(
    "clocks_pass",
    "UPDATE clocks SET calendar = :version WHERE id = ANY(ARRAY(SELECT id FROM clocks"
    f" WHERE {_OPEN} = :oldest AND due_on < :first AND (next_at IS NULL OR next_at < :first_at)"
    f" LIMIT {PAGE} FOR UPDATE SKIP LOCKED))",
)
