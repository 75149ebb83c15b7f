"""Hands for work that waits for others: beside the service's methods, so that those never wait for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import eventlet
from nameko.extensions import DependencyProvider

from shared.observability import get_logger

if TYPE_CHECKING:
    from collections.abc import Callable

log = get_logger(__name__)


class Crew(DependencyProvider):
    """Injects itself: at most `size` pieces of work at once in a process, whatever number is asked for.

    At the end nothing new is begun, and what is in hand is finished.
    """

    def __init__(self, size: int) -> None:
        self.size = size

    def setup(self) -> None:
        self._pool = eventlet.GreenPool(self.size)
        self._stopping = False

    def stop(self) -> None:
        self._stopping = True
        self._pool.waitall()

    def get_dependency(self, worker_ctx: Any) -> Crew:  # noqa: ARG002 - nameko's signature
        return self

    @property
    def free(self) -> int:
        """How many more could work now."""
        return max(0, int(self._pool.free()))

    def work(self, hands: int, step: Callable[[], bool]) -> None:
        """Have so many hands, or those that are free, do `step` again and again while it says there was work to do."""
        for _ in range(min(hands, self.free)):
            self._pool.spawn_n(self._work, step)

    def _work(self, step: Callable[[], bool]) -> None:
        try:
            while not self._stopping and step():
                pass
        except Exception:
            log.exception("work_failed")
