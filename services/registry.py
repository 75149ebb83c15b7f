"""The services, with the parts that a process of each needs; they are imported when they are asked for."""
# ruff: noqa: PLC0415

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from shared.runtime.service import Service

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shared.documents.issues import Permits
    from shared.http.faces import Offer
    from shared.messaging.topology import Topology
    from shared.runtime.law_in_use import Dependents


class _Ours(Service):
    @property
    def migrations(self) -> Path:
        return Path(__file__).with_name(self.name) / "migrations"

    def topology(self) -> Topology:
        from services.catalogue import TOPOLOGY

        return TOPOLOGY


class _Permit(_Ours):
    gives_documents = True

    def dependents(self) -> Dependents:
        from shared.casework.queries import UNDER_LAW

        return UNDER_LAW


class _TypeApproval(_Permit):
    name = "type_approval"

    def events(self) -> type:
        from services.type_approval.service import Service as Found

        return Found

    def offer(self) -> Offer:
        from services.type_approval.api import OFFER

        return OFFER

    def permits(self) -> Permits:
        from services.type_approval.papers import PERMITS

        return PERMITS


class _Licensing(_Permit):
    name = "licensing"

    def events(self) -> type:
        from services.licensing.service import Service as Found

        return Found

    def offer(self) -> Offer:
        from services.licensing.api import OFFER

        return OFFER

    def permits(self) -> Permits:
        from services.licensing.papers import PERMITS

        return PERMITS


class _CMark(_Permit):
    name = "c_mark"

    def events(self) -> type:
        from services.c_mark.service import Service as Found

        return Found

    def offer(self) -> Offer:
        from services.c_mark.api import OFFER

        return OFFER

    def permits(self) -> Permits:
        from services.c_mark.papers import PERMITS

        return PERMITS


class _Notifications(_Ours):
    name = "notifications"

    def events(self) -> type:
        from services.notifications.service import Service as Found

        return Found

    def offer(self) -> Offer:
        from services.notifications.api import OFFER

        return OFFER

    def dependents(self) -> Dependents:
        from services.notifications.clocks.rows import UNDER_LAW

        return UNDER_LAW


REGISTRY: Mapping[str, Service] = {one.name: one for one in (_TypeApproval(), _Licensing(), _CMark(), _Notifications())}
