"""A process of a service that nameko runs: events in, the outbox out, sweeps. It answers probes and nothing else."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING, Any

import eventlet
from nameko import config as nameko_config
from psycopg2 import extensions as psycopg2_extensions

from shared.http import health
from shared.observability import get_logger, metrics
from shared.runtime.container import Container
from shared.runtime.database import make_engine
from shared.runtime.law_in_use import check_at_start
from shared.runtime.machine import bind, settle_memory
from shared.runtime.probes import Probes

if TYPE_CHECKING:
    import socket
    from collections.abc import Collection

    from shared.runtime.config import Settings
    from shared.runtime.roles import ProcessRole
    from shared.runtime.service import Service

log = get_logger(__name__)

WAKE_SECONDS = 0.5
MAX_WORKERS = 12
"""Service methods running at once in a process; a few less than its database connections."""


def serve(
    settings: Settings, service: Service, roles: Collection[ProcessRole], probes: socket.socket | None = None
) -> None:
    """Run until SIGTERM or SIGINT, then finish what is in hand and return.

    Its probes answer on `probes`, where that is given, else on the port of the settings.
    """
    if psycopg2_extensions.get_wait_callback() is None:
        raise RuntimeError("psycopg2 would block every greenthread: call eventlet.monkey_patch() first")
    nameko_config.setup({"max_workers": MAX_WORKERS})
    _check_law(settings, service)
    bound = probes or bind(settings, settings.internal_http_port or settings.http_port)
    container = Container(service.events(), settings, roles)
    stopping: list[Any] = []

    def stop(_signal: int, _frame: object) -> None:
        # A signal handler runs in the hub's greenlet, which must not wait.
        if not stopping:
            stopping.append(eventlet.spawn(container.stop))

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    container.start()
    answering = Probes(bound, _State(container))
    settle_memory()
    log.info("started", roles=sorted(map(str, roles)))
    eventlet.spawn(_stay_awake)
    eventlet.spawn(container.wait).wait()
    answering.close()
    log.info("stopped")


class _State:
    """What its probes tell."""

    def __init__(self, container: Container) -> None:
        self._container = container

    def report(self) -> health.Report:
        parts = {"database": health.database(self._container.store.engine)}
        for entrypoint in self._container.entrypoints:
            parts[str(entrypoint.role)] = health.OK if entrypoint.connected else "no broker"
        return health.report(parts, list(parts))

    def figures(self) -> bytes:
        health.measure_backlog(self._container.store.engine)
        return metrics.exposition(metrics.EVENTS, metrics.BACKLOG)


def _check_law(settings: Settings, service: Service) -> None:
    engine = make_engine(settings.database_url)
    try:
        check_at_start(engine, service.dependents())
    finally:
        engine.dispose()


def _stay_awake() -> None:
    """A signal is acted on when the hub next wakes, and that of an idle process may sleep for a minute."""
    while True:
        eventlet.sleep(WAKE_SECONDS)
