"""What a process runs: a service as the shared code knows it, handed over by the entry point that knows all of them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from shared.documents.issues import Permits
    from shared.http.faces import Offer
    from shared.messaging.topology import Topology
    from shared.runtime.law_in_use import Dependents


class Service(ABC):
    """The parts of a service. Each is imported when it is asked for: no process imports those of another role."""

    name: str

    @property
    @abstractmethod
    def migrations(self) -> Path:
        """alembic's scripts."""

    @abstractmethod
    def topology(self) -> Topology:
        """Who tells whom, of all services."""

    @abstractmethod
    def events(self) -> type:
        """The entry points of events and of what is done again and again: nameko's class."""

    @abstractmethod
    def offer(self) -> Offer:
        """What it answers to requests."""

    @abstractmethod
    def dependents(self) -> Dependents:
        """What it stores that depends on rows of the law."""

    gives_documents: bool = False

    def permits(self) -> Permits:
        """What it grants or publishes in documents. Raises NotImplementedError if it gives out none."""
        raise NotImplementedError(f"{self.name} gives out no documents")
