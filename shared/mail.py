"""Mail addresses and the mail server's settings."""

from __future__ import annotations

import re
from dataclasses import dataclass
from email.utils import parseaddr
from typing import Any, Literal, Self
from urllib.parse import parse_qsl, unquote, urlsplit

import idna
from marshmallow import fields, validate

from shared.problems import ToldError
from shared.schemas import is_legible
from shared.validators import refusal

MAX_ADDRESS = 254
"""RFC 5321, 4.5.3.1.3: a path of 256 with its brackets."""
MAX_LOCAL = 64
_LOCAL = re.compile(r"\[.*\]|(.*\.)?(localhost|local|invalid|[0-9]+)\.?", re.IGNORECASE)
"""Address literals and names that mean another host to everybody (RFC 6761, 6762)."""
_PORTS = {"smtp": 25, "smtps": 465}


class AddressError(ToldError):
    """An address that no mail can reach."""


def on_wire(address: str) -> str:
    """The address in ASCII, as every mail server accepts it: the domain as `xn--…` (IDNA 2008), the rest unchanged.

    Raises AddressError if no mail can reach it.
    """
    local, _, domain = address.rpartition("@")
    if not local or len(local) > MAX_LOCAL:
        raise AddressError(
            f"“@”前有{len(local)}个字符，应为1至{MAX_LOCAL}个",
            f"the part before the @ has {len(local)} characters: 1 to {MAX_LOCAL} are allowed",
        )
    if not (local.isascii() and local.isprintable()) or " " in local:
        odd = next(char for char in local if not ("!" <= char <= "~"))
        raise AddressError(
            f"“@”前有U+{ord(odd):04X}：邮件服务器只接受ASCII字母、数字和符号",
            f"the part before the @ has U+{ord(odd):04X}: mail servers take ASCII letters, digits and signs",
        )
    try:
        # Keep ASCII domains unchanged: internal mail servers may have names that are not valid public hosts.
        reached = domain if domain.isascii() and "xn--" not in domain else _encoded(domain)
    except idna.IDNAError as error:
        raise AddressError(f"{domain}不是域名（{error}）", f"{domain} is not a domain: {error}") from None
    if not reached or not reached.isprintable() or {*' <>@,;:"'} & {*reached}:
        raise AddressError(f"“{domain}”不是域名", f"{domain!r} is not a domain")
    if len(local) + 1 + len(reached) > MAX_ADDRESS:
        raise AddressError(
            f"域名写成xn--…后超过{MAX_ADDRESS}个字符",
            f"it is longer than {MAX_ADDRESS} characters, with the domain written as xn--…",
        )
    return f"{local}@{reached}"


def _encoded(domain: str) -> str:
    return idna.encode(domain, uts46=True, std3_rules=True).decode()


class MailAddress(fields.Email):
    """A deliverable e-mail address. It is stored as entered, and mail is sent to the form from `on_wire`."""

    def __init__(self, **more: Any) -> None:
        super().__init__(required=True, **more)
        self.validators.append(validate.Length(max=MAX_ADDRESS))

    def _validate(self, value: str) -> None:
        is_legible(value)
        super()._validate(value)
        domain = value.rpartition("@")[2]
        try:
            on_wire(value)
        except AddressError as error:
            raise refusal("unreachable", *error.told) from None
        if _LOCAL.fullmatch(domain):
            raise refusal(
                "unreachable", f"{domain}不是外部可以投递的域名", f"{domain} is not a domain that others can reach"
            )


@dataclass(frozen=True, slots=True)
class Sender:
    """The sender: address and display name."""

    address: str
    name: str = ""

    @classmethod
    def parse(cls, text: str) -> Self:
        """`权衡 <office@example.org>`, or the address alone. Raises ValueError."""
        name, address = parseaddr(text)
        return cls(on_wire(address), name)

    @property
    def domain(self) -> str:
        return self.address.rpartition("@")[2]


@dataclass(frozen=True, slots=True)
class MailServer:
    """The mail server. `encryption`: `implicit` from the first byte, `required` by STARTTLS before anything else, or
    `offered`: STARTTLS if the server supports it. With `offered` the certificate is not checked, because an attacker
    could just as well suppress STARTTLS."""

    host: str
    port: int
    encryption: Literal["implicit", "required", "offered"]
    user: str = ""
    password: str = ""

    @classmethod
    def parse(cls, url: str) -> Self:
        """`smtp://user:password@host:587?starttls=required`, or `smtps://…`. Raises ValueError."""
        parts = urlsplit(url)
        if parts.scheme not in _PORTS or not parts.hostname:
            raise ValueError("begin with smtp:// or smtps:// and the name of the server")
        asked = dict(parse_qsl(parts.query, keep_blank_values=True))
        starttls = asked.pop("starttls", "offered")
        if asked or starttls not in {"offered", "required"} or (parts.scheme == "smtps" and parts.query):
            raise ValueError("the only parameter is starttls=required or starttls=offered, and smtps:// takes none")
        encryption: Any = "implicit" if parts.scheme == "smtps" else starttls
        user, password = unquote(parts.username or ""), unquote(parts.password or "")
        return cls(parts.hostname, parts.port or _PORTS[parts.scheme], encryption, user, password)
