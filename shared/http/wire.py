"""Requests off the wire: in their time, in their size, and written in the one way that HTTP/1.1 allows (RFC 9112).

What is no request is answered as clearly as one that is refused. Its connection is closed then, since what follows on
it could be taken for another request than the sender meant.
"""

from __future__ import annotations

import io
import re
import socket
from collections import Counter
from contextlib import suppress
from functools import partial
from time import monotonic
from typing import TYPE_CHECKING, Any, Protocol

import eventlet
from eventlet import wsgi
from eventlet.greenio import shutdown_safe

from shared.observability import get_logger, metrics
from shared.problems import Problem
from shared.runtime.config import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from wsgiref.types import StartResponse

    from shared.runtime.config import HttpLimits

log = get_logger(__name__)

MAX_LINE_BYTES = 8 << 10
"""The line with the method and the address."""
MAX_HEADERS = 64
MAX_HEAD_BYTES = 32 << 10
"""All headers together. A token with many claims has 4 KiB."""
_MAX_CHUNK_LINE = 1 << 10
_MAX_DISCARD_BYTES = 64 << 20
_LINGER_SECONDS = 5.0
_LEAVE_SECONDS = 3.0
_BACKLOG = 512
_TO_REFUSE = 64
"""So many connections above the limit are told so at once; those after them are closed without a word."""

_HEADER = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+:[^\r\0]*\r?\n")
_BLANK = (b"\r\n", b"\n")
_LENGTH = re.compile(r"[0-9]{1,18}")
_ABSOLUTE = re.compile(r"https?://([^/?#]+)", re.IGNORECASE)


class Application(Protocol):
    @property
    def draining(self) -> bool:
        """Whether every answer is the last of its connection."""

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]: ...

    def refuse(self, problem: Problem, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]: ...


class Listener:
    """One port: takes in as many connections as `limits` allow, and tells the others to come again."""

    def __init__(self, address: tuple[str, int], application: Application, limits: HttpLimits) -> None:
        try:
            # Without SO_REUSEPORT: a second process on the port would get half of its requests, instead of an error.
            self._socket = eventlet.listen(address, backlog=_BACKLOG, reuse_port=False)
        except OSError as error:
            raise ConfigurationError(f"port {address[1]} of {address[0]}: {error.strerror}") from None
        self._limits = limits
        self._wsgi = wsgi.Server(
            self._socket, address, application, keepalive=limits.idle_seconds, log_output=False, debug=False
        )
        self._pool = eventlet.GreenPool(limits.connections + _TO_REFUSE)
        self._serving: dict[int, list[Any]] = {}
        self._open = self._refusing = 0
        self._by_address: Counter[str] = Counter()

    def accept(self) -> None:
        """For ever, whatever becomes of single connections."""
        while True:
            try:
                sock, address = self._socket.accept()
            except OSError as error:  # no descriptor or memory is left, or the peer is gone already
                log.warning("connection_not_accepted", error=repr(error))
                eventlet.sleep(0.1)
                continue
            refusal = self._excess(address[0])
            if refusal and self._refusing == _TO_REFUSE:
                sock.close()
                continue
            # Counted here: many may be accepted before the first is served.
            self._count(address[0], 1, refused=refusal is not None)
            self._pool.spawn_n(self._serve, [address, sock, wsgi.STATE_IDLE], refusal)

    def close(self) -> None:
        """Take in no more; end the connections on which nothing is asked, and wait a little for the others."""
        self._socket.close()
        for _, sock, state in list(self._serving.values()):
            if state == wsgi.STATE_IDLE:
                shutdown_safe(sock)
        with eventlet.Timeout(_LEAVE_SECONDS, exception=False):
            self._pool.waitall()

    def _serve(self, state: list[Any], refusal: Problem | None) -> None:
        address, sock, _ = state
        self._serving[id(state)] = state
        try:
            _Connection(state, self._wsgi, self._limits, refusal)
        except (OSError, EOFError) as error:
            log.debug("connection_lost", error=repr(error))
        except Exception:
            log.exception("connection_failed")
        finally:
            sock.close()
            del self._serving[id(state)]
            self._count(address[0], -1, refused=refusal is not None)

    def _count(self, address: str, change: int, *, refused: bool) -> None:
        """What is refused takes nobody's place."""
        if refused:
            self._refusing += change
            return
        metrics.connections.inc(change)
        self._open += change
        self._by_address[address] += change
        if not self._by_address[address]:
            del self._by_address[address]

    def _excess(self, address: str) -> Problem | None:
        """What is told on a connection too many."""
        if self._by_address[address] >= self._limits.connections_per_address:
            return Problem("unavailable", "there are too many connections from your address: close some, or wait")
        if self._open >= self._limits.connections:
            return Problem("unavailable", "there are too many connections just now: wait, and connect again")
        return None


