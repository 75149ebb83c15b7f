"""The licensing service without its API: entry points only."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from services.catalogue import TOPOLOGY, VERSIONS
from services.licensing.reactions import react
from shared.messaging.entrypoints import consume, relay
from shared.messaging.inbox import take
from shared.runtime.dependencies import Database, Rules, Time

if TYPE_CHECKING:
    from collections.abc import Sequence


class Service:
    """制造许可."""

    name = "licensing"
    store = Database()
    rules = Rules()
    clock = Time()

    @consume(TOPOLOGY)
    def take(self, bodies: Sequence[bytes]) -> None:
        take(self.store.engine, partial(react, rules=self.rules, clock=self.clock), bodies, VERSIONS)

    @relay(TOPOLOGY)
    def publish(self) -> None:
        """The relay needs no method, but nameko needs one to attach it to."""
