"""HTTP/1.1 connections (RFC 9112) with deadlines and limits.

uvicorn parses requests (httptools), answers them in order and keeps connections alive. It leaves to a proxy what is
added here: deadlines for headers and for reading answers, limits of size, and how many connections there may be in all
and from one address. What is refused gets a problem document, and its connection is closed, since what follows on it
could be taken for another request than the sender meant.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, NoReturn, cast

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from shared.http.gateway import CLOSE, environ_of
from shared.observability import metrics
from shared.problems import Problem

if TYPE_CHECKING:
    import asyncio

    from shared.http.application import Application
    from shared.runtime.config import HttpLimits

MAX_LINE_BYTES = 8 << 10
"""Of the request target."""
MAX_HEADERS = 64
MAX_HEAD_BYTES = 32 << 10
"""Of all headers together. A token with many claims has 4 KiB."""
LINGER_SECONDS = 5.0
"""How long a connection is still read after its last answer."""
TO_REFUSE = 64
"""Connections above the limit that are answered with a problem at the same time; further ones are reset."""

_SERVER = re.compile(rb"^https?://[^/?#]+", re.IGNORECASE)
_FRAMING = {b"content-length", b"transfer-encoding", b"expect"}


class Gate:
    """Counts the connections of a port, in all and by address."""

    def __init__(self, limits: HttpLimits) -> None:
        self._limits = limits
        self._open = self.refusing = 0
        self._by_address: Counter[str] = Counter()

    def enter(self, address: str) -> Problem | None:
        """Count a new connection, or say why it is one too many; that one is not counted."""
        if self._by_address[address] >= self._limits.connections_per_address:
            return Problem("unavailable", "there are too many connections from your address: close some, or wait")
        if self._open >= self._limits.connections:
            return Problem("unavailable", "there are too many connections just now: wait, and connect again")
        self._count(address, 1)
        return None

    def leave(self, address: str) -> None:
        self._count(address, -1)

    def _count(self, address: str, change: int) -> None:
        metrics.connections.inc(change)
        self._open += change
        self._by_address[address] += change
        if not self._by_address[address]:
            del self._by_address[address]


class _Transport:
    """What uvicorn writes to. To close it is to leave the connection: if the socket were closed while the peer is
    sending, the peer's kernel would discard the answer."""

    def __init__(self, connection: Connection, transport: asyncio.Transport) -> None:
        self.write = transport.write
        self.get_extra_info = transport.get_extra_info
        self.pause_reading = transport.pause_reading
        self.resume_reading = transport.resume_reading
        self.close = connection.leave
        self._connection = connection

    def is_closing(self) -> bool:
        return self._connection.leaving


