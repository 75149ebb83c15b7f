"""The services, with the parts that a process of each needs; they are imported when they are asked for.

Every service has its parts in modules of the same names, so that nothing is said of each here.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from services import PERMITS, SERVICES
from shared.runtime.service import Service

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shared.documents.issues import Permits
    from shared.http.faces import Offer
    from shared.messaging.topology import Topology
    from shared.runtime.law_in_use import Dependents


class _Ours(Service):
    def __init__(self, name: str) -> None:
        self.name = name

    @property
    def migrations(self) -> Path:
        return Path(__file__).with_name(self.name) / "migrations"

    def topology(self) -> Topology:
        from services.catalogue import TOPOLOGY  # noqa: PLC0415

        return TOPOLOGY

    def events(self) -> type:
        found: type = self._part("service", "Service")
        return found

    def offer(self) -> Offer:
        found: Offer = self._part("api", "OFFER")
        return found

    def dependents(self) -> Dependents:
        found: Dependents = self._part("clocks.rows", "UNDER_LAW")
        return found

    def _part(self, module: str, name: str) -> Any:
        return getattr(import_module(f"services.{self.name}.{module}"), name)


class _Permit(_Ours):
    gives_documents = True

    def dependents(self) -> Dependents:
        from shared.casework.queries import UNDER_LAW  # noqa: PLC0415

        return UNDER_LAW

    def permits(self) -> Permits:
        found: Permits = self._part("papers", "PERMITS")
        return found


REGISTRY: Mapping[str, Service] = {name: (_Permit if name in PERMITS else _Ours)(name) for name in SERVICES}
