"""Service processes forked from one that has imported everything: a start saves the imports, two seconds of CPU.

`python -m tests.forkserver FD KIND` is the fork server, `ForkServer` its client. A forked process does what
`python -m services` does with the same arguments and environment.
"""

from __future__ import annotations

import atexit
import contextlib
import gc
import json
import os
import signal
import socket
import subprocess
import sys
import traceback
from functools import cache

# Taken before eventlet replaces them: the fork server itself must start no hub, which its children would inherit.
from os import read, waitpid, write
from select import select
from typing import TYPE_CHECKING, Any, NoReturn

from deploy.local.folders import ROOT

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import IO

REQUEST_BYTES = 1 << 17


class Forked:
    """A forked process, with the methods of `subprocess.Popen` that tests use."""

    def __init__(self, pid: int, ending: int) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self._ending = ending
        """A pipe from which the exit status is read."""

    def poll(self) -> int | None:
        if self.returncode is None and select([self._ending], [], [], 0)[0]:
            self._ended()
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        if self.returncode is None and not select([self._ending], [], [], timeout)[0]:
            raise subprocess.TimeoutExpired(f"forked process {self.pid}", timeout or 0)
        return self._ended()

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def _ended(self) -> int:
        if self.returncode is None:
            self.returncode = int(read(self._ending, 64))
            os.close(self._ending)
        return self.returncode


class ForkServer:
    """Starts processes of one kind: `events` with eventlet's patches, `requests` without."""

    def __init__(self, kind: str) -> None:
        # It ends, with all it forked, once this end of the socket is closed, which the end of this process does too.
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603 - our own module
                [sys.executable, "-W", "ignore", "-m", __name__, str(theirs.fileno()), kind],
                cwd=ROOT,
                pass_fds=[theirs.fileno()],
                start_new_session=True,
            )
        atexit.register(self.close)

    def close(self) -> None:
        self._control.close()
        self._process.wait()

    def start(self, arguments: Sequence[str], env: Mapping[str, str], log: IO[bytes]) -> Forked:
        """A process with these arguments of `services`, which writes to `log`."""
        ending, theirs = os.pipe()
        request = json.dumps({"arguments": list(arguments), "env": dict(env)}).encode()
        socket.send_fds(self._control, [request], [log.fileno(), theirs])
        os.close(theirs)
        return Forked(int(self._control.recv(64)), ending)


@cache
def fork_server(kind: str) -> ForkServer:
    """The fork server of this kind, started at first use."""
    return ForkServer(kind)


def main(control: socket.socket) -> None:
    """Fork on request and report how children end, until the client is gone; its processes are then ended."""
    woken, wake = os.pipe()
    os.set_blocking(wake, False)
    signal.signal(signal.SIGCHLD, lambda _number, _frame: None)
    signal.set_wakeup_fd(wake)
    endings: dict[int, int] = {}
    while True:
        ready, _, _ = select([control.fileno(), woken], [], [])
        if woken in ready:
            read(woken, 4096)
            _reap(endings)
        if control.fileno() in ready:
            request, fds, _, _ = socket.recv_fds(control, REQUEST_BYTES, 2)
            if not request:
                break
            pid = os.fork()
            if pid == 0:
                for inherited in (control.fileno(), woken, wake, *endings.values(), fds[1]):
                    os.close(inherited)
                _become(json.loads(request), fds[0])
            endings[pid] = fds[1]
            os.close(fds[0])
            control.send(str(pid).encode())
    for pid in endings:
        os.kill(pid, signal.SIGKILL)


def _reap(endings: dict[int, int]) -> None:
    while endings:
        pid, status = waitpid(-1, os.WNOHANG)
        if pid == 0:
            return
        ending = endings.pop(pid)
        with contextlib.suppress(BrokenPipeError):
            write(ending, str(os.waitstatus_to_exitcode(status)).encode())
        os.close(ending)


def _become(request: Mapping[str, Any], log: int) -> NoReturn:
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.setsid()
    for ours, theirs in ((os.open(os.devnull, os.O_RDONLY), 0), (log, 1), (log, 2)):
        os.dup2(ours, theirs)
    if "eventlet" in sys.modules:
        # Imports make a hub. Processes that share its epoll wake, and spin, for each other's sockets.
        eventlet.hubs.get_hub().poll.close()
        eventlet.hubs.use_hub()
    os.environ.clear()
    os.environ.update(request["env"])
    status: int | str | None = 1
    try:
        told = read_arguments(REGISTRY, request["arguments"])
        run(told, REGISTRY[told.service])
        status = 0
    except SystemExit as end:
        status = end.code
    except BaseException:  # noqa: BLE001 - as the interpreter does at the end of a process
        traceback.print_exc()
    if isinstance(status, str):
        print(status, file=sys.stderr)  # noqa: T201
        status = 1
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status or 0)


if __name__ == "__main__":
    if sys.argv[2] == "events":
        import eventlet

        eventlet.monkey_patch()
    from services.registry import REGISTRY
    from shared.runtime.command import read as read_arguments
    from shared.runtime.process import run

    if sys.argv[2] == "events":
        import shared.runtime.events
    else:
        import shared.http.server  # noqa: F401
    for service in REGISTRY.values():
        service.dependents()
        if sys.argv[2] == "events":
            service.events()
        else:
            service.offer()
    gc.collect()
    gc.freeze()
    main(socket.socket(fileno=int(sys.argv[1])))
