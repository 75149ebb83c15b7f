"""Locks between several runs on one machine."""

import fcntl
import hashlib
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import SplitResult

from deploy.local.errors import BackingError, say

_WAIT_SECONDS = 900


@contextmanager
def gate(folder: Path) -> Iterator[None]:
    """Only one process at a time may start and stop private servers."""
    with (folder / "gate").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@contextmanager
def alone(server: SplitResult, namespace: str) -> Iterator[None]:
    """Exclusive use of a namespace on a server, across all checkouts.

    The lock is an abstract socket name in the kernel: it leaves no file behind and disappears with its process.
    """
    place = f"{server.hostname}:{server.port}?{server.query}/{namespace}"
    with socket.socket(socket.AF_UNIX) as lock:
        for attempt in range(_WAIT_SECONDS):
            try:
                lock.bind(f"\0quanheng-{hashlib.sha256(place.encode()).hexdigest()}")
                break
            except OSError:
                if attempt == 0:
                    say(f"Waiting for another run to finish with {namespace} on {server.hostname}:{server.port}")
                time.sleep(1)
        else:
            raise BackingError(
                f"another run has been using {namespace} on {server.hostname}:{server.port} for too long: end it"
            )
        yield
