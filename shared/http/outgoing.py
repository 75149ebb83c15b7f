"""Requests to URLs given by users: only to public addresses, and in bounded time (SSRF guard, OWASP API7:2023).

A host name is resolved once per request, all its addresses must be public, and the connection goes to one of the
addresses checked, so a change of DNS in between (DNS rebinding) has no effect. Redirects are not followed.
"""

from __future__ import annotations

import re
import socket
import ssl
import time
from contextlib import closing, suppress
from dataclasses import dataclass
from functools import cached_property
from http.client import HTTPConnection, HTTPException
from ipaddress import IPv6Address, ip_address, ip_network
from threading import Timer
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import SplitResult, urlsplit

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    Resolve = Callable[[str, int], Sequence[str]]

CONNECT_SECONDS = 5.0
WHOLE_SECONDS = 10.0
BODY_SECONDS = 1.0
MAX_ANSWER_BYTES = 4096
"""How much of a response body is read and discarded, so that the sender's write succeeds."""
HTTPS_PORT = 443

_HOST = re.compile(r"[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?\.?")
_GLOBAL_UNICAST = ip_network("2000::/3")
_NOT_PUBLIC = tuple(
    map(
        ip_network,
        (
            "192.0.0.0/24",  # RFC 6890; Python 3.11 knows only a part
            "192.88.99.0/24",  # RFC 7526, the former 6to4 relays
            "168.63.129.16/32",  # Azure's platform address, reachable only from its guests
            "2001::/23",  # RFC 2928, includes Teredo, which embeds IPv4 addresses
            "2002::/16",  # 6to4, embeds IPv4 addresses
            "3fff::/20",  # RFC 9637, for documentation
        ),
    )
)


class OutgoingError(Exception):
    """A request without a response. `outcome` is a code: no_public_address, unreachable, insecure or timed_out."""

    def __init__(self, outcome: str, detail: str) -> None:
        super().__init__(f"{outcome}: {detail}")
        self.outcome = outcome
        self.detail = detail


class Reply(NamedTuple):
    """The response: its status, and its header Retry-After unparsed."""

    status: int
    retry_after: str | None


def is_public(address: str) -> bool:
    """Whether an IP address is public and does not stand for another address.

    IPv4 embedded in IPv6 (mapped, translated, tunnelled) does not count as public: the embedded address would need a
    check of its own.
    """
    ip = ip_address(address)
    if isinstance(ip, IPv6Address) and (ip.scope_id is not None or ip not in _GLOBAL_UNICAST):
        return False
    return (
        ip.is_global
        and not (ip.is_multicast or ip.is_reserved or ip.is_unspecified)
        and not any(ip in network for network in _NOT_PUBLIC if network.version == ip.version)
    )


