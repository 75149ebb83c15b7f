"""The page about adding an action adds one: its row is a complete action of the running API, without further code.

So is a route, and one that goes away says so.
"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from services.messages.templates import parse_templates
from shared.http.faces import INTERNAL_FACE, LAB_FACE, PUBLIC_FACE
from shared.http.openapi import document
from shared.http.pages.reference import read
from shared.law import LimitRule, Told, hear, load
from shared.law.reading import parse_rows
from tests.shared.http.page import ADDED, EVENT, FACT, LIMITS, TEMPLATES
from tests.shared.http.parts import process, refused
from tests.shared.http.trial import AFTER, BEFORE, RETIREMENT
from tests.support import NOW, Answer, Caller, applicant, credit_code, database, officer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Engine

    from deploy.local.backing import Backing
    from deploy.local.system import System

WEIGH = "/internal/v1/applications/{ref}/actions/weigh"
REQUEST = next(
    operation.request
    for section in read(document(INTERNAL_FACE, [AFTER])).sections
    for operation in section.operations
    if operation.path == WEIGH
)


@pytest.fixture(scope="module")
def engine(servers: Backing) -> Iterator[Engine]:
    with database(servers.database_url, f"{servers.namespace}_trial_type_approval", "type_approval") as found:
        yield found


@pytest.fixture(scope="module")
def url(system: System, servers: Backing, engine: Engine) -> Iterator[str]:
    """The address of a process that runs the tests' own procedure."""
    assert engine
    settings = {"QUANHENG_NAMESPACE": f"{servers.namespace}_trial"}
    with process(system, "type_approval", settings, module="tests.shared.http.trial_process") as found:
        yield found.url


@pytest.fixture
def maker(url: str, system: System) -> Caller:
    return Caller(url, system.token(applicant(credit_code(), "maker")), NOW)


@pytest.fixture
def examiner(url: str, system: System) -> Caller:
    return Caller(url, system.token(officer("examiner", "examiner")), NOW)


@pytest.fixture
def case(maker: Caller) -> str:
    """A case that has been received."""
    made = maker.post("/v1/applications", {"model": "ACS-15"}).json
    sent = maker.post(f"/v1/applications/{made['id']}/actions/submit", If_Match='"1"')
    assert sent.status == 200, sent.body
    return str(made["id"])


def weigh(who: Caller, case: str, query: str = "", **headers: str) -> Answer:
    """The example of the action, sent as the documents have it."""
    return who.send("POST", WEIGH.replace("{ref}", case) + query, json.dumps(REQUEST.body).encode(), **headers)


def test_it_is_offered_to_whom_the_row_names_and_done_as_its_example_shows(examiner: Caller, case: str) -> None:
    read_ = examiner.get(f"/internal/v1/applications/{case}")
    (offered,) = read_.json["next_actions"]
    assert (offered["action"], offered["label"], offered["needs_reason"]) == ("weigh", ADDED.name._asdict(), True)
    answer = examiner.send("POST", offered["href"], json.dumps(REQUEST.body).encode(), If_Match=read_.headers["ETag"])
    assert answer.status == 200, answer.body
    assert (answer.json["state"], answer.headers["ETag"]) == ("weighed", '"3"')
    told = examiner.get(f"/internal/v1/applications/{case}/journal").json["items"][-1]
    assert (told["action"], told["reason"]) == ("weigh", REQUEST.body["reason"])


def test_nobody_else_may(maker: Caller, case: str, url: str, system: System) -> None:
    for other in (officer("desk", "intake"), officer("maker", "examiner", "decider")):
        caller = Caller(url, system.token(other), NOW)
        assert weigh(caller, case, If_Match="*").status == (403 if other.subject == "desk" else 200)
    refused(weigh(maker, case, If_Match="*"), 403, "forbidden")
    refused(weigh(Caller(url), case, If_Match="*"), 401, "unauthenticated")


def test_a_wrong_body_is_told_in_full(examiner: Caller, case: str) -> None:
    answer = examiner.post(WEIGH.replace("{ref}", case), {"by": " ", "bye": 1}, If_Match="*")
    refused(answer, 422, "invalid")
    assert answer.faults == {"by": "missing", "bye": "unknown_field", "reason": "missing"}


def test_its_guard_stands_in_the_way(examiner: Caller, case: str) -> None:
    path = f"/internal/v1/applications/{case}"
    shown = examiner.get(path).json
    answer = examiner.post(f"{path}/actions/weigh", {**REQUEST.body, "by": shown["applicant"]}, If_Match="*")
    refused(answer, 422, "invalid")
    assert answer.faults == {"by": "must_stand_aside"}


