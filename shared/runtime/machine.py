"""What any process does with its machine: takes ports, puts its memory in order, ends with the one that started it."""

from __future__ import annotations

import ctypes
import gc
import os
import signal
import socket
import sys
from typing import TYPE_CHECKING, Any

from shared.runtime.config import ConfigurationError

if TYPE_CHECKING:
    from shared.runtime.config import Settings

BACKLOG = 512
_PR_SET_PDEATHSIG = 1


def bind(settings: Settings, port: int) -> socket.socket:
    """A socket that listens on the port. Raises ConfigurationError where it is taken.

    Without SO_REUSEPORT: a second process would get half of the requests, instead of an error.
    """
    try:
        return socket.create_server((settings.http_address, port), backlog=BACKLOG)
    except OSError as error:
        raise ConfigurationError(f"port {port} of {settings.http_address}: {error.strerror}") from None


def settle_memory() -> None:
    """Call once all is loaded: what lives now lives as long as the process, so the garbage collector need not look at
    it again, nor so often at the rest."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


def end_with(parent: int) -> None:
    """Have the kernel kill this process when its parent, whose process id is given, ends, however it does."""
    libc: Any = ctypes.CDLL(None)
    libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    # It may have ended before the kernel was asked.
    if os.getppid() != parent:
        sys.exit("the process that started this one is gone")
