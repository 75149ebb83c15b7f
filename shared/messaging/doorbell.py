"""Wakes the relay when something was committed, so that it need not poll to be quick.

In one process a bell is enough. Between processes PostgreSQL carries the ring (NOTIFY), sent after the commit from a
connection of its own and at most once for many commits: a NOTIFY inside the transaction would make all commits of the
database queue up for one lock. A ring that is lost costs one polling interval, nothing else.
"""

from __future__ import annotations

import select
import threading
import time
from typing import TYPE_CHECKING

from sqlalchemy.exc import SQLAlchemyError

from shared.observability import get_logger

if TYPE_CHECKING:
    from sqlalchemy import Engine

log = get_logger(__name__)

CHANNEL = "quanheng_outbox"
REST_SECONDS = 0.01
"""Between two rings: the relay rests as long, and one ring tells of all that was committed meanwhile."""


class Doorbell:
    """A bell in this process; rings that come while nobody waits are remembered as one."""

    def __init__(self) -> None:
        self._rung = threading.Event()

    def start(self) -> None:
        """Nothing to start."""

    def stop(self) -> None:
        """Nothing to stop."""

    def ring(self) -> None:
        self._rung.set()

    def wait(self, seconds: float) -> bool:
        """Wait for a ring, but no longer than `seconds`; whether it rang."""
        rang = self._rung.wait(seconds)
        self._rung.clear()
        return rang


class RemoteDoorbell:
    """Rings the bell of the relay that runs in another process."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._pending = Doorbell()
        self._stopping = False

    def start(self) -> None:
        threading.Thread(target=self._run, daemon=True).start()

    def stop(self) -> None:
        self._stopping = True
        self._pending.ring()

    def ring(self) -> None:
        self._pending.ring()

    def _run(self) -> None:
        while not self._stopping:
            if not self._pending.wait(60):
                continue
            try:
                with self._engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                    connection.exec_driver_sql(f"NOTIFY {CHANNEL}")
                time.sleep(REST_SECONDS)
            except SQLAlchemyError as error:
                log.warning("doorbell_failed", error=repr(error))


def listen(engine: Engine, bell: Doorbell, seconds: float) -> None:
    """Pass rings from other processes on to `bell` for about `seconds`; returns early when the connection is lost."""
    connection = engine.raw_connection()
    try:
        raw = connection.driver_connection
        assert raw is not None  # noqa: S101 - a pool's fresh connection has its driver's
        raw.autocommit = True
        raw.cursor().execute(f"LISTEN {CHANNEL}")
        while select.select([raw], [], [], seconds)[0]:
            raw.poll()
            if raw.notifies:
                raw.notifies.clear()
                bell.ring()
    finally:
        # The session listens for good: it does not go back to the pool.
        connection.invalidate()
