"""The API of licensing: its routes, and the functions behind those that only it has."""

from __future__ import annotations

from services.faults import FAULTS
from services.guide import GETTING_STARTED
from services.headings import PARAMETERS, TOPICS
from services.licensing.assessment.appointed import ROUTES as APPOINTED
from services.licensing.assessment.rules import WITH_EVIDENCE, asked_to_show, clauses
from services.licensing.assessment.schemas import Clause
from services.licensing.experts.routes import ROUTES as EXPERTS
from services.licensing.intake import prefilling
from services.licensing.intake.form import AmendmentDraft, Form
from services.licensing.intake.rules import application, wrong_in
from services.licensing.licence import contracting
from services.licensing.licence.figures import ROUTES as FIGURES
from services.licensing.licence.historic import LICENCES
from services.licensing.licence.schemas import STATUS, HeldContract, Licence, LicenceSummary
from services.licensing.models import licences
from services.licensing.papers import PERMITS
from services.licensing.procedure import PROCEDURE
from services.licensing.queries import REGISTER, find_licences
from services.licensing.schemas import Gathered
from services.mandates import acting_by_copy
from services.messages.planned import planned
from shared.anchors.routes import log_routes
from shared.casework import visible_case
from shared.casework.engine import law_of
from shared.documents.open_data import open_data_routes
from shared.documents.routes import notice_routes, permit_routes
from shared.documents.samples import sample_routes
from shared.documents.serving import serving_routes
from shared.historic.routes import historic_routes
from shared.http import PUBLIC, Call, Reply, Route
from shared.http.cases import FACES, CaseApi
from shared.http.events import event_names, event_types
from shared.http.faces import Offer
from shared.http.lists import permits, register_query
from shared.http.parked import PARKED_ROUTES
from shared.identity import Role
from shared.runtime.time import legal_date
from shared.schemas import listed
from shared.text import Text, comparable
from shared.uploads.routes import upload_routes


def register(call: Call) -> Reply:
    return permits(call, PERMITS.path, REGISTER.list)


def renew(call: Call) -> Reply:
    """A draft in which nothing needs to be typed again."""
    return CASES.draft(call, lambda tx: prefilling.renewal(tx, call.params["number"], call.actor, call.now))


def amend(call: Call) -> Reply:
    """A draft that has what is known of the maker, and the lines that can be meant."""
    kind = call.body(AmendmentDraft())["kind"]
    return CASES.draft(call, lambda tx: prefilling.amendment(tx, call.params["number"], kind, call.actor))


def draft_first(call: Call) -> Reply:
    """A draft from the maker's certificates."""
    return CASES.draft(call, lambda tx: prefilling.first(tx, call.actor))


def checklist(call: Call) -> Reply:
    """Under the rules that the case was received under."""
    with call.store.reading() as tx:
        case = visible_case(tx, call.params["ref"], call.actor)
    rows = clauses(case, law_of(case, call.rules), legal_date(call.now))
    found = {comparable(one["clause"]): one for one in case.form.get("self_assessed", ())}
    items = []
    for row in rows:
        item = {"code": row.id, **row.name._asdict(), "must_have": row.must_have, "sample": row.sample}
        own = found.get(comparable(row.id))
        items.append({**item, "self_assessed": own} if own else item)
    return Reply({"items": items})


def reported_contracts(call: Call) -> Reply:
    with call.store.reading() as tx:
        case = visible_case(tx, call.params["ref"], call.actor)
    return Reply({"items": contracting.listed(case, legal_date(call.now))})


CASES = CaseApi(PROCEDURE, Form, Gathered, wrong_in, planned)
ROUTES = [
    *PARKED_ROUTES,
    event_types(event_names(PROCEDURE)),
    *CASES.routes(),
    *notice_routes(CASES),
    *sample_routes(CASES),
    *serving_routes(CASES),
    *upload_routes(CASES, application, corrected=asked_to_show, with_office=WITH_EVIDENCE),
    *EXPERTS,
    *APPOINTED,
    *(
        Route(
            "GET",
            f"{FACES[role]}/<ref>/checklist",
            checklist,
            role,
            Text("考核条款", "List the clauses of the on-site assessment"),
            gives=listed(Clause),
        )
        for role in (Role.APPLICANT, Role.EXPERT, Role.STAFF)
    ),
    *(
        Route(
            "GET",
            f"{FACES[role]}/<ref>/contracts",
            reported_contracts,
            role,
            Text("委托加工合同", "List the contracts under a licence"),
            gives=listed(HeldContract),
        )
        for role in (Role.APPLICANT, Role.STAFF)
    ),
    Route(
        "GET",
        PERMITS.path,
        register,
        PUBLIC,
        Text("许可证名录", "List or find manufacturing licences"),
        asks=register_query(STATUS),
        gives=listed(LicenceSummary),
    ),
    *FIGURES,
    *permit_routes(PERMITS, Text("许可证查询", "Check a manufacturing licence"), find_licences, Licence),
    *historic_routes(LICENCES, FAULTS),
    *log_routes(PERMITS),
    *open_data_routes(PERMITS, licences, REGISTER.status),
    Route(
        "POST",
        "/v1/licences/<number>/renewals",
        renew,
        Role.APPLICANT,
        Text("起草复查换证申请", "Write the draft of a renewal"),
        gives=CASES.answer(Role.APPLICANT),
        status=201,
        problems=("not_found", "invalid"),
    ),
    Route(
        "POST",
        "/v1/licences/<number>/amendments",
        amend,
        Role.APPLICANT,
        Text("起草许可变更申请", "Write the draft of an amendment"),
        takes=AmendmentDraft,
        gives=CASES.answer(Role.APPLICANT),
        status=201,
        problems=("not_found", "invalid"),
    ),
    Route(
        "POST",
        "/v1/licences/drafts",
        draft_first,
        Role.APPLICANT,
        Text("按证书起草首次申请", "Write the draft of a first application from your certificates"),
        gives=CASES.answer(Role.APPLICANT),
        status=201,
    ),
]
OFFER = Offer(
    *("licensing", Text("制造许可", "manufacturing licences"), ROUTES, GETTING_STARTED, FAULTS, TOPICS, PARAMETERS),
    acting_for=acting_by_copy,
)
