"""The API of type approval: its routes, and the functions behind those that only it has."""

from __future__ import annotations

from services.faults import FAULTS
from services.guide import GETTING_STARTED
from services.type_approval.permits import PERMITS
from services.type_approval.procedure import PROCEDURE
from services.type_approval.queries import get_certificate, list_certificates
from services.type_approval.schemas import Certificate, CertificateSummary, Form, Gathered
from shared.documents.routes import permit_routes
from shared.http import PUBLIC, Call, Reply, Route
from shared.http.cases import CaseApi
from shared.http.lists import PermitListQuery, permits
from shared.http.openapi import Offer
from shared.http.parked import PARKED_ROUTES
from shared.schemas import listed


def register(call: Call) -> Reply:
    return permits(call, "/v1/certificates", list_certificates)


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
    *permit_routes(PERMITS, "Check a type approval certificate 证书查询", get_certificate, Certificate),
]
OFFER = Offer("type_approval", "型式批准", "type approval", ROUTES, GETTING_STARTED, FAULTS)
