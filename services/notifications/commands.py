"""What happens as time passes: fire rungs, publish changes of the law, compose digests."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services.notifications.clocks.book import Book
from services.notifications.clocks.reprojection import reproject
from services.notifications.messages.collected import Messages
from services.notifications.messages.digest import compose
from shared.law import load
from shared.runtime.config import Timekeeping
from shared.runtime.time import legal_date

if TYPE_CHECKING:
    from datetime import datetime

    from shared.law import RuleSet
    from shared.runtime.config import Settings
    from shared.runtime.database import Store


def sweep(store: Store, rules: RuleSet, now: datetime, *, mail: bool) -> int:
    """Fire every rung that is due at `now`, and publish the changes of the law in `rules` that are in force by then.

    Uses bounded transactions; several sweeps may run at once. Returns the number of rungs fired and changes published.
    """
    return _fire_due(store, now, mail=mail) + _tell_changes(store, rules, now)


def _fire_due(store: Store, now: datetime, *, mail: bool) -> int:
    fired = 0
    while True:
        with store.transaction() as tx:
            book = Book(Messages(mail=mail))
            cases = book.claim_due(tx, now)
            if not cases:
                return fired
            fired += sum(book.fire_due(case_id, now) for case_id in cases)
            book.store(tx)


def _tell_changes(store: Store, rules: RuleSet, now: datetime) -> int:
    told = 0
    for change in sorted(rules.transitions, key=lambda change: change.on):
        while change.on <= legal_date(now):
            with store.transaction() as tx:
                book = Book(Messages(mail=False))
                cases = book.claim_before(tx, change)
                for case_id in list(cases):
                    book.change_law(case_id, change, now)
                book.store(tx)
            told += len(cases)
            if not cases:
                break
    return told


def pass_time(store: Store, settings: Settings, now: datetime) -> None:
    """Periodic work. Where callers give the time, ladders fire only when a caller asks for a sweep."""
    if settings.timekeeping is Timekeeping.WALL:
        sweep(store, load(settings.rules), now, mail=bool(settings.smtp_url))
        compose(store, now)


def follow_calendars(store: Store, settings: Settings, now: datetime) -> None:
    """Count open clocks by the newest calendar, unless callers give the time."""
    if settings.timekeeping is Timekeeping.WALL:
        reproject(store, now, mail=bool(settings.smtp_url))
