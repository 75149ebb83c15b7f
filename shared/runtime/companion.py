"""The other roles of a service, in a process beside the one that answers requests.

Threads and greenthreads cannot share a process. Started with one command, the two live and end together: the kernel
ends the second when the first is gone, and the first stops when the second has ended.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from http.client import HTTPConnection, HTTPException
from threading import Thread
from typing import TYPE_CHECKING

from shared.observability import get_logger

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from shared.runtime.roles import ProcessRole

log = get_logger(__name__)

STARTING = "starting"
_PROBE_SECONDS = 2.0
_STOP_SECONDS = 4.0


class Companion:
    """Runs `program`, a module, for the service in these roles, none of which is `api`."""

    roles: frozenset[ProcessRole]

    def __init__(self, program: str, service: str, roles: Collection[ProcessRole]) -> None:
        self.roles = frozenset(roles)
        self._roles = sorted(map(str, roles))
        self._told_to_end = False
        with socket.create_server(("127.0.0.1", 0)) as probes:
            self._host, self._port = probes.getsockname()
            told = [argument for role in self._roles for argument in ("--role", role)]
            self._running = subprocess.Popen(  # noqa: S603 - this program itself
                [sys.executable, "-m", program, service, *told, *_kin(probes)],
                pass_fds=[probes.fileno()],
                stdin=subprocess.DEVNULL,
                # Ctrl-C reaches the first alone, which ends the second in order.
                process_group=0,
            )

    def parts(self) -> dict[str, str]:
        """The state of each of its roles, as it says itself, or STARTING while it does not answer."""
        try:
            told = json.loads(self._get("/readyz"))
        except (OSError, HTTPException, ValueError):
            told = {}
        return {role: told.get(role, STARTING if not told else "ok") for role in self._roles}

    def figures(self) -> bytes:
        try:
            return self._get("/metrics")
        except (OSError, HTTPException):
            return b""

    def at_end(self, tell: Callable[[], object]) -> None:
        """Have `tell` called in a thread when it ends without being asked to."""

        def wait() -> None:
            self._running.wait()
            if not self._told_to_end:
                log.error("companion_ended", status=self._running.returncode)
                tell()

        Thread(target=wait, daemon=True).start()

    def end(self) -> None:
        """Ask it to finish what it has begun, and to end."""
        if self._running.poll() is None:
            self._told_to_end = True
            self._running.send_signal(signal.SIGTERM)

    def stop(self) -> int:
        """Have it end, if not asked yet. The exit status for both: not 0 where it had ended without being asked."""
        if not self._told_to_end:
            self.end()
        if not self._told_to_end:
            status = self._running.returncode
            return 128 - status if status < 0 else status or 1
        try:
            self._running.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            log.warning("companion_killed")
            self._running.kill()
            self._running.wait()
        return 0

    def _get(self, path: str) -> bytes:
        connection = HTTPConnection(self._host, self._port, timeout=_PROBE_SECONDS)
        try:
            connection.request("GET", path)
            return connection.getresponse().read()
        finally:
            connection.close()


def _kin(probes: socket.socket) -> list[str]:
    """What the second is told of the first."""
    return ["--probes-fd", str(probes.fileno()), "--parent", str(os.getpid())]
