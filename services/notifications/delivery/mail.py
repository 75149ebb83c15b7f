"""Mail: send queued messages over SMTP."""

from __future__ import annotations

import re
import smtplib
import ssl
import unicodedata
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from email.header import Header
from email.mime.text import MIMEText
from email.utils import format_datetime, formataddr
from typing import TYPE_CHECKING, Any, Self

from services.notifications.delivery.channels import LEASE, ChannelDown, NotDelivered, attempt
from shared.mail import MailServer, Sender, on_wire
from shared.sql import Statement

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from types import TracebackType

    from shared.runtime.database import Store

MAIL_PAGE = 20
SECONDS = 10
"""Timeout for each reply of the mail server."""
FINAL = 500
"""Reply codes from here on are permanent failures (RFC 5321, 4.2.1)."""
OF_CHANNEL = frozenset({421, 454, 530, 534, 535, 538})
"""Reply codes about the connection, its encryption or the login, to any command (RFC 5321, 3207, 4954)."""
_OF_LOGIN = re.compile(r"[45]\.(5\.1|7\.(8|9|10|11|12))\b|.*(authentication|STARTTLS)", re.IGNORECASE)
"""Replies that ask for a login, encryption or another order of commands, under any code (RFC 3463, 4954)."""
_OF_POLICY = re.compile(r"[45]\.7\.", re.ASCII)
"""Replies about what the server may pass on, such as `554 5.7.1 Relay access denied`: its operator can fix that."""
TOO_LARGE = 552


@dataclass(frozen=True, slots=True)
class Letter:
    """A message to send; `tries` counts the attempts started."""

    id: str
    address: str
    subject: str
    body: str
    at: datetime
    tries: int


