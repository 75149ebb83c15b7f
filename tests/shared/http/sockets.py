"""Raw bytes to a server and its responses, without a client library that corrects them."""

from __future__ import annotations

import socket
from contextlib import suppress
from http.client import HTTPResponse
from typing import TYPE_CHECKING, Any, Self, cast
from urllib.parse import urlsplit

from urllib3 import HTTPHeaderDict

from tests.support import Answer, wait_for

if TYPE_CHECKING:
    from types import TracebackType

TIMEOUT_SECONDS = 20
HEAD = b"Host: x\r\nAccept-Language: en\r\n"


def get(path: str, *headers: str) -> bytes:
    return (
        f"GET {path} HTTP/1.1\r\n".encode() + HEAD + "".join(f"{header}\r\n" for header in headers).encode() + b"\r\n"
    )


def received(response: HTTPResponse) -> Answer:
    return Answer(response.status, HTTPHeaderDict(response.headers.items()), response.read())


class Wire:
    """A connection to the server at `url`, from the address `source`."""

    def __init__(self, url: str, source: str = "127.0.0.1", receive_buffer: int | None = None) -> None:
        place = urlsplit(url)
        self.socket = socket.socket()
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.settimeout(TIMEOUT_SECONDS)
        self.socket.bind((source, 0))
        self.socket.connect((place.hostname, place.port))
        self._file = self.socket.makefile("rb")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()
        self.socket.close()

    def makefile(self, _mode: str) -> Any:
        """What HTTPResponse reads from: one buffer for all answers of the connection."""
        return _Kept(self._file)

    def send(self, data: bytes) -> Self:
        self.socket.sendall(data)
        return self

    def end(self) -> Self:
        """Say that nothing more is sent."""
        self.socket.shutdown(socket.SHUT_WR)
        return self

    def reset(self) -> None:
        """Go without a goodbye, as a machine that is switched off."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        self._file.close()
        self.socket.close()

    def answer(self) -> Answer:
        """The next answer."""
        response = HTTPResponse(cast("socket.socket", self))
        response.begin()
        return received(response)

    def everything(self) -> bytes:
        """All that was sent, though the connection broke."""
        found = b""
        with suppress(OSError):
            while chunk := self._file.read1():
                found += chunk
        return found

    def ended(self) -> bool:
        """Whether the server says that nothing more comes; waits for whatever does."""
        return self._file.read(1) == b""

    def trickle(self, data: bytes) -> None:
        """Send a byte at a time, until an answer comes."""
        rest = iter(data)

        def sent() -> bool:
            try:
                self.socket.sendall(bytes([next(rest)]))
            except OSError:
                return True
            return self.answered()

        wait_for(sent, what="an answer to what comes a byte at a time")

    def answered(self) -> bool:
        self.socket.setblocking(False)  # noqa: FBT003 - the library's word
        try:
            return bool(self.socket.recv(1, socket.MSG_PEEK) is not None)
        except BlockingIOError:
            return False
        finally:
            self.socket.settimeout(TIMEOUT_SECONDS)


class _Kept:
    """A file that stays open though its reader closes it."""

    def __init__(self, file: Any) -> None:
        self._file = file

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)

    def close(self) -> None:
        """The connection has more to say."""

    def flush(self) -> None:
        """Nothing is written."""
