"""What happens when time passes: rungs of ladders fire, and messages are sent."""

from __future__ import annotations

import smtplib
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from sqlalchemy import text

from services.notifications.book import Book
from shared.observability import get_logger
from shared.runtime.config import Timekeeping

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Row

    from shared.runtime.config import Settings
    from shared.runtime.database import Store

log = get_logger(__name__)

SWEEP_PAGE = 500
"""Cases per transaction: long enough to be cheap, short enough that nobody waits for it."""
MAIL_PAGE = 20
RETRY_SECONDS = (60, 300, 1800, 7200, 43200)
"""Delays before a message is tried again; after the last it has failed."""

_DUE_CASES = text(
    "SELECT DISTINCT case_id::text FROM (SELECT case_id FROM clocks WHERE next_at <= :now ORDER BY next_at LIMIT :page)"
    " AS due"
)
_FREE_CASES = text(
    "SELECT id::text FROM tracked_cases WHERE id = ANY(CAST(:ids AS uuid[])) ORDER BY id FOR UPDATE SKIP LOCKED"
)
_QUEUED = text(
    "SELECT id::text, address, subject, body, at, attempts FROM messages WHERE next_try_at <= :now"
    " ORDER BY next_try_at LIMIT 1 FOR UPDATE SKIP LOCKED"
)
_SENT = text("UPDATE messages SET state = 'sent', sent_at = :now, next_try_at = NULL, error = NULL WHERE id = :id")
_TRY_LATER = text(
    "UPDATE messages SET attempts = attempts + 1, error = :error,"
    " next_try_at = CAST(:now AS timestamptz) + make_interval(secs => :wait) WHERE id = :id"
)
_FAILED = text(
    "UPDATE messages SET attempts = attempts + 1, error = :error, state = 'failed', next_try_at = NULL WHERE id = :id"
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
            book = Book(mail=mail)
            book.load(tx, free)
            fired += sum(book.fire_due(case_id, now) for case_id in free)
            book.store(tx)


def pass_time(store: Store, settings: Settings, now: datetime) -> None:
    """What is done again and again. Where callers give the time, ladders wait for them to ask for a sweep."""
    if settings.timekeeping is Timekeeping.WALL:
        sweep(store, now, mail=bool(settings.smtp_url))
    if settings.smtp_url:
        send_mail(store, settings.smtp_url, settings.mail_from, now)


def send_mail(store: Store, smtp_url: str, mail_from: str, now: datetime) -> int:
    """Send what is queued, a page at most; how many went out."""
    sent = 0
    while sent < MAIL_PAGE and _send_next(store, smtp_url, mail_from, now):
        sent += 1
    return sent


def _send_next(store: Store, smtp_url: str, mail_from: str, now: datetime) -> bool:
    """Send one message; whether one went out. It may go out twice if the process dies before the commit."""
    with store.transaction() as tx:
        row = tx.execute(_QUEUED, {"now": now}).first()
        if row is None:
            return False
        try:
            _deliver(smtp_url, mail_from, row)
        except (OSError, smtplib.SMTPException) as error:
            later = {"id": row.id, "now": now, "error": repr(error)[:500]}
            log.warning("mail_not_sent", message=row.id, error=repr(error))
            if row.attempts < len(RETRY_SECONDS):
                tx.execute(_TRY_LATER, {**later, "wait": RETRY_SECONDS[row.attempts]})
            else:
                tx.execute(_FAILED, later)
            return False
        tx.execute(_SENT, {"id": row.id, "now": now})
        return True


def _deliver(smtp_url: str, mail_from: str, row: Row[tuple[object, ...]]) -> None:
    message = EmailMessage()
    message["Subject"] = " ".join(str(row.subject).split())
    message["From"] = mail_from
    message["To"] = row.address
    message["Date"] = format_datetime(row.at)
    # The same id at every try, so that a mail system can tell a repetition.
    message["Message-ID"] = make_msgid(idstring=row.id, domain="quanheng")
    message.set_content(row.body)
    url = urlsplit(smtp_url)
    encrypted = url.scheme == "smtps"
    connect = smtplib.SMTP_SSL if encrypted else smtplib.SMTP
    with connect(url.hostname or "localhost", url.port or (465 if encrypted else 25), timeout=10) as server:
        if url.username:
            server.login(unquote(url.username), unquote(url.password or ""))
        server.send_message(message)
