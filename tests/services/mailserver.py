"""A mail server that accepts or rejects mail as a test configures."""

from __future__ import annotations

from contextlib import contextmanager
from email import message_from_bytes
from email.policy import default
from typing import TYPE_CHECKING, Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

from deploy.local.process import free_ports

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterator
    from email.message import EmailMessage


class MailServer:
    """`refusals` are its replies to recipients it does not take, by address; `reply` is that to the text of a mail, and
    `drops` are recipients at whose mail it hangs up. With a `password`, it takes mail from the user `office` alone."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.raw: list[bytes] = []
        self.encrypted: list[bool] = []
        self.refusals: dict[str, str] = {}
        self.drops: set[str] = set()
        self.reply = "250 OK"
        self.password: str | None = None
        self.url = ""

    def logs_in(self, _server: Any, _session: Any, _envelope: Any, _mechanism: str, data: Any) -> AuthResult:
        return AuthResult(success=data == LoginPassword(b"office", (self.password or "").encode()), handled=False)

    def to(self, address: str) -> list[EmailMessage]:
        """The mails for the address, in the order they came."""
        return [mail for mail in self.mails if mail["To"] == address]

    async def handle_RCPT(self, server: Any, _session: Any, envelope: Any, address: str, _options: Any) -> str:  # noqa: N802 - aiosmtpd's name
        if address in self.drops:
            server.transport.abort()
        if address in self.refusals:
            return self.refusals[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        if self.reply.startswith("250"):
            self.raw.append(envelope.content)
            self.encrypted.append(session.ssl is not None)
            self.mails.append(message_from_bytes(envelope.content, policy=default))
        return self.reply


@contextmanager
def mail_server(*, tls: ssl.SSLContext | None = None, password: str | None = None) -> Iterator[MailServer]:
    """It listens at `url` within. With `tls` it offers STARTTLS, and with a `password` AUTH, where there is TLS after
    that alone."""
    found = MailServer()
    found.password = password
    (port,) = free_ports(1)
    login = {"authenticator": found.logs_in, "auth_required": True, "auth_require_tls": tls is not None}
    within = {"ready_timeout": 60.0}  # on a busy machine
    controller = Controller(
        found, hostname="127.0.0.1", port=port, tls_context=tls, **within, **(login if password is not None else {})
    )
    controller.start()
    user = f"office:{password}@" if password is not None else ""
    found.url = f"smtp://{user}127.0.0.1:{port}"
    try:
        yield found
    finally:
        controller.stop()
