"""Mail: what is queued goes out over SMTP."""

from __future__ import annotations

import smtplib
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from typing import TYPE_CHECKING, Self
from urllib.parse import unquote, urlsplit

from services.notifications.channels import LEASE, NotDelivered, attempt
from shared.sql import Statement

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from types import TracebackType

    from shared.runtime.database import Store

MAIL_PAGE = 20
SMTP_SECONDS = 10
"""How long the mail server may take for each of its answers."""
FINAL = 500
"""Replies from this one on are not to be asked for again (RFC 5321, 4.2.1)."""


@dataclass(frozen=True, slots=True)
class Letter:
    """A message on its way; `tries` counts those begun."""

    id: str
    address: str
    subject: str
    body: str
    at: datetime
    tries: int


class Mail:
    """The mail server, over one connection; once it does not answer, it is not asked again."""

    name = "mail"
    waits = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 30, 2 * 60, 8 * 60, 24 * 60))

    def __init__(self, url: str, sender: str) -> None:
        self._url = urlsplit(url)
        self._sender = sender
        self._server: smtplib.SMTP | None = None
        self._down: str | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._server is not None:
            with suppress(OSError):
                self._server.quit()

    def deliver(self, letter: Letter, /) -> None:
        if self._down:
            raise NotDelivered(self._down)
        try:
            self._connected().send_message(self._written(letter))
        except smtplib.SMTPRecipientsRefused as refusal:
            ((code, reason),) = refusal.recipients.values()
            raise NotDelivered(f"{code} {reason.decode(errors='replace')}", again=code < FINAL) from refusal
        except smtplib.SMTPDataError as refusal:
            raise NotDelivered(repr(refusal), again=refusal.smtp_code < FINAL) from refusal
        except (ValueError, smtplib.SMTPNotSupportedError) as error:
            # It cannot be written as a mail, or not as one that this server takes.
            raise NotDelivered(repr(error), again=False) from error
        except OSError as error:
            # Of the connection or the server: nothing is wrong with the letter.
            self._down = repr(error)
            raise NotDelivered(self._down) from error

    def _connected(self) -> smtplib.SMTP:
        if self._server is None:
            encrypted = self._url.scheme == "smtps"
            connect = smtplib.SMTP_SSL if encrypted else smtplib.SMTP
            host, port = self._url.hostname or "localhost", self._url.port or (465 if encrypted else 25)
            self._server = connect(host, port, timeout=SMTP_SECONDS)
            if self._url.username:
                self._server.login(unquote(self._url.username), unquote(self._url.password or ""))
        return self._server

    def _written(self, letter: Letter) -> EmailMessage:
        message = EmailMessage()
        message["Subject"] = " ".join(letter.subject.split())
        message["From"] = self._sender
        message["To"] = letter.address
        message["Date"] = format_datetime(letter.at)
        # The same id at every try, so that a mail system can tell a repetition.
        message["Message-ID"] = f"<{letter.id}@quanheng>"
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(letter.body)
        return message


def send_mail(store: Store, smtp_url: str, mail_from: str, now: datetime) -> int:
    """Send what is queued, a page at most; how many went out. One goes out twice if the process is lost meanwhile."""
    sent = 0
    letters = take(store, now)
    if letters:
        with Mail(smtp_url, mail_from) as mail:
            sent = sum(_send(store, mail, letter, now) for letter in letters)
    return sent


def take(store: Store, now: datetime) -> Sequence[Letter]:
    """Take a page of what is due in hand: each try is counted as it begins, so that none costs a process for ever."""
    with store.transaction() as tx:
        return [Letter(*row) for row in _TAKE(tx, now=now, until=now + LEASE)]


def _send(store: Store, mail: Mail, letter: Letter, now: datetime) -> bool:
    outcome = attempt(mail, letter, key=letter.id, tries=letter.tries, now=now)
    with store.transaction() as tx:
        _RECORD(tx, id=letter.id, now=now, error=outcome.error, next_try=outcome.next_try_at)
    return outcome.delivered


_TAKE = Statement(
    "messages_take",
    "UPDATE messages SET attempts = attempts + 1, next_try_at = :until WHERE id = ANY(ARRAY("
    f"SELECT id FROM messages WHERE next_try_at <= :now ORDER BY next_try_at LIMIT {MAIL_PAGE} FOR UPDATE SKIP LOCKED))"
    " RETURNING id::text, address, subject, body, at, attempts",
)
_RECORD = Statement(
    "messages_record",
    "UPDATE messages SET error = :error, next_try_at = CAST(:next_try AS timestamptz),"
    " sent_at = CASE WHEN CAST(:error AS text) IS NULL THEN CAST(:now AS timestamptz) END,"
    " state = CASE WHEN CAST(:error AS text) IS NULL THEN 'sent' WHEN CAST(:next_try AS timestamptz) IS NULL"
    " THEN 'failed' ELSE 'queued' END WHERE id = CAST(CAST(:id AS text) AS uuid)",
)
