"""The witness as a service, as `services.registry` has the others."""
# ruff: noqa: PLC0415

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from shared.runtime.service import Service

if TYPE_CHECKING:
    from shared.http.faces import Offer
    from shared.messaging.topology import Topology
    from shared.runtime.law_in_use import Dependents


class _Witness(Service):
    name = "witness"
    migrations = Path("/nonexistent")

    def topology(self) -> Topology:
        raise NotImplementedError

    def events(self) -> type:
        from tests.faults.witness import Service as Found

        return Found

    def offer(self) -> Offer:
        raise NotImplementedError

    def dependents(self) -> Dependents:
        from shared.runtime.law_in_use import Dependents

        return Dependents("", "SELECT 0")


WITNESS = _Witness()
