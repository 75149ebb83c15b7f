"""The type approval service without its API: entry points only."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from services.catalogue import TOPOLOGY, VERSIONS
from services.type_approval.reactions import react
from shared.messaging.entrypoints import consume, relay
from shared.messaging.inbox import take
from shared.runtime.dependencies import Config, Database, Rules, Time
from shared.runtime.tick import tick
from shared.uploads.store import store_of
from shared.uploads.sweeping import scan_waiting, sweep

if TYPE_CHECKING:
    from collections.abc import Sequence


class Service:
    """型式批准."""

    name = "type_approval"
    store = Database()
    rules = Rules()
    clock = Time()
    settings = Config()

    @consume(TOPOLOGY)
    def take(self, bodies: Sequence[bytes]) -> None:
        take(self.store.engine, partial(react, rules=self.rules, clock=self.clock), bodies, VERSIONS)

    @relay(TOPOLOGY)
    def publish(self) -> None:
        """The relay needs no method, but nameko needs one to attach it to."""

    @tick(seconds=5)
    def scan(self) -> None:
        if self.settings.scanner and (files := store_of(self.settings)):
            scan_waiting(self.store, files, self.settings.scanner)

    @tick(seconds=3600)
    def sweep(self) -> None:
        if files := store_of(self.settings):
            sweep(self.store, files)
