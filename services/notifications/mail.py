"""Mail: what is queued goes out over SMTP, and what could not be delivered is tried again, ever later."""

from __future__ import annotations

import smtplib
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from sqlalchemy import text

from shared.observability import get_logger

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Row

    from shared.runtime.database import Store

log = get_logger(__name__)

MAIL_PAGE = 20
RETRY_SECONDS = (60, 300, 1800, 7200, 43200)
"""Delays before a message is tried again; after the last it has failed."""

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
