"""Waiting for a condition, with a timeout."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")

SHORTEST_PAUSE, LONGEST_PAUSE = 0.01, 0.2
"""In seconds. On a slow machine, whoever asks too often keeps the others from working."""


def wait_for(condition: Callable[[], T], timeout: float = 60.0, what: str = "the condition") -> T:
    """Poll `condition` until its result is true, and return it. Raises TimeoutError with the last result."""
    deadline, pause = time.monotonic() + timeout, SHORTEST_PAUSE
    while True:
        answer = condition()
        if answer:
            return answer
        if time.monotonic() > deadline:
            raise TimeoutError(f"waited {timeout:.0f} s for {what}; the last answer was {answer!r}")
        time.sleep(pause)
        pause = min(pause * 1.5, LONGEST_PAUSE)
