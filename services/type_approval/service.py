"""The type approval service: entry points only."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from services.catalogue import TOPOLOGY
from services.faults import FAULTS
from services.guide import GETTING_STARTED
from services.type_approval.procedure import PROCEDURE
from services.type_approval.queries import get_certificate, list_certificates
from services.type_approval.reactions import react
from services.type_approval.schemas import Certificate, CertificateSummary, Form, Gathered
from shared.http import PUBLIC, Call, Problem, Reply, Route
from shared.http.cases import CaseApi
from shared.http.lists import PermitListQuery, permits
from shared.http.openapi import Offer
from shared.http.parked import PARKED_ROUTES
from shared.http.server import respond
from shared.messaging.entrypoints import consume, relay
from shared.messaging.inbox import take
from shared.runtime.database import Database
from shared.runtime.dependencies import Rules, Time
from shared.schemas import listed

if TYPE_CHECKING:
    from collections.abc import Sequence


def register(call: Call) -> Reply:
    return permits(call, "/v1/certificates", list_certificates)


def certificate(call: Call) -> Reply:
    with call.store.reading() as tx:
        return Reply(get_certificate(tx, call.params["number"]))


ROUTES = [
    *PARKED_ROUTES,
    *CaseApi(PROCEDURE, Form, Gathered).routes(),
    Route(
        "GET",
        "/v1/certificates",
        register,
        PUBLIC,
        "List or find type approval certificates 证书名录",
        asks=PermitListQuery,
        gives=listed(CertificateSummary),
    ),
    Route(
        "GET",
        "/v1/certificates/<number>",
        certificate,
        PUBLIC,
        "Check a type approval certificate 证书查询",
        gives=Certificate,
    ),
]
OFFER = Offer("type_approval", "型式批准", "type approval", ROUTES, GETTING_STARTED, FAULTS)


class Service:
    """型式批准."""

    name = "type_approval"
    store = Database()
    rules = Rules()
    clock = Time()

    @respond(OFFER)
    def answer(self, call: Call) -> Reply | Problem:
        call.store, call.rules = self.store, self.rules
        return call.answered()

    @consume(TOPOLOGY)
    def take(self, bodies: Sequence[bytes]) -> None:
        take(self.store.engine, partial(react, rules=self.rules, clock=self.clock), bodies)

    @relay(TOPOLOGY)
    def publish(self) -> None:
        """The relay publishes by itself; nameko wants a method to hang it on."""
