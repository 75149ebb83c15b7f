"""The process that answers requests: its ports, its threads, its shutdown."""

from __future__ import annotations

import asyncio
import signal
from contextlib import nullcontext, suppress
from functools import partial
from typing import TYPE_CHECKING

import uvicorn
import uvloop

from shared.http import health
from shared.http.application import Application, Callers
from shared.http.connection import Connection, Gate
from shared.http.gateway import Gateway, Pools, Threads
from shared.http.incoming import Spool
from shared.http.routes import Context, Door
from shared.law import load
from shared.messaging.doorbell import RemoteDoorbell
from shared.observability import get_logger, metrics
from shared.runtime.companion import STARTING
from shared.runtime.config import ConfigurationError
from shared.runtime.database import Store, make_engine
from shared.runtime.law_in_use import check_at_start
from shared.runtime.machine import BACKLOG, bind, settle_memory
from shared.runtime.roles import ProcessRole
from shared.runtime.time import time_source
from shared.uploads.choosing import store_of

if TYPE_CHECKING:
    import socket
    from collections.abc import Collection, Iterator, Sequence
    from contextlib import AbstractContextManager

    from shared.http.faces import Offer
    from shared.runtime.companion import Companion
    from shared.runtime.config import Settings
    from shared.runtime.service import Service

log = get_logger(__name__)

WRITERS, READERS, MORE_READERS = 10, 2, 4
"""Threads that answer requests; in all, a few less than the process may have database connections."""
DRAIN_SECONDS = 5.0
"""How long a process that is told to stop waits for the answers it has begun."""
_CLOSE_SECONDS = 1
_LOOK_SECONDS = 0.02


def serve(settings: Settings, service: Service, companions: Sequence[Companion] = ()) -> None:
    """Answer requests until SIGTERM or SIGINT, or until one of its companions ends; then finish those that were begun.

    Raises ConfigurationError or LawMissingError.
    """
    offer = service.offer()
    store = store_of(settings)
    if store is None and any(route.accepts.spooled for route in offer.routes):
        raise ConfigurationError(
            "set QUANHENG_DOCUMENTS_FOLDER or QUANHENG_DOCUMENTS_S3: what applicants send is kept there"
        )
    engine = make_engine(settings.database_url, pool=settings.database_pool)
    check_at_start(engine, service.dependents())
    bell = RemoteDoorbell(engine)
    context = Context(time_source(settings), Store(engine, bell), load(settings.rules), settings, store)
    process = _Process(offer, context, companions)
    bell.start()
    settle_memory()
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(process.run())
    finally:
        bell.stop()
        engine.dispose()


class _Process:
    """The ports of the process, and what its probes tell."""

    def __init__(self, offer: Offer, context: Context, companions: Sequence[Companion]) -> None:
        self._settings = settings = context.settings
        self._engine = context.store.engine
        self._companions = companions
        self._draining = False
        callers = Callers(settings)
        pools = Pools(Threads("write", WRITERS), Threads("read", READERS, MORE_READERS), Threads("probe", 2))
        spool = Spool(context.files.incoming if context.files else None, settings.upload_bytes)
        self._ports: list[tuple[Application, uvicorn.Server, socket.socket]] = []
        for port, doors in _doors(settings):
            application = Application(offer, context, callers, self, doors)
            gateway = Gateway(application, pools, settings.http_limits.body_seconds, spool)
            self._ports.append((application, _server(application, gateway, settings), bind(settings, port)))

    def report(self) -> health.Report:
        """The API is ready without a broker, since the outbox keeps its events."""
        parts = {"database": health.database(self._engine)}
        needed = ["database"]
        for companion in self._companions:
            others = companion.parts()
            parts |= others
            needed += [role for role, state in others.items() if state == STARTING]
        return health.report(parts, needed, draining=self._draining)

    def figures(self) -> bytes:
        theirs = b"".join(companion.figures() for companion in self._companions)
        if any(companion.roles != {ProcessRole.PRESS} for companion in self._companions):
            return metrics.exposition(metrics.HTTP) + theirs
        health.measure_backlog(self._engine)
        return metrics.exposition(metrics.HTTP, metrics.BACKLOG) + theirs

    async def run(self) -> None:
        loop, stop = asyncio.get_running_loop(), asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop.set)
        for companion in self._companions:
            companion.at_end(partial(loop.call_soon_threadsafe, stop.set))
        running = [asyncio.create_task(server.serve([bound])) for _, server, bound in self._ports]
        log.info("started", roles=[ProcessRole.API], ports=self._settings.ports)
        await stop.wait()
        await self._drain()
        for _, server, _ in self._ports:
            server.should_exit = True
        await asyncio.gather(*running)
        log.info("stopped")

    async def _drain(self) -> None:
        """Answer what was asked; each answer is the last of its connection."""
        self._draining = True
        for application, server, _ in self._ports:
            application.draining = True
            for connection in list(server.server_state.connections):
                connection.shutdown()
        with suppress(TimeoutError):
            async with asyncio.timeout(DRAIN_SECONDS):
                while any(server.server_state.tasks for _, server, _ in self._ports):  # noqa: ASYNC110 - no event for it
                    await asyncio.sleep(_LOOK_SECONDS)


class _Server(uvicorn.Server):
    def capture_signals(self) -> AbstractContextManager[None]:  # type: ignore[override]
        """Signals are for the process, not for each of its ports."""
        return nullcontext()


def _server(application: Application, gateway: Gateway, settings: Settings) -> uvicorn.Server:
    limits = settings.http_limits
    members = {"application": application, "limits": limits, "gate": Gate(limits)}
    return _Server(
        uvicorn.Config(
            gateway,
            http=type("PortConnection", (Connection,), members),
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            proxy_headers=False,
            server_header=False,
            timeout_keep_alive=limits.idle_seconds,  # type: ignore[arg-type]
            timeout_graceful_shutdown=_CLOSE_SECONDS,
            backlog=BACKLOG,
        )
    )


def _doors(settings: Settings) -> Iterator[tuple[int, Collection[Door]]]:
    """Each port with the doors behind it."""
    if settings.internal_http_port is None:
        yield settings.http_port, frozenset(Door)
    else:
        yield settings.internal_http_port, {Door.INTERNAL}
        yield settings.http_port, {Door.PUBLIC}