class _Stream(io.RawIOBase):
    """A socket on which everything must be done by a moment. Raises TimeoutError after it."""

    def __init__(self, sock: Any, seconds: float) -> None:
        self._sock = sock
        self.expire_in(seconds)

    def expire_in(self, seconds: float) -> None:
        self._end = monotonic() + seconds

    def readable(self) -> bool:
        return True

    def writable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        return int(self._in_time().recv_into(buffer))

    def write(self, data: Any) -> int:
        return int(self._in_time().send(data))

    def _in_time(self) -> Any:
        left = self._end - monotonic()
        if left <= 0:
            raise TimeoutError
        self._sock.settimeout(left)
        return self._sock


class _Reader(io.BufferedReader):
    def readline(self, size: int | None = -1, /) -> bytes:
        """A line of `size` bytes at most; without a size it is one of a chunked body, which must be short."""
        if size is not None and size >= 0:
            return super().readline(size)
        line = super().readline(_MAX_CHUNK_LINE)
        if not line.endswith(b"\n"):
            raise wsgi.ChunkReadError
        return line


class _Head:
    """The header lines of one request. Raises Problem."""

    def __init__(self, source: _Reader) -> None:
        self._source = source
        self._bytes = MAX_HEAD_BYTES
        self._lines = MAX_HEADERS

    def readline(self, _size: int = -1) -> bytes:
        line = self._source.readline(self._bytes + 1)
        self._bytes -= len(line)
        if self._bytes < 0:
            raise Problem("headers_too_large", f"all headers together may have {MAX_HEAD_BYTES} bytes")
        if line in _BLANK:
            return line
        self._lines -= 1
        if self._lines < 0:
            raise Problem("headers_too_large", f"there may be {MAX_HEADERS} headers")
        if not line.endswith(b"\n"):
            raise Problem("malformed", "the request ends within its headers")
        if not _HEADER.fullmatch(line):
            raise Problem("malformed", f"{line[:40].decode('latin-1').strip()!r} is no header: write Name: value")
        return line


class _Body:
    """What follows a head. Raises Problem where it cannot be read; its connection has no use after that."""

    def __init__(self, source: Any, stream: _Stream, seconds: float) -> None:
        self._source = source
        self._stream = stream
        self._seconds = seconds
        self.broken = False

    def read(self, length: int) -> bytes:
        self._stream.expire_in(self._seconds)
        try:
            data: bytes = self._source.read(length)
        except TimeoutError:
            self.broken = True
            raise Problem("timeout", f"the body did not arrive within {self._seconds:g} s") from None
        except (wsgi.ChunkReadError, OSError, EOFError):
            self.broken = True
            raise Problem("malformed", "the body is not chunked as Transfer-Encoding says, or it was cut off") from None
        if len(data) < length and self.unread:
            self.broken = True
            raise Problem(
                "malformed", f"the body ends after {len(data)} of the {self._source.content_length} bytes announced"
            )
        return data

    @property
    def unread(self) -> bool:
        if self._source.chunked_input:
            return bool(self._source.chunk_length != 0)
        return bool(self._source.position < self._source.content_length)


