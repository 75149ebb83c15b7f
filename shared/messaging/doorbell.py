"""Wake the relay after a commit, so that it reacts faster than its polling interval.

Within one process a threading event is enough. Between processes PostgreSQL carries the signal (NOTIFY). It is sent
after the commit, on a separate connection, and at most once for many commits: a NOTIFY inside the transaction would
serialise all commits of the database on one lock. A lost signal delays publication by one polling interval at most.
"""

from __future__ import annotations

import select
import threading
import time
from typing import TYPE_CHECKING

from sqlalchemy.exc import SQLAlchemyError

from shared.observability import get_logger
from shared.sql import autocommit

if TYPE_CHECKING:
    from sqlalchemy import Engine

log = get_logger(__name__)

CHANNEL = "quanheng_outbox"
REST_SECONDS = 0.01
"""Pause before the next NOTIFY where there were commits during the last one; it covers all that are made meanwhile."""


class Doorbell:
    """A signal within this process. Several rings while nobody waits count as one."""

    def __init__(self) -> None:
        self._rung = threading.Event()

    def start(self) -> None:
        """Does nothing; `RemoteDoorbell` needs it."""

    def stop(self) -> None:
        """Does nothing; `RemoteDoorbell` needs it."""

    def ring(self) -> None:
        self._rung.set()

    @property
    def rung(self) -> bool:
        """Whether somebody rang since the last wait."""
        return self._rung.is_set()

    def wait(self, seconds: float) -> bool:
        """Wait up to `seconds` for a ring; returns whether one came."""
        rang = self._rung.wait(seconds)
        self._rung.clear()
        return rang


class RemoteDoorbell:
    """Signals the relay in another process."""

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
                with autocommit(self._engine) as connection:
                    connection.exec_driver_sql(f"NOTIFY {CHANNEL}")
                if self._pending.rung:
                    time.sleep(REST_SECONDS)
            except SQLAlchemyError as error:
                log.warning("doorbell_failed", error=repr(error))


def listen(engine: Engine, bell: Doorbell, seconds: float) -> None:
    """Pass signals from other processes to `bell`. Returns after `seconds` without a signal; raises if the connection
    is lost."""
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
        # The session keeps listening, so it must not return to the pool.
        connection.invalidate()
