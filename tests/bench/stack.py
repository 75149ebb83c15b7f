"""The processes a measurement runs: started apart, ended with it, and their use of the CPU."""

from __future__ import annotations

import signal
import subprocess
import time
import urllib.request
from contextlib import ExitStack, closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from tests.bench import cpu
from tests.bench.part import Rate

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path
    from types import TracebackType

    from tests.bench.servers import Servers

STOP_SECONDS = 15


@dataclass(frozen=True, slots=True)
class Member:
    """One process: its command, what it is told, and where it answers `/readyz`, if it does."""

    name: str
    command: Sequence[str]
    env: Mapping[str, str]
    cwd: Path
    port: int | None = None


class Stack:
    """Processes by name, beside the broker and the database they use. Leaving the `with` block ends them."""

    def __init__(self, servers: Servers, logs: Path) -> None:
        self._servers = servers
        self._logs = logs
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self._opened = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self, members: Sequence[Member]) -> None:
        """Start processes and wait until all of them are ready that say so."""
        for member in members:
            self._run(member)
        for member in members:
            if member.port:
                self.await_true(lambda port=member.port: _ready(port), f"{member.name} ready")  # type: ignore[misc]

    def await_true(
        self, condition: Callable[[], bool], what: str, *, seconds: float = 60, interval: float = 0.02
    ) -> None:
        """Wait for `condition`; raises RuntimeError when it takes too long or a process has ended."""
        deadline = time.monotonic() + seconds
        while not condition():
            ended = [name for name, process in self._processes.items() if process.poll() is not None]
            if ended or time.monotonic() > deadline:
                raise RuntimeError(f"{what} did not happen (ended: {ended or 'none'}), see {self._logs}")
            time.sleep(interval)

    def pause(self) -> None:
        """Hold all processes where they are, until `resume`."""
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        self._signal(signal.SIGCONT)

    def pid(self, name: str) -> int:
        return self._processes[name].pid

    def cpu(self) -> dict[str, float]:
        """CPU seconds so far: of each process, of PostgreSQL and of RabbitMQ."""
        own = {name: cpu.seconds(process.pid) for name, process in self._processes.items()}
        return own | self._servers.cpu()

    def rate(self, count: int, took: float, before: Mapping[str, float]) -> Rate:
        """The result of doing something `count` times, by the role of each process."""
        used: dict[str, float] = {}
        for name, seconds in self.cpu().items():
            role = name.rpartition(".")[2]
            used[role] = used.get(role, 0.0) + 1000 * (seconds - before[name]) / count
        return Rate(count / took, used)

    def stop(self) -> None:
        self._signal(signal.SIGTERM)
        # One that was held gets the signal only now.
        self.resume()
        for process in self._processes.values():
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self._processes.clear()
        self._opened.close()

    def _run(self, member: Member) -> None:
        log = self._opened.enter_context((self._logs / f"{member.name}.log").open("wb"))
        self._processes[member.name] = subprocess.Popen(  # noqa: S603 - commands of this bench only
            # The kernel ends it with us, should we be killed, even while it is held.
            ["/usr/bin/setpriv", "--pdeathsig", "KILL", *member.command],
            cwd=member.cwd,
            env=dict(member.env),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )

    def _signal(self, number: signal.Signals) -> None:
        for process in self._processes.values():
            process.send_signal(number)


def _ready(port: int) -> bool:
    try:
        with closing(urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=2)) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False
