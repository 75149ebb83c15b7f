"""The API of type approval: its routes, and the functions behind those that only it has."""

from __future__ import annotations

from services.faults import FAULTS
from services.guide import GETTING_STARTED
from services.headings import PARAMETERS, TOPICS
from services.mandates import RECORDED
from services.messages.planned import planned
from services.type_approval.certificate import naming
from services.type_approval.certificate.abolition import ROUTES as ABOLITION
from services.type_approval.certificate.historic import CERTIFICATES
from services.type_approval.certificate.oiml_counts import ROUTES as OIML_COUNTS
from services.type_approval.certificate.schemas import STATUS, Certificate, CertificateSummary
from services.type_approval.certificate.site_check import sent_for
from services.type_approval.evaluation import exchange
from services.type_approval.evaluation.archive import ROUTES as ARCHIVE
from services.type_approval.evaluation.custody import AT_LAB, REPORTED
from services.type_approval.evaluation.progress import TestProgress, progress
from services.type_approval.evaluation.review import corrected, lacking
from services.type_approval.evaluation.series import SeriesProposal, proposal
from services.type_approval.intake.form import Form
from services.type_approval.intake.kinds import Kind, KindForm, kind_form, kinds
from services.type_approval.intake.rules import application, wrong_in
from services.type_approval.mandates import ROUTES as MANDATES
from services.type_approval.mandates import acting_for
from services.type_approval.models import certificates
from services.type_approval.papers import PERMITS
from services.type_approval.procedure import PROCEDURE
from services.type_approval.queries import REGISTER, find_certificates
from services.type_approval.registers.routes import ROUTES as REGISTERS
from services.type_approval.registers.schemas import Candidates
from services.type_approval.registers.steps import candidates
from services.type_approval.schemas import Gathered
from shared.anchors.routes import log_routes
from shared.casework import evaluated_case, visible_case
from shared.documents.open_data import open_data_routes
from shared.documents.routes import notice_routes, permit_routes
from shared.documents.samples import sample_routes
from shared.documents.serving import serving_routes
from shared.documents.yearly import yearly_routes
from shared.historic.routes import historic_routes
from shared.http import PUBLIC, Call, Reply, Route
from shared.http.cases import CaseApi
from shared.http.events import event_names, event_types
from shared.http.faces import Offer
from shared.http.lists import permits, register_query
from shared.http.parked import PARKED_ROUTES
from shared.identity import Role
from shared.runtime.time import legal_date
from shared.schemas import listed
from shared.text import Text
from shared.uploads.filing import documents_of
from shared.uploads.routes import upload_routes


def register(call: Call) -> Reply:
    return permits(call, PERMITS.path, REGISTER.list)


def series(call: Call) -> Reply:
    with call.store.reading() as tx:
        return Reply(proposal(evaluated_case(tx, call.params["ref"], call.actor).form))


def tests(call: Call) -> Reply:
    with call.store.reading() as tx:
        case = evaluated_case(tx, call.params["ref"], call.actor)
        held = documents_of(tx, case, call.actor, call.rules)
    return Reply(progress(case, lacking(held, held.rules, legal_date(call.now))))


def laboratories(call: Call) -> Reply:
    with call.store.reading() as tx:
        case = visible_case(tx, call.params["ref"], call.actor)
        return Reply({"items": candidates(tx, case, legal_date(call.now))})


def categories(call: Call) -> Reply:
    return Reply({"items": kinds(call.rules, legal_date(call.now))})


def category(call: Call) -> Reply:
    return Reply(kind_form(call.rules, call.params["code"], legal_date(call.now)))


CASES = CaseApi(PROCEDURE, Form, Gathered, wrong_in, planned)
ROUTES = [
    *PARKED_ROUTES,
    event_types(event_names(PROCEDURE) | {RECORDED: Text("登记授权委托", "Mandate recorded")}),
    *CASES.routes(),
    *exchange.routes(CASES),
    *notice_routes(CASES),
    *sample_routes(CASES),
    *serving_routes(CASES),
    *upload_routes(CASES, application, ("arranged", *AT_LAB, *REPORTED), corrected, sent_for, reads=naming.reads),
    Route(
        "GET",
        PERMITS.path,
        register,
        PUBLIC,
        Text("证书名录", "List or find type approval certificates"),
        asks=register_query(STATUS),
        gives=listed(CertificateSummary),
    ),
    *OIML_COUNTS,
    *ABOLITION,
    *MANDATES,
    *ARCHIVE,
    *REGISTERS,
    *permit_routes(PERMITS, Text("证书查询", "Check a type approval certificate"), find_certificates, Certificate),
    *historic_routes(CERTIFICATES, FAULTS),
    *log_routes(PERMITS),
    *open_data_routes(PERMITS, certificates, REGISTER.status),
    *yearly_routes(PERMITS.path, REGISTER),
    Route(
        "GET",
        "/v1/lab/applications/<ref>/series",
        series,
        Role.LAB,
        Text("系列产品样机选择建议", "Which lines of a case to test"),
        gives=SeriesProposal,
    ),
    *(
        Route(
            "GET", path, tests, role, Text("试验进度", "What is to be tested, and what is recorded"), gives=TestProgress
        )
        for role, path in (
            (Role.LAB, "/v1/lab/applications/<ref>/tests"),
            (Role.STAFF, "/internal/v1/applications/<ref>/tests"),
        )
    ),
    Route(
        "GET",
        "/internal/v1/applications/<ref>/laboratories",
        laboratories,
        Role.STAFF,
        Text("候选技术机构", "Which laboratories may evaluate a case, and why"),
        gives=Candidates,
    ),
    Route(
        "GET",
        "/v1/categories",
        categories,
        PUBLIC,
        Text("器具目录", "List the kinds of instruments"),
        gives=listed(Kind),
    ),
    Route(
        "GET",
        "/v1/categories/<code>",
        category,
        PUBLIC,
        Text("器具的特性与试验项目", "Read what a kind of instrument is stated and tested by"),
        gives=KindForm,
    ),
]
OFFER = Offer(
    "type_approval", Text("型式批准", "type approval"), ROUTES, GETTING_STARTED, FAULTS, TOPICS, PARAMETERS, acting_for
)
