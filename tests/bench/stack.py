"""The processes a measurement runs: started apart, ended with it, and their use of the CPU."""

from __future__ import annotations

import subprocess
import time
from contextlib import ExitStack
from typing import TYPE_CHECKING, Self

from tests.bench import cpu

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path
    from types import TracebackType

    from tests.bench.servers import Servers

STOP_SECONDS = 15


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

    def run(self, name: str, command: Sequence[str], env: Mapping[str, str], cwd: Path) -> int:
        """Start a process; its number."""
        log = self._opened.enter_context((self._logs / f"{name}.log").open("wb"))
        self._processes[name] = subprocess.Popen(  # noqa: S603 - commands of this bench only
            # The kernel ends it with us, should we be killed.
            ["/usr/bin/setpriv", "--pdeathsig", "TERM", *command],
            cwd=cwd,
            env=dict(env),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        return self._processes[name].pid

    def await_true(self, condition: Callable[[], bool], what: str, seconds: float = 60) -> None:
        """Wait for `condition`; raises RuntimeError when it takes too long or a process has ended."""
        deadline = time.monotonic() + seconds
        while not condition():
            ended = [name for name, process in self._processes.items() if process.poll() is not None]
            if ended or time.monotonic() > deadline:
                raise RuntimeError(f"{what} did not happen (ended: {ended or 'none'}), see {self._logs}")
            time.sleep(0.02)

    def cpu(self) -> dict[str, float]:
        """CPU seconds so far: of each process, of PostgreSQL and of RabbitMQ."""
        own = {name: cpu.seconds(process.pid) for name, process in self._processes.items()}
        return own | self._servers.cpu()

    def stop(self) -> None:
        for process in self._processes.values():
            process.terminate()
        for process in self._processes.values():
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self._processes.clear()
        self._opened.close()
