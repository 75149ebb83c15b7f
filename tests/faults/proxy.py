"""A TCP proxy between services and broker, so that the network between them can fail."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from types import TracebackType

_CHUNK = 1 << 16
_TICK_SECONDS = 0.2


class Proxy:
    """Passes bytes between its port and the target until told to cut or to stall."""

    def __init__(self, host: str, port: int) -> None:
        self._target = (host, port)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self._flows = threading.Event()
        self._flows.set()
        self._reachable = True
        self._lock = threading.Lock()
        self._lines: list[_Line] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._reachable = False
        self._listener.close()
        self._drop()

    def cut(self) -> None:
        """End every connection and let none be made."""
        self._reachable = False
        self._drop()

    def stall(self) -> None:
        """Connections stay, new ones are taken, and not a byte passes: the kernel acknowledges what nobody reads."""
        with self._lock:
            self._flows.clear()

    def abandon(self) -> None:
        """The connections there are stay open and silent for good, as if the peer were gone; new ones work."""
        with self._lock:
            for line in self._lines:
                line.flows = threading.Event()

    def mend(self) -> None:
        self._reachable = True
        self._flows.set()

    def _drop(self) -> None:
        with self._lock:
            for line in self._lines:
                line.close()
            self._lines.clear()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            if not self._reachable:
                near.close()
                continue
            try:
                far = socket.create_connection(self._target, timeout=5)
            except OSError:
                near.close()
                continue
            far.settimeout(None)
            line = _Line(near, far, self._flows)
            with self._lock:
                self._lines.append(line)
            line.start()


class _Line:
    """One connection, near and far."""

    def __init__(self, near: socket.socket, far: socket.socket, flows: threading.Event) -> None:
        self._ends = (near, far)
        self.flows = flows
        self._closed = False

    def start(self) -> None:
        for source, target in (self._ends, self._ends[::-1]):
            threading.Thread(target=self._pass, args=(source, target), daemon=True).start()

    def close(self) -> None:
        self._closed = True
        for end in self._ends:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()

    def _pass(self, source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while chunk := source.recv(_CHUNK):
                while not self.flows.wait(_TICK_SECONDS):
                    if self._closed:
                        return
                target.sendall(chunk)
        if self.flows.is_set():
            self.close()
