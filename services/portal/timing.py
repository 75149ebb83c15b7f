"""What the calls to services take that a page makes: how many, and how long."""

from __future__ import annotations

import time
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_calls: ContextVar[Calls | None] = ContextVar("calls", default=None)


@dataclass(slots=True)
class Calls:
    """The calls to services that a page makes: how many, how many seconds the longest took, and the thread's CPU time
    when the last was answered."""

    count: int = 0
    slowest: float = 0.0
    answered: float = field(default_factory=time.thread_time)

    def note(self, seconds: float) -> None:
        self.count += 1
        self.slowest = max(self.slowest, seconds)
        self.answered = time.thread_time()


@contextmanager
def timed_calls() -> Iterator[Calls]:
    """What the calls to services take that are made within."""
    calls = Calls()
    token = _calls.set(calls)
    try:
        yield calls
    finally:
        _calls.reset(token)


def note(seconds: float) -> None:
    """A call was answered after so many seconds."""
    if calls := _calls.get():
        calls.note(seconds)
