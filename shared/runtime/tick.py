"""nameko entry point for what must be done again and again. Every process with the role does it: the work is claimed
in the database, so that several of them share it."""

from __future__ import annotations

import time
from threading import Event as Signal
from typing import Any

from nameko.extensions import Entrypoint

from shared.messaging.doorbell import Doorbell
from shared.runtime.roles import ProcessRole

REST_SECONDS = 0.02
"""Minimum interval between two runs; one run covers all rings of that time."""


class Tick(Entrypoint):
    """Runs the decorated method every `seconds`, and soon after a ring of `woken_by`; one run at a time.

    A run that fails is logged, and the next one comes as usual.
    """

    role = ProcessRole.TICK
    connected = True

    def __init__(self, seconds: float, woken_by: Doorbell | None = None, **kwargs: Any) -> None:
        self.seconds = seconds
        self.bell = woken_by or Doorbell()
        self.stopping = False
        self.finished = Signal()
        super().__init__(**kwargs)

    def start(self) -> None:
        self.container.spawn_managed_thread(self._run, identifier=self.role)

    def stop(self) -> None:
        self.stopping = True
        self.bell.ring()
        self.finished.wait()

    def _run(self) -> None:
        while True:
            self.bell.wait(self.seconds)
            if self.stopping:
                break
            done = Signal()

            def handle_result(_worker: Any, result: Any, exc_info: Any, done: Signal = done) -> Any:
                done.set()
                return result, exc_info

            self.container.spawn_worker(self, (), {}, handle_result=handle_result)
            done.wait()
            time.sleep(REST_SECONDS)
        self.finished.set()


tick = Tick.decorator