class _Connection(wsgi.HttpProtocol):
    """One connection, from its first request to its last; or only `refusal`, before any."""

    def __init__(self, state: list[Any], server: Any, limits: HttpLimits, refusal: Problem | None) -> None:
        self._limits = limits
        self._refusal = refusal
        self._linger = False
        super().__init__(state, server)

    def setup(self) -> None:
        self.connection = self.request
        with suppress(OSError):
            self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._stream = _Stream(self.connection, self._limits.head_seconds)
        self.rfile = _Reader(self._stream)
        self.wfile = io.BufferedWriter(self._stream, self.wbufsize)

    def handle(self) -> None:
        self.close_connection = False
        if self._refusal:
            self._begin()
            self._refuse(self._refusal)
        while not self.close_connection and self._asked():
            self.handle_one_request()
            self.conn_state[2] = wsgi.STATE_IDLE
            # Others first: who has sent a thousand requests at once would be answered without a pause.
            eventlet.sleep()
            self._stream.expire_in(self._limits.idle_seconds)

    def finish(self) -> None:
        """Close. What the peer still sends is read away for a while, or its kernel would throw the answer away."""
        with suppress(OSError, EOFError):
            self.wfile.flush()
            if self._linger:
                self.connection.shutdown(socket.SHUT_WR)
                self._stream.expire_in(_LINGER_SECONDS)
                left = _MAX_DISCARD_BYTES
                while left > 0 and (found := self.rfile.read1(1 << 16)):
                    left -= len(found)
        with suppress(OSError):
            self.wfile.close()
        self.connection.close()

    def handle_one_request(self) -> None:
        self._begin()
        self._stream.expire_in(self._limits.head_seconds)
        try:
            self._read_head()
        except TimeoutError:
            self._refuse(Problem("timeout", f"the headers did not arrive within {self._limits.head_seconds:g} s"))
        except Problem as problem:
            self._refuse(problem)
        else:
            self._answer(self.server.app)

    def send_error(self, code: int, message: str | None = None, _explain: str | None = None) -> None:
        """Called where the first line cannot be read."""
        raise Problem("malformed", f"{message or code}: write METHOD /path HTTP/1.1")

    def _asked(self) -> bool:
        """Wait for the first byte of a request; whether there is one."""
        try:
            return bool(self.rfile.peek(1))
        except TimeoutError:
            return False

    def _begin(self) -> None:
        """What is known of a request of which nothing was read."""
        self.conn_state[2] = wsgi.STATE_REQUEST
        self.command, self.path, self.headers = "GET", "/", self.MessageClass()
        self.request_version = self.protocol_version

    def _read_head(self) -> None:
        self.raw_requestline = self.rfile.readline(MAX_LINE_BYTES + 1)
        if len(self.raw_requestline) > MAX_LINE_BYTES:
            raise Problem("uri_too_long", f"the line with the address may have {MAX_LINE_BYTES} bytes")
        source = self.rfile
        self.rfile = _Head(source)  # type: ignore[assignment]
        try:
            if not self.raw_requestline.endswith(b"\n") or not self.parse_request():
                raise Problem("malformed", "there is no request line: write METHOD /path HTTP/1.1")
        finally:
            self.rfile = source
            self.command = self.command or "GET"
        self._check_head()
        self._take_host_from_line()

    def _check_head(self) -> None:
        """Raises Problem where two readers could take the request for two different ones."""
        lengths, codings, hosts = (
            self.headers.get_all(name, []) for name in ("Content-Length", "Transfer-Encoding", "Host")
        )
        if len(lengths) > 1 or not all(map(_LENGTH.fullmatch, lengths)):
            raise Problem("malformed", "Content-Length must be one number of bytes")
        if codings and (lengths or [coding.lower() for coding in codings] != ["chunked"]):
            raise Problem("malformed", "Transfer-Encoding may only be chunked, and without Content-Length")
        if len(hosts) != 1 and self.request_version >= "HTTP/1.1":
            raise Problem("malformed", "name one Host")

    def _take_host_from_line(self) -> None:
        """`GET http://host/path`, as proxies send it, asks for `/path` of that host (RFC 9112, 3.2.2)."""
        if found := _ABSOLUTE.match(self.path):
            rest = self.path[found.end() :]
            self.path = rest if rest.startswith("/") else f"/{rest}"
            del self.headers["Host"]
            self.headers["Host"] = found[1]

    def _refuse(self, problem: Problem) -> None:
        for framing in ("Content-Length", "Transfer-Encoding", "Expect"):
            del self.headers[framing]
        self.close_connection = self._linger = True
        self._answer(partial(self.server.app.refuse, problem))

    def _answer(self, application: Callable[..., Iterable[bytes]]) -> None:
        self.environ = self.get_environ()
        body = _Body(self.environ["eventlet.input"], self._stream, self._limits.body_seconds)
        self.environ["wsgi.input"] = body

        def answered(environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
            answer = application(environ, start_response)
            if body.broken or self.server.app.draining:
                self.close_connection = True
            self._stream.expire_in(self._limits.body_seconds)
            return answer

        self.application = answered
        self.handle_one_response()
        self._linger |= body.broken or body.unread
