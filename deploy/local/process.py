"""Our own background processes: detached from the terminal, found again by later runs, stopped by process id.

A process id alone is not safe, because the kernel reuses it; together with the start time it is unique.
"""

import os
import random
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from signal import SIGKILL, Signals

# Below the kernel's range for outgoing connections, so that none of them takes a port before its server does.
_PORTS = range(20000, 32000)


@dataclass(frozen=True)
class Account:
    """The operating system user of a process."""

    uid: int
    gid: int


@dataclass(frozen=True)
class Process:
    pid: int
    started: int

    @classmethod
    def spawn(
        cls, command: Sequence[str], *, env: Mapping[str, str], log: Path, account: Account | None = None
    ) -> "Process":
        with log.open("ab") as output:
            child = subprocess.Popen(
                command,
                env=env,
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                # Its own session, so that Ctrl-C reaches only us and we stop the servers in order.
                start_new_session=True,
                user=account.uid if account else None,
                group=account.gid if account else None,
                extra_groups=[] if account else None,
            )
        # It may outlive this program; avoid the warning of `subprocess` about a child still running.
        child.returncode = 0
        return cls(child.pid, _start_time(child.pid) or 0)

    def alive(self) -> bool:
        return _start_time(self.pid) == self.started

    def end(self, politely: Signals, *, patience: float = 10) -> None:
        """Ask it to stop and wait; after `patience` seconds kill it with its whole process group."""
        if self.alive():
            os.kill(self.pid, politely)
            if not wait_until(lambda: not self.alive(), patience):
                os.killpg(self.pid, SIGKILL)
                wait_until(lambda: not self.alive(), patience)
        with suppress(ChildProcessError):
            os.waitpid(self.pid, os.WNOHANG)


def wait_until(true: Callable[[], bool], seconds: float) -> bool:
    """Poll `true` for up to `seconds`; returns whether it became true."""
    end = time.monotonic() + seconds
    while not true():
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True


def free_ports(count: int) -> list[int]:
    """Distinct free ports of 127.0.0.1, reserved from other runs while this process lives.

    Raises OSError if there are not enough.
    """
    # Not the global generator: tests that seed it would get the same ports again.
    first = random.SystemRandom().randrange(len(_PORTS))
    ports = list(islice(filter(_claimed, (*_PORTS[first:], *_PORTS[:first])), count))
    if len(ports) == count:
        return ports
    raise OSError(f"no {count} free ports on 127.0.0.1 between {_PORTS.start} and {_PORTS.stop}")


def _claimed(port: int) -> bool:
    """Whether the port was free. It is then reserved: another run may check before our server has started."""
    with socket.socket() as probe, socket.socket(socket.AF_UNIX) as claim, suppress(OSError):
        probe.bind(("127.0.0.1", port))
        claim.bind(f"\0quanheng-port-{port}")
        # The name disappears with this process.
        claim.detach()
        return True
    return False


def listening(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _start_time(pid: int) -> int | None:
    """The start time in clock ticks since boot; None if the process has ended, even if it is still a zombie."""
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return None
    # The second field is the program's name in brackets, which may itself contain spaces and brackets.
    state, *fields = status.rpartition(")")[2].split()
    return None if state in "ZX" else int(fields[18])
