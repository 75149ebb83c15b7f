"""The API of the C mark: its routes."""

from __future__ import annotations

from services.c_mark import renewing
from services.c_mark.form import Form
from services.c_mark.models import marks
from services.c_mark.papers import PERMITS
from services.c_mark.procedure import PROCEDURE
from services.c_mark.queries import REGISTER, find_marks
from services.c_mark.rules import application, wrong_in
from services.c_mark.schemas import STATUS, Gathered, Mark, MarkSummary
from services.faults import FAULTS
from services.guide import GETTING_STARTED
from services.headings import PARAMETERS, TOPICS
from services.mandates import acting_by_copy
from services.messages.planned import planned
from shared.anchors.routes import log_routes
from shared.documents.open_data import open_data_routes
from shared.documents.routes import notice_routes, permit_routes
from shared.documents.samples import sample_routes
from shared.documents.serving import serving_routes
from shared.documents.yearly import yearly_routes
from shared.http import PUBLIC, Call, Reply, Route
from shared.http.cases import CaseApi
from shared.http.events import event_names, event_types
from shared.http.faces import Offer
from shared.http.lists import permits, register_query
from shared.http.parked import PARKED_ROUTES
from shared.identity import Role
from shared.schemas import listed
from shared.text import Text
from shared.uploads.routes import upload_routes


def register(call: Call) -> Reply:
    return permits(call, PERMITS.path, REGISTER.list)


def renew(call: Call) -> Reply:
    """A draft in which nothing needs to be typed again."""
    return CASES.draft(call, lambda tx: renewing.draft(tx, call.params["number"], call.actor, call.rules, call.now))


CASES = CaseApi(PROCEDURE, Form, Gathered, wrong_in, planned)
ROUTES = [
    *PARKED_ROUTES,
    event_types(event_names(PROCEDURE)),
    *CASES.routes(),
    *notice_routes(CASES),
    *sample_routes(CASES),
    *serving_routes(CASES),
    *upload_routes(CASES, application),
    Route(
        *("GET", PERMITS.path, register, PUBLIC, Text("C标志名录", "List or find C marks")),
        asks=register_query(STATUS),
        gives=listed(MarkSummary),
    ),
    Route(
        *("POST", f"{PERMITS.path}/<number>/renewals", renew, Role.APPLICANT),
        Text("起草复查换证申请", "Write the draft of a renewal"),
        gives=CASES.answer(Role.APPLICANT),
        status=201,
        problems=("not_found", "invalid"),
    ),
    *permit_routes(PERMITS, Text("C标志查询", "Check a C mark"), find_marks, Mark),
    *log_routes(PERMITS),
    *open_data_routes(PERMITS, marks, REGISTER.status),
    *yearly_routes(PERMITS.path, REGISTER),
]
OFFER = Offer(
    *("c_mark", Text("C标志", "C marks"), ROUTES, GETTING_STARTED, FAULTS, TOPICS, PARAMETERS),
    acting_for=acting_by_copy,
)
