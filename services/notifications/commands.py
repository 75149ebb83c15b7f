"""What happens when time passes: rungs of ladders fire, and messages are sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import text

from services.notifications.book import Book
from services.notifications.mail import send_mail
from services.notifications.messages import Messages
from shared.runtime.config import Timekeeping

if TYPE_CHECKING:
    from datetime import datetime

    from shared.runtime.config import Settings
    from shared.runtime.database import Store

SWEEP_PAGE = 500
"""Cases per transaction: long enough to be cheap, short enough that nobody waits for it."""

_DUE_CASES = text(
    "SELECT DISTINCT case_id::text FROM (SELECT case_id FROM clocks WHERE next_at <= :now ORDER BY next_at LIMIT :page)"
    " AS due"
)
_FREE_CASES = text(
    "SELECT id::text FROM tracked_cases WHERE id = ANY(CAST(:ids AS uuid[])) ORDER BY id FOR UPDATE SKIP LOCKED"
)


def sweep(store: Store, now: datetime, *, mail: bool) -> int:
    """Fire every rung that is due at `now`, in bounded transactions; how many. Any number may sweep at once."""
    fired = 0
    while True:
        with store.transaction() as tx:
            due = list(tx.execute(_DUE_CASES, {"now": now, "page": SWEEP_PAGE}).scalars())
            # What another sweep or a consumer has in hand is theirs; it is due again as soon as they are done.
            free = list(tx.execute(_FREE_CASES, {"ids": due}).scalars())
            if not free:
                return fired
            book = Book(Messages(mail=mail))
            book.load(tx, free)
            fired += sum(book.fire_due(case_id, now) for case_id in free)
            book.store(tx)


def pass_time(store: Store, settings: Settings, now: datetime) -> None:
    """What is done again and again. Where callers give the time, ladders wait for them to ask for a sweep."""
    if settings.timekeeping is Timekeeping.WALL:
        sweep(store, now, mail=bool(settings.smtp_url))
    if settings.smtp_url:
        send_mail(store, settings.smtp_url, settings.mail_from, now)
