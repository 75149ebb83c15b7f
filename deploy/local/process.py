"""Processes of our own: started apart from the terminal, found again by a later run, ended by number.

A number alone is not enough to end anything, since the kernel gives it away again; with the moment of its start it is.
"""

import os
import random
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from signal import SIGKILL, Signals

# The kernel gives outgoing connections higher ports, so that none of those takes a port before its server does.
_PORTS = range(20000, 32000)


@dataclass(frozen=True)
class Account:
    """The operating system's user that a process runs as."""

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
                # Ctrl-C in the terminal is ours to answer: we stop our servers in order.
                start_new_session=True,
                user=account.uid if account else None,
                group=account.gid if account else None,
                extra_groups=[] if account else None,
            )
        # It may outlive this program, so `subprocess` must not warn that nobody waited for it.
        child.returncode = 0
        return cls(child.pid, _start_time(child.pid) or 0)

    def alive(self) -> bool:
        return _start_time(self.pid) == self.started

    def end(self, politely: Signals, *, patience: float = 10) -> None:
        """Asks it to stop and waits; after `patience` seconds it is killed, with the rest of its process group."""
        if self.alive():
            os.kill(self.pid, politely)
            if not wait_until(lambda: not self.alive(), patience):
                os.killpg(self.pid, SIGKILL)
                wait_until(lambda: not self.alive(), patience)
        with suppress(ChildProcessError):
            os.waitpid(self.pid, os.WNOHANG)


def wait_until(true: Callable[[], bool], seconds: float) -> bool:
    """Whether it became true in time."""
    end = time.monotonic() + seconds
    while not true():
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True


def free_ports(count: int) -> list[int]:
    """Different ports of 127.0.0.1 on which nothing listens, and which no other run is given while this process lives.

    Raises OSError where there are not so many.
    """
    ports: list[int] = []
    # Not the common generator: whoever seeds that would be given the same ports again.
    for port in random.SystemRandom().sample(_PORTS, len(_PORTS)):
        if _claimed(port):
            ports.append(port)
        if len(ports) == count:
            return ports
    raise OSError(f"no {count} free ports on 127.0.0.1 between {_PORTS.start} and {_PORTS.stop}")


def _claimed(port: int) -> bool:
    """Whether the port was free, and is ours from now on: between the look and the server, another run may look too."""
    with socket.socket() as probe, socket.socket(socket.AF_UNIX) as claim, suppress(OSError):
        probe.bind(("127.0.0.1", port))
        claim.bind(f"\0quanheng-port-{port}")
        # The name goes with this process.
        claim.detach()
        return True
    return False


def listening(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _start_time(pid: int) -> int | None:
    """In clock ticks since boot; None once the process has ended, even if its parent has not yet taken notice."""
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return None
    # The second field is the program's name in brackets, and may itself hold blanks and brackets.
    state, *fields = status.rpartition(")")[2].split()
    return None if state in "ZX" else int(fields[18])
