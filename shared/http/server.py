"""nameko's HTTP entry point for a table of routes, and the ports it is asked at.

Together with `shared.http.wire`, `shared.messaging.entrypoints` and `shared.runtime` the only code that knows nameko
and greenthreads.
"""

from __future__ import annotations

from threading import Event as Signal
from typing import TYPE_CHECKING, Any

from nameko.extensions import Entrypoint, ProviderCollector, SharedExtension

from shared.http.application import Application, Callers
from shared.http.routes import Door
from shared.http.wire import Listener
from shared.problems import Problem
from shared.runtime.container import Role

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from shared.http.openapi import Offer
    from shared.http.routes import Call, Reply


class Server(ProviderCollector, SharedExtension):
    """The ports of the settings. Runs in every process, whatever its roles, for the probes."""

    def __init__(self) -> None:
        super().__init__()
        self.draining = False
        self._listeners: dict[Listener, Any] = {}

    def start(self) -> None:
        if self._listeners:
            return
        settings = self.container.settings
        callers = Callers(settings)
        for port, doors in self._ports():
            application = Application(self, self._providers, callers, doors)
            listener = Listener((settings.http_address, port), application, settings.http_limits)
            self._listeners[listener] = self.container.spawn_managed_thread(listener.accept)

    def stop(self) -> None:
        super().stop()
        for listener, accepting in self._listeners.items():
            accepting.kill()
            listener.close()

    def _ports(self) -> Iterator[tuple[int, Collection[Door]]]:
        """Which doors are behind which port. A process that answers no requests opens none to the public."""
        settings = self.container.settings
        if settings.internal_http_port is None:
            yield settings.http_port, frozenset(Door)
            return
        yield settings.internal_http_port, {Door.INTERNAL}
        if Role.API in self.container.roles:
            yield settings.http_port, {Door.PUBLIC}


class Respond(Entrypoint):
    """Runs the decorated method with a Call for each request that matches a route; it returns what it answered."""

    role = Role.API
    server = Server()

    def __init__(self, offer: Offer, **kwargs: Any) -> None:
        self.offer = offer
        super().__init__(**kwargs)

    def setup(self) -> None:
        self.server.register_provider(self)

    def stop(self) -> None:
        self.server.draining = True
        self.server.unregister_provider(self)

    def handle(self, call: Call) -> Reply:
        """Run a worker for `call`. Raises the Problem it answered, or what it raised."""
        done = Signal()
        outcome: list[Any] = []

        def handle_result(_worker: Any, result: Any, exc_info: Any) -> Any:
            outcome.extend((result, exc_info))
            done.set()
            return result, exc_info

        self.container.spawn_worker(self, (call,), {}, handle_result=handle_result)
        done.wait()
        reply, exc_info = outcome
        if exc_info:
            raise exc_info[1]
        if isinstance(reply, Problem):
            raise reply
        return reply  # type: ignore[no-any-return]


respond = Respond.decorator
