"""The service of a permit without its API: entry points only, the same for every permit."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from shared.messaging.entrypoints import consume, relay
from shared.messaging.inbox import take
from shared.runtime.dependencies import Config, Database, Rules, Time
from shared.runtime.tick import tick
from shared.uploads.choosing import store_of
from shared.uploads.sweeping import Cases, let_go, scan_waiting, sweep

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from shared.casework import Procedure
    from shared.messaging.topology import Topology
    from shared.messaging.versions import Versions


def permit_service(
    procedure: Procedure, topology: Topology, versions: Versions, react: Callable[..., None]
) -> type[Any]:
    """The nameko class of the service of the procedure; `react` takes in what the others tell."""

    class Service:
        name = procedure.source
        store = Database()
        rules = Rules()
        time = Time()
        settings = Config()

        @consume(topology)
        def take(self, bodies: Sequence[bytes]) -> None:
            take(self.store.engine, partial(react, rules=self.rules, time=self.time), bodies, versions)

        @relay(topology)
        def publish(self) -> None:
            """The relay needs no method, but nameko needs one to attach it to."""

        @tick(seconds=5)
        def scan(self) -> None:
            if self.settings.scanner and (files := store_of(self.settings)):
                scan_waiting(self.store, files, self.settings.scanner, Cases(procedure, self.rules, self.time))

        @tick(seconds=3600)
        def sweep(self) -> None:
            if files := store_of(self.settings):
                let_go(self.store, self.time)
                sweep(self.store, files)

    return Service