def test_it_asks_for_the_version(examiner: Caller, case: str) -> None:
    refused(weigh(examiner, case), 428, "precondition_required")
    refused(weigh(examiner, case, If_Match='"1"'), 412, "stale")
    assert examiner.get(f"/internal/v1/applications/{case}").json["version"] == 2


def test_it_can_be_tried(examiner: Caller, case: str) -> None:
    tried = weigh(examiner, case, "?dry_run=true", If_Match='"2"')
    assert (tried.status, tried.json["state"], "clocks" in tried.json) == (200, "weighed", True)
    assert examiner.get(f"/internal/v1/applications/{case}").json["state"] == "received"


def test_it_is_done_once_under_a_key_and_told_in_the_same_transaction(
    examiner: Caller, case: str, engine: Engine
) -> None:
    first, again = (weigh(examiner, case, If_Match='"2"', Idempotency_Key=case) for _ in range(2))
    assert (first.status, again.status, again.headers["Idempotent-Replay"]) == (200, 200, "true")
    query = "SELECT body::jsonb ->> 'type' AS type, body::jsonb -> 'data' AS data FROM outbox" + _OF_CASE
    with engine.connect() as tx:
        (told,) = tx.execute(text(query), {"case": case})
        assert (told.type, EVENT().load(told.data)["by"]) == (ADDED.emits, REQUEST.body["by"])
        stored = tx.execute(text("SELECT data FROM cases WHERE id = CAST(:case AS uuid)"), {"case": case}).scalar_one()
        assert FACT.read(stored[FACT.name]).by == REQUEST.body["by"]
    assert examiner.get(f"/internal/v1/applications/{case}").json[FACT.name]["on"] == told.data["on"]


_OF_CASE = " WHERE body::jsonb ->> 'caseid' = :case"


def test_its_event_starts_the_clock_and_is_told_in_the_message() -> None:
    (limit,) = parse_rows(LIMITS, "limits.toml", LimitRule)
    data = {"by": REQUEST.body["by"], "on": "2013-09-17", "state": ADDED.target}
    rules = replace(load(), limits=(limit,))
    (clock,) = hear(rules, "type_approval", (), Told(ADDED.emits or "", date(2013, 9, 17), EVENT().load(data)))
    assert (clock.rule.name.zh, clock.projection.deadline) == ("称量后复核", date(2013, 9, 25))
    template = parse_templates(TEMPLATES)[ADDED.emits or ""]
    told = {**data, "number": "TA-2013-00001", "due": "2013-09-25", "due_zh": "2013年9月25日"}
    assert template.names <= told.keys()
    assert REQUEST.body["by"] in template.written(told, "both")


def test_it_is_in_the_documents_of_its_side_and_no_other(url: str) -> None:
    for face in (PUBLIC_FACE, INTERNAL_FACE):
        served = Caller(url).get(f"{face.prefix}/openapi.json").json
        assert served == json.loads(json.dumps(document(face, [AFTER])))
        assert (WEIGH in served["paths"]) == (face is INTERNAL_FACE)
    assert Caller(url).get(f"{LAB_FACE.prefix}/openapi.json").status == 404
    assert WEIGH not in document(INTERNAL_FACE, [BEFORE])["paths"]


def test_it_is_on_the_page(url: str) -> None:
    page = Caller(url).get("/internal/v1/docs").body.decode()
    assert '<article id="applications_weigh">' in page
    for shown in (
        "称量",
        "Weigh",
        "承办人 an examiner",
        "已收件 received → 已称量",
        "卫考评",
        'href="/problems/four_eyes"',
    ):
        assert shown in page, shown


def test_what_goes_away_says_so_in_its_answers_and_in_the_documents(url: str) -> None:
    answer = Caller(url).get("/v1/certificates/2013F101-22/card")
    assert answer.status == 200
    assert answer.headers["Deprecation"] == "@1769817600"
    assert answer.headers["Sunset"] == "Sun, 31 Jan 2027 23:59:59 GMT"
    assert answer.headers["Link"] == f'<{RETIREMENT.successor}>; rel="successor-version"'
    paths = Caller(url).get("/v1/openapi.json").json["paths"]
    told = [path for path, item in paths.items() for operation in item.values() if operation.get("deprecated")]
    assert told == ["/v1/certificates/{number}/card"]
    assert "Removed after 2027-01-31" in Caller(url).get("/v1/docs").body.decode()
