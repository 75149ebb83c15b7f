"""A mail server that takes what it is sent, or does not, as a test says."""

from __future__ import annotations

from contextlib import contextmanager
from email import message_from_bytes
from email.policy import default
from typing import TYPE_CHECKING, Any

from aiosmtpd.controller import Controller

from deploy.local.process import free_ports

if TYPE_CHECKING:
    from collections.abc import Iterator
    from email.message import EmailMessage


class MailServer:
    """`refusals` are its replies to recipients it does not take, by address; `reply` is that to the text of a mail."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.refusals: dict[str, str] = {}
        self.reply = "250 OK"
        self.url = ""

    def to(self, address: str) -> list[EmailMessage]:
        """The mails for the address, in the order they came."""
        return [mail for mail in self.mails if mail["To"] == address]

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any) -> str:  # noqa: N802 - aiosmtpd's name
        if address in self.refusals:
            return self.refusals[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        if self.reply.startswith("250"):
            self.mails.append(message_from_bytes(envelope.content, policy=default))
        return self.reply


@contextmanager
def mail_server() -> Iterator[MailServer]:
    """It listens at `url` within."""
    found = MailServer()
    (port,) = free_ports(1)
    controller = Controller(found, hostname="127.0.0.1", port=port)
    controller.start()
    found.url = f"smtp://127.0.0.1:{port}"
    try:
        yield found
    finally:
        controller.stop()