class Mail:
    """The mail channel: one connection at a time; once the server is unusable, it is not tried again."""

    name = "mail"
    waits = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 30, 2 * 60, 8 * 60, 24 * 60))

    def __init__(self, url: str, sender: str) -> None:
        self._server = MailServer.parse(url)
        self._sender = Sender.parse(sender)
        self._connection: smtplib.SMTP | None = None
        self._carried = 0
        self._down: str | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._connection is not None:
            with suppress(OSError):
                self._connection.quit()

    def deliver(self, letter: Letter, /) -> None:
        """Raises NotDelivered if the server rejects this message, ChannelDown if it accepts none."""
        if self._down:
            raise ChannelDown(self._down)
        try:
            address = on_wire(letter.address)
            mail = self.written(letter, address)
        except ValueError as error:
            raise NotDelivered(f"the address cannot be used: {error}", again=False) from error
        try:
            connection = self._connected()
        except (OSError, ValueError) as error:  # smtplib raises ValueError for a login that is not ASCII
            raise self._broken(error) from error
        try:
            connection.send_message(mail, self._sender.address, [address])
        except smtplib.SMTPRecipientsRefused as refusal:
            ((code, reason),) = refusal.recipients.values()
            raise self._refused(code, reason) from refusal
        except smtplib.SMTPDataError as refusal:
            raise self._refused(refusal.smtp_code, refusal.smtp_error) from refusal
        except smtplib.SMTPSenderRefused as refusal:
            # The sender is the same for all messages, but some servers reject a too large message here.
            if refusal.smtp_code == TOO_LARGE:
                raise self._refused(refusal.smtp_code, refusal.smtp_error) from refusal
            raise self._broken(refusal) from refusal
        except OSError as error:
            raise self._broken(error) from error
        finally:
            self._carried += 1

    def _refused(self, code: int, reason: bytes | str) -> NotDelivered:
        """The failure that a reply to recipient or text stands for."""
        text = reason.decode(errors="replace") if isinstance(reason, bytes) else reason
        said = f"{code} {text}"
        if code in OF_CHANNEL or _OF_LOGIN.match(text):
            return self._broken(OSError(said))
        return NotDelivered(said, again=code < FINAL or _OF_POLICY.match(text) is not None)

    def _broken(self, error: Exception) -> ChannelDown:
        """The message is not at fault. If this connection delivered others before, the server may just have closed it,
        and the next message gets a new one; a connection that fails at once marks the server as unusable."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        if not self._carried:
            self._down = repr(error)
        return ChannelDown(repr(error))

    def _connected(self) -> smtplib.SMTP:
        if self._connection is None:
            self._carried = 0
            self._connection = self._connect()
        return self._connection

    def _connect(self) -> smtplib.SMTP:
        """Connect, encrypt if the server can, and log in. Raises OSError."""
        server = self._server
        if server.encryption == "implicit":
            trusted = ssl.create_default_context()
            connection: smtplib.SMTP = smtplib.SMTP_SSL(server.host, server.port, timeout=SECONDS, context=trusted)
        else:
            connection = smtplib.SMTP(server.host, server.port, timeout=SECONDS)
        try:
            connection.ehlo_or_helo_if_needed()
            if server.encryption == "required":
                connection.starttls(context=ssl.create_default_context())
            elif server.encryption == "offered" and connection.has_extn("starttls"):
                connection.starttls(context=_UNCHECKED)
            if server.user:
                connection.login(server.user, server.password)
        except BaseException:
            connection.close()
            raise
        return connection

    def written(self, letter: Letter, address: str) -> MIMEText:
        """The mail message. The subject is encoded as a whole (RFC 2047), so that no space is lost."""
        mail = MIMEText(letter.body, "plain", "utf-8")
        # Typed as str, but RFC 2047 encoding needs a Header.
        subject: Any = Header(_one_line(letter.subject), "utf-8", header_name="Subject")
        mail["Subject"] = subject
        mail["From"] = formataddr((self._sender.name, self._sender.address))
        mail["To"] = address
        mail["Date"] = format_datetime(letter.at)
        # The same id on every attempt, so that a mail system can detect duplicates.
        mail["Message-ID"] = f"<{letter.id}@{self._sender.domain}>"
        mail["Auto-Submitted"] = "auto-generated"
        return mail


def _unchecked() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def _one_line(subject: str) -> str:
    """Replace control characters and line separators by spaces."""
    return "".join(" " if unicodedata.category(char) in {"Cc", "Zl", "Zp"} else char for char in subject)


def send_mail(store: Store, smtp_url: str, mail_from: str, now: datetime) -> int:
    """Send up to a page of queued messages; returns how many. If the process is lost meanwhile, one may be sent
    twice."""
    sent = 0
    letters = take(store, now)
    if letters:
        with Mail(smtp_url, mail_from) as mail:
            sent = sum(_send(store, mail, letter, now) for letter in letters)
    return sent


def take(store: Store, now: datetime) -> Sequence[Letter]:
    """Claim a page of due messages. Attempts count from their start, so a message that crashes the process gives up
    too."""
    with store.transaction() as tx:
        return [Letter(**row._asdict()) for row in _TAKE(tx, now=now, until=now + LEASE)]


def _send(store: Store, mail: Mail, letter: Letter, now: datetime) -> bool:
    outcome = attempt(mail, letter, key=letter.id, tries=letter.tries, now=now)
    with store.transaction() as tx:
        tries = letter.tries - (not outcome.counts)
        _RECORD(tx, id=letter.id, now=now, error=outcome.error, next_try=outcome.next_try_at, tries=tries)
    return outcome.delivered


_UNCHECKED = _unchecked()

_TAKE = Statement(
    "messages_take",
    "UPDATE messages SET attempts = attempts + 1, next_try_at = :until WHERE id = ANY(ARRAY("
    f"SELECT id FROM messages WHERE next_try_at <= :now ORDER BY next_try_at LIMIT {MAIL_PAGE} FOR UPDATE SKIP LOCKED))"
    " RETURNING id::text, address, subject, body, at, attempts AS tries",
)
_RECORD = Statement(
    "messages_record",
    "UPDATE messages SET error = :error, attempts = :tries, next_try_at = CAST(:next_try AS timestamptz),"
    " sent_at = CASE WHEN CAST(:error AS text) IS NULL THEN CAST(:now AS timestamptz) END,"
    " state = CASE WHEN CAST(:error AS text) IS NULL THEN 'sent' WHEN CAST(:next_try AS timestamptz) IS NULL"
    " THEN 'failed' ELSE 'queued' END WHERE id = CAST(CAST(:id AS text) AS uuid)",
)
