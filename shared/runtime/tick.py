"""nameko entry point for what must be done again and again. Every process with the role does it: the work is claimed
in the database, so that several of them share it."""

from __future__ import annotations

from threading import Event as Signal
from typing import Any

from nameko.extensions import Entrypoint

from shared.runtime.roles import Role


class Tick(Entrypoint):
    """Runs the decorated method every `seconds`, one run at a time; a run that fails is logged and the next comes."""

    role = Role.TICK
    connected = True

    def __init__(self, seconds: float, **kwargs: Any) -> None:
        self.seconds = seconds
        self.stopping = Signal()
        self.finished = Signal()
        super().__init__(**kwargs)

    def start(self) -> None:
        self.container.spawn_managed_thread(self._run, identifier=self.role)

    def stop(self) -> None:
        self.stopping.set()
        self.finished.wait()

    def _run(self) -> None:
        while not self.stopping.wait(self.seconds):
            done = Signal()

            def handle_result(_worker: Any, result: Any, exc_info: Any, done: Signal = done) -> Any:
                done.set()
                return result, exc_info

            self.container.spawn_worker(self, (), {}, handle_result=handle_result)
            done.wait()
        self.finished.set()


tick = Tick.decorator