def resolve(host: str, port: int) -> list[str]:
    """The addresses of a host name, in the order in which the system would try them. Raises OSError."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except UnicodeError as error:
        raise OSError(f"{host} is not a host name: {error}") from None
    return list(dict.fromkeys(str(place[0]) for *_, place in found))


@dataclass(frozen=True)
class Outgoing:
    """The outgoing HTTP client: which addresses are allowed, and the timeouts.

    `private` also allows any address and port, and plain http: for development only. `trust` is the TLS context with
    the trusted certificates; default: the machine's.
    """

    private: bool
    resolve: Resolve = resolve
    trust: ssl.SSLContext | None = None
    connect_seconds: float = CONNECT_SECONDS
    whole_seconds: float = WHOLE_SECONDS

    def faults(self, url: str) -> list[str]:
        """The reasons against sending to `url`, each as `code: text`; resolves its host name."""
        try:
            parts = urlsplit(url)
            host, port = parts.hostname or "", parts.port
        except ValueError as error:
            return [f"not_a_url: {error}"]
        found = []
        if not url.isascii() or not url.isprintable() or {" ", "\\"} & {*url}:
            found.append("not_ascii: write it in ASCII, the path percent-encoded, the host as xn--…")
        if parts.scheme != "https" and not (self.private and parts.scheme == "http"):
            found.append("not_https: begin with https://")
        if parts.username is not None or parts.password is not None:
            found.append("credentials: omit user name and password; the signature identifies the sender")
        if parts.fragment:
            found.append("fragment: omit what follows #, it is never sent")
        if not _is_host(host):
            found.append("no_host: give a host, as in https://hooks.example.com/quanheng")
        if port not in (None, HTTPS_PORT) and not self.private:
            found.append(f"port: {port} is not allowed, use {HTTPS_PORT}")
        if not found and not self.private and not self._addresses(parts):
            found.append(f"no_public_address: {host} cannot be resolved, or has an address that is not public")
        return found

    def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Reply:
        """Send `body` to `url`, which must be well-formed (see `faults`). Raises OutgoingError."""
        until = time.monotonic() + self.whole_seconds
        parts = urlsplit(url)
        addresses = self._addresses(parts)
        if not addresses:
            raise OutgoingError(
                "no_public_address", "the host name cannot be resolved, or has an address that is not public"
            )
        try:
            plain = self._connect(addresses, _port(parts))
            with closing(plain), closing(plain.dup()) as lifeline:
                # A socket timeout restarts with each byte received, so it does not bound the whole request.
                watch = Timer(max(0.0, until - time.monotonic()), _cut, [lifeline])
                watch.start()
                try:
                    return self._exchange(plain, parts, headers, body)
                finally:
                    watch.cancel()
        except (OSError, HTTPException, ValueError) as error:
            raise self._failure(error, until) from None

    @cached_property
    def _trusted(self) -> ssl.SSLContext:
        return self.trust or ssl.create_default_context()

    def _addresses(self, parts: SplitResult) -> Sequence[str]:
        """The addresses of the host; empty if it cannot be resolved or one of its addresses is not allowed."""
        try:
            found = self.resolve(parts.hostname or "", _port(parts))
        except OSError:
            return ()
        return found if self.private or all(map(is_public, found)) else ()

    def _connect(self, addresses: Sequence[str], port: int) -> socket.socket:
        """Connect to the first address that accepts. Raises OSError."""
        until = time.monotonic() + self.connect_seconds
        for address in addresses[:-1]:
            with suppress(OSError):
                return socket.create_connection((address, port), timeout=max(0.1, (until - time.monotonic()) / 2))
        return socket.create_connection((addresses[-1], port), timeout=max(0.1, until - time.monotonic()))

    def _exchange(self, plain: socket.socket, parts: SplitResult, headers: Mapping[str, str], body: bytes) -> Reply:
        host = parts.hostname or ""
        plain.settimeout(self.whole_seconds)
        with closing(HTTPConnection(host)) as connection:
            secure = parts.scheme == "https"
            connection.sock = wire = self._trusted.wrap_socket(plain, server_hostname=host) if secure else plain
            target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
            connection.request("POST", target, body, {"Host": parts.netloc, "Connection": "close", **headers})
            with closing(connection.getresponse()) as response:
                wire.settimeout(BODY_SECONDS)
                with suppress(OSError, HTTPException, ValueError):
                    response.read(MAX_ANSWER_BYTES)
                return Reply(response.status, response.headers.get("Retry-After"))

    def _failure(self, error: Exception, until: float) -> OutgoingError:
        if isinstance(error, TimeoutError) or time.monotonic() >= until:
            bounds = f"it must connect within {self.connect_seconds:g} s and answer within {self.whole_seconds:g} s"
            return OutgoingError("timed_out", f"no answer in time: {bounds}")
        if isinstance(error, ssl.SSLError):
            return OutgoingError("insecure", f"TLS: {error.reason or error}")
        return OutgoingError("unreachable", f"{type(error).__name__}: {error}")


def _is_host(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return _HOST.fullmatch(host) is not None
    return True


def _port(parts: SplitResult) -> int:
    return parts.port or (HTTPS_PORT if parts.scheme == "https" else 80)


def _cut(lifeline: socket.socket) -> None:
    with suppress(OSError):
        lifeline.shutdown(socket.SHUT_RDWR)