class Connection(HttpToolsProtocol):
    """One connection, from its first request to its last, or with a refusal only.

    `application` writes the refusals; `limits` and `gate` are those of the port.
    """

    application: Application
    limits: HttpLimits
    gate: Gate

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        self._socket = transport
        self.leaving = self._heard = self._ended = self._in_head = False
        self._refusal: Problem | None = None
        self._fault: Problem | None = None
        self._unparsed = self._head_bytes = self._body_bytes = 0
        self._listening: asyncio.TimerHandle | None = None
        self._sending: asyncio.TimerHandle | None = None
        super().connection_made(transport)
        self.transport = _Transport(self, transport)  # type: ignore[assignment]
        self._address = self.client[0] if self.client else ""
        self._excess = self.gate.enter(self._address)
        if self._excess is None:
            self._await_head()
        elif self.gate.refusing < TO_REFUSE:
            self.gate.refusing += 1
            self._refuse(self._excess)
        else:
            transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._unset_keepalive_if_required()
        self._stop_listening()
        if self._sending:
            self._sending.cancel()
        if self._excess is None:
            self.gate.leave(self._address)
        elif self._refusal:
            self.gate.refusing -= 1

    def data_received(self, data: bytes) -> None:
        if self.leaving or self._refusal:
            return
        self._heard = True
        if self.idle:
            self._await_head()
        within = self._in_head
        super().data_received(data)
        if within and self._in_head:
            # The parser reports a header when it is complete.
            self._unparsed += len(data)
            if self._unparsed > MAX_LINE_BYTES + MAX_HEAD_BYTES:
                self._refuse(Problem("headers_too_large", f"all headers together may have {MAX_HEAD_BYTES} bytes"))

    def eof_received(self) -> bool:  # type: ignore[override]
        """The peer sends no more; what it asked is still answered."""
        self._ended = True
        if self.leaving:
            self._socket.close()
        elif self.idle and not self._heard:
            self.leave()
        elif self.idle or self._in_head:
            self._refuse(Problem("malformed", "the request ends within its headers"))
        elif self.cycle.more_body:
            announced = dict(self.headers).get(b"content-length", b"").decode()
            where = f"after {self._body_bytes} of the {announced} bytes announced" if announced else "in a chunk"
            self._refuse(Problem("malformed", f"the body ends {where}"))
        return True

    def pause_writing(self) -> None:
        super().pause_writing()
        self._sending = self.loop.call_later(self.limits.body_seconds, self._socket.abort)

    def resume_writing(self) -> None:
        super().resume_writing()
        if self._sending:
            self._sending.cancel()
            self._sending = None

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._in_head = True
        self._unparsed = self._head_bytes = self._body_bytes = 0
        self._await_head()

    def on_url(self, url: bytes) -> None:
        super().on_url(url)
        if len(self.url) > MAX_LINE_BYTES:
            self._fail(Problem("uri_too_long", f"the address may have {MAX_LINE_BYTES} bytes"))

    def on_header(self, name: bytes, value: bytes) -> None:
        super().on_header(name, value)
        self._head_bytes += len(name) + len(value)
        if self._head_bytes > MAX_HEAD_BYTES:
            self._fail(Problem("headers_too_large", f"all headers together may have {MAX_HEAD_BYTES} bytes"))
        if len(self.headers) > MAX_HEADERS:
            self._fail(Problem("headers_too_large", f"there may be {MAX_HEADERS} headers"))

    def on_headers_complete(self) -> None:
        self._check_head()
        self._in_head = False
        self._stop_listening()
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self._body_bytes += len(body)
        super().on_body(body)

    def on_response_complete(self) -> None:
        last = not self.pipeline
        super().on_response_complete()
        if self._in_head:
            # The rest of these headers may have waited for us to read on.
            self._stop_listening()
            self._await_head()
        self._heard = False
        if last and self._refusal:
            self._send(self._refusal)
        elif last and self._ended:
            self.leave()

    def timeout_keep_alive_handler(self) -> None:
        self.leave()

    def shutdown(self) -> None:
        """Leave as soon as every request is answered."""
        if self.leaving:
            self._socket.close()
        elif self.idle and not self._in_head:
            self.leave()
        elif self.cycle:
            self.cycle.keep_alive = False

    def send_400_response(self, msg: str) -> None:
        """Called by uvicorn where the bytes are no request, or no body as its headers announced it."""
        self._refuse(self._fault or Problem("malformed", f"{msg} Write METHOD /path HTTP/1.1, then Name: value"))

    def _unsupported_upgrade_warning(self) -> None:
        # What follows would be in another protocol.
        self.cycle.keep_alive = False

    @property
    def idle(self) -> bool:
        """Whether every request is answered."""
        return self.cycle is None or self.cycle.response_complete

    def leave(self) -> None:
        """End the sending side, and discard for a while what the peer still sends."""
        if self.leaving:
            return
        self.leaving = True
        self._stop_listening()
        self._unset_keepalive_if_required()
        if self._socket.is_closing():
            return
        unsent = self._socket.get_write_buffer_size() > 0
        if self._ended:
            self._socket.close()
        else:
            self._socket.write_eof()
            self.flow.resume_reading()
        seconds = max(LINGER_SECONDS, self.limits.body_seconds if unsent else 0)
        self._listening = self.loop.call_later(seconds, self._socket.abort)

    def _check_head(self) -> None:
        """Fail the request if two servers could read it as two different ones."""
        names = [name for name, _ in self.headers]
        if names.count(b"host") != 1 and self.parser.get_http_version() != "1.0":
            self._fail(Problem("malformed", "name one Host"))
        if b"transfer-encoding" in names:
            codings = [value.lower() for name, value in self.headers if name == b"transfer-encoding"]
            if b"content-length" in names or codings != [b"chunked"]:
                self._fail(Problem("malformed", "Transfer-Encoding may only be chunked, and without Content-Length"))
        elif names.count(b"content-length") > 1:
            self._fail(Problem("malformed", "Content-Length must be one number of bytes"))
        if not self.url.startswith(b"/"):
            # The absolute form means the same as the origin form (RFC 9112, 3.2.2).
            path = _SERVER.sub(b"", self.url, count=1)
            if path == self.url:
                self._fail(Problem("malformed", "write METHOD /path HTTP/1.1"))
            self.url = path if path.startswith(b"/") else b"/" + path

    def _fail(self, problem: Problem) -> NoReturn:
        """Stop parsing. The parser reports that a callback failed, but not why."""
        self._fault = problem
        raise problem

    def _await_head(self) -> None:
        if self._listening is None:
            self._listening = self.loop.call_later(self.limits.head_seconds, self._head_is_late)

    def _stop_listening(self) -> None:
        if self._listening:
            self._listening.cancel()
            self._listening = None

    def _head_is_late(self) -> None:
        self._listening = None
        if self.flow.read_paused:  # the headers may have arrived, and wait for us
            self._await_head()
        elif self._heard:
            self._refuse(Problem("timeout", f"the headers did not arrive within {self.limits.head_seconds:g} s"))
        else:
            self.leave()

    def _refuse(self, problem: Problem) -> None:
        """Answer earlier requests, then send `problem`, and leave."""
        if self.leaving or self._refusal:
            return
        self._refusal = problem
        self._stop_listening()
        if self.idle:
            self._send(problem)
        elif self.cycle.more_body and not self._in_head:
            # The body of the newest request is refused.
            if self.pipeline:
                self.pipeline.popleft()
            else:
                self.cycle.disconnected = True
                self.cycle.message_event.set()
                self._send(problem)

    def _send(self, problem: Problem) -> None:
        headers = [(name, value) for name, value in self.headers or () if name not in _FRAMING]
        asked = {"method": "GET", "raw_path": b"/", "query_string": b"", "headers": headers, "client": self.client}
        answer = self.application.refuse(problem, environ_of(asked, b""))
        lines = [STATUS_LINE[answer.status], *(b"%b: %b\r\n" % header for header in (*answer.lines, CLOSE))]
        self._socket.write(b"".join((*lines, b"\r\n", cast("bytes", answer.body))))
        self.leave()
