"""Headers of every response; idempotency, dry runs and conditional requests."""

from __future__ import annotations

import http.client
import json
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
from sqlalchemy import text

from shared.http.server import READERS, WRITERS
from shared.identity import Actor, Role
from tests.shared.http.parts import BLOCKED, refused
from tests.support import Answer, Caller, Office, PlayedCase, content_of, credit_code, officer, wait_for

if TYPE_CHECKING:
    from deploy.local.system import System

ANSWERS = (
    "INSERT INTO idempotency (subject, key, fingerprint, status, body, headers, created_at)"
    " SELECT :who, i, '', 200, '{}', '{}', now() - CAST(:age AS interval) FROM generate_series(1, :count) AS i"
)


@pytest.fixture
def case(office: Office) -> PlayedCase:
    return office.case("type_approval")


def submit(case: PlayedCase, key: str, **content: object) -> Answer:
    path = case.path("applicant", "submit")
    return case.caller("applicant").post(path, content, Idempotency_Key=key, If_Match='"1"')


def journal(case: PlayedCase) -> list[str]:
    answer = case.caller("applicant").get(case.path("applicant") + "/journal").json
    assert answer["intact"] is True
    return [entry["action"] for entry in answer["items"]]


def test_a_new_case_is_told_with_its_place_and_version(office: Office, case: PlayedCase) -> None:
    answer = case.caller("applicant").post("/v1/applications", case.form)
    assert answer.status == 201
    assert answer.headers["ETag"] == '"1"'
    assert case.caller("applicant").get(answer.headers["Location"]).json == answer.json
    assert answer.json["state"] == "draft"
    assert "number" not in answer.json
    assert {action["action"] for action in answer.json["next_actions"]} == {"edit", "submit", "discard"}
    assert office.rows("type_approval", "SELECT count(*) FROM cases WHERE id = :id", id=answer.json["id"]) == [(1,)]


def test_the_same_key_twice_has_one_effect_and_one_answer(case: PlayedCase) -> None:
    first, second = submit(case, case.id), submit(case, case.id)
    assert first.status == second.status == 200
    assert first.json == second.json
    assert first.headers["ETag"] == second.headers["ETag"]
    assert (first.headers.get("Idempotent-Replay"), second.headers["Idempotent-Replay"]) == (None, "true")
    assert journal(case) == ["create", "submit"]


def test_the_answer_under_a_key_stays_though_the_case_moved_on(case: PlayedCase) -> None:
    first = submit(case, case.id)
    case.do("accept")
    assert submit(case, case.id).json == first.json
    assert case.read()["state"] == "accepted"


def test_a_key_is_refused_for_another_body_and_another_path(office: Office, case: PlayedCase) -> None:
    submit(case, case.id)
    with office.unchanged():
        refused(submit(case, case.id, confirmed=[]), 422, "key_reused")
        answer = case.attempt("withdraw", headers={"Idempotency_Key": case.id})
        refused(answer, 422, "key_reused")


def test_a_key_belongs_to_one_person(case: PlayedCase, office: Office) -> None:
    other = office.case("type_approval")
    assert submit(case, "key-of-both").status == 200
    answer = submit(other, "key-of-both")
    assert (answer.status, answer.headers.get("Idempotent-Replay")) == (200, None)


def test_a_refused_request_does_not_use_its_key_up(case: PlayedCase) -> None:
    key = case.id
    refused(case.attempt("accept", headers={"Idempotency_Key": key}), 404, "not_found")
    case.do("submit")
    assert case.attempt("accept", headers={"Idempotency_Key": key}).status == 200


def test_the_same_key_at_once_has_one_effect(case: PlayedCase) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: submit(case, case.id), range(8)))
    done = [answer for answer in answers if answer.status == 200]
    assert [answer.headers.get("Idempotent-Replay") for answer in done].count(None) == 1
    assert len({answer.body for answer in done}) == 1
    assert {answer.status for answer in answers} <= {200, 409}
    assert journal(case) == ["create", "submit"]


def test_a_key_whose_request_is_under_way_is_not_waited_for(office: Office, case: PlayedCase) -> None:
    with office.engines["type_approval"].connect() as tx, ThreadPoolExecutor(1) as pool:
        tx.execute(text("SELECT 1 FROM cases WHERE id = :id FOR UPDATE"), {"id": case.id})
        first = pool.submit(submit, case, case.id)
        wait_for(lambda: office.rows("type_approval", BLOCKED) >= [(1,)], what="the first request to be under way")
        second = submit(case, case.id)
        tx.rollback()
    refused(second, 409, "in_progress")
    assert second.headers["Retry-After"] == "1"
    assert first.result().status == 200
    assert submit(case, case.id).headers.get("Idempotent-Replay") == "true"


def test_answers_are_kept_for_a_day_and_then_swept_out_a_few_at_a_time(office: Office, case: PlayedCase) -> None:
    office.rows("type_approval", "DELETE FROM idempotency")
    office.rows("type_approval", ANSWERS, who=case.id, count=15, age="25 hours")
    office.rows("type_approval", ANSWERS, who=f"{case.id} yesterday", count=5, age="23 hours")
    left = []
    for key in ("a", "b", "c"):
        assert case.attempt("edit", headers={"Idempotency_Key": f"{case.id} {key}"}).status == 200
        left += office.rows(
            "type_approval", "SELECT count(*) FROM idempotency WHERE subject LIKE :who", who=f"{case.id}%"
        )
    assert left == [(10,), (5,), (5,)]


def test_without_a_key_only_one_of_many_at_once_succeeds(case: PlayedCase) -> None:
    with ThreadPoolExecutor(8) as pool:
        statuses = sorted(pool.map(lambda _: case.attempt("submit", headers={"If_Match": "*"}).status, range(8)))
    assert statuses == [200, *[409] * 7]
    assert journal(case) == ["create", "submit"]


def test_of_two_who_decide_on_the_same_version_one_is_refused(case: PlayedCase) -> None:
    def edit(_: int) -> int:
        return case.caller("applicant").put(case.path("applicant"), case.form, If_Match='"1"').status

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(edit, range(4))) == [200, 412, 412, 412]
    assert journal(case) == ["create", "edit"]


def test_of_two_officers_who_act_at_once_one_is_told_to_look_again(case: PlayedCase) -> None:
    case.do("submit")
    path, start = case.path("intake"), threading.Barrier(2)

    def act(subject: str, action: str) -> Answer:
        officer_of_intake = case.office.caller(case.service, officer(subject, "intake"))
        start.wait(timeout=30)
        return officer_of_intake.post(f"{path}/actions/{action}", content_of(action), If_Match='"2"')

    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(act, ("wang", "zhao"), ("accept", "request_supplement")))
    assert sorted(answer.status for answer in answers) == [200, 412]
    problem = refused(max(answers, key=lambda answer: answer.status), 412, "stale")
    assert problem["version"] == 3
    assert len(journal(case)) == 3


def test_a_case_that_has_not_changed_is_not_sent_again(case: PlayedCase) -> None:
    caller, path = case.caller("applicant"), case.path("applicant")
    first = caller.get(path)
    for known in (first.headers["ETag"], f"W/{first.headers['ETag']}", f'"x", {first.headers["ETag"]}', "*"):
        again = caller.get(path, If_None_Match=known)
        assert (again.status, again.body, again.headers["ETag"]) == (304, b"", first.headers["ETag"])
    case.do("submit")
    assert caller.get(path, If_None_Match=first.headers["ETag"]).json["state"] == "received"


@pytest.mark.parametrize("versions", ["*", '"1"', '"7", "1"', 'W/"7", "1"', '"1", "1-gzip"', '"7-gzip", W/"7", "1"'])
def test_a_command_names_the_versions_it_may_meet(case: PlayedCase, versions: str) -> None:
    assert case.attempt("submit", headers={"If_Match": versions}).status == 200


@pytest.mark.parametrize(
    "tag",
    [
        *('"1-gzip"', '"1--gzip"', '"1;br"', '"1-gzip", "1-zstd"', '"1gzip"', '"1_br"', '"1/gzip"'),
        *('W/"1"', 'W/"1-gzip"', 'w/"1", W/"1-br"', '"1-gzip", W/"1"'),
    ],
)
def test_the_tag_of_a_compressed_copy_is_refused_with_the_one_to_send(case: PlayedCase, tag: str) -> None:
    answer = case.attempt("submit", headers={"If_Match": tag})
    refused(answer, 412, "stale")
    assert 'send If-Match: "1"' in answer.json["detail"]


def test_a_key_is_of_one_company_even_where_a_person_acts_for_two(office: Office) -> None:
    codes = [credit_code(), credit_code()]
    drafts = [
        office.caller("licensing", Actor("sun", "sun", Role.APPLICANT, code)).post(
            "/v1/applications", {"phone": "0431-1"}, Idempotency_Key="the same"
        )
        for code in codes
    ]
    assert [answer.status for answer in drafts] == [201, 201]
    assert [answer.json["applicant"] for answer in drafts] == codes


def test_a_list_that_has_not_changed_is_not_sent_again(case: PlayedCase) -> None:
    caller = case.caller("applicant")
    tag = caller.get("/v1/applications").headers["ETag"]
    assert caller.get("/v1/applications", If_None_Match=tag).status == 304
    case.do("submit")
    changed = caller.get("/v1/applications", If_None_Match=tag)
    assert (changed.status, changed.headers["ETag"] == tag) == (200, False)


@pytest.mark.parametrize("action", ["submit", "edit"])
def test_a_dry_run_answers_the_same_and_changes_nothing(office: Office, case: PlayedCase, action: str) -> None:
    with office.unchanged():
        tried = case.attempt(action, query="?dry_run=true")
        assert tried.status == 200
    done = case.attempt(action)
    told_ahead = dict.fromkeys(("clocks", "messages", "documents"))
    assert {**tried.json, **told_ahead} == {**done.json, **told_ahead}
    assert tried.headers["ETag"] == done.headers["ETag"]


def test_a_dry_run_of_the_decision_takes_no_number(office: Office, case: PlayedCase) -> None:
    case.until("review")
    with office.unchanged():
        tried = case.attempt("grant", query="?dry_run=true")
    assert tried.json["certificate"] == case.do("grant")["certificate"]


def test_a_dry_run_tells_what_would_be_refused(office: Office, case: PlayedCase) -> None:
    with office.unchanged():
        tried = case.attempt("withdraw", query="?dry_run=true")
        refused(tried, 409, "wrong_state")
        assert tried.json["detail"] == case.attempt("withdraw").json["detail"]


def test_a_dry_run_keeps_no_answer_under_its_key(office: Office, case: PlayedCase) -> None:
    key = {"Idempotency_Key": case.id}
    with office.unchanged():
        assert case.attempt("submit", query="?dry_run=true", headers=key).status == 200
    assert case.attempt("submit", headers=key).headers.get("Idempotent-Replay") is None


def test_the_callers_request_id_comes_back(case: PlayedCase) -> None:
    answer = case.caller("applicant").get(case.path("applicant"), X_Request_Id="my-own-1")
    assert answer.headers["X-Request-Id"] == "my-own-1"
    problem = case.caller("applicant").get("/v1/applications/none", X_Request_Id="my-own-2")
    assert problem.json["correlation_id"] == "my-own-2"


@pytest.mark.parametrize("given", ["", "x" * 129, "é"])
def test_an_unusable_request_id_is_replaced(case: PlayedCase, given: str) -> None:
    answer = case.caller("applicant").get(case.path("applicant"), X_Request_Id=given)
    assert answer.status == 200
    assert answer.headers["X-Request-Id"] not in {given, ""}


def test_every_answer_tells_browsers_to_be_careful(case: PlayedCase, system: System) -> None:
    for answer in (case.caller("applicant").get(case.path("applicant")), Caller(system.url("licensing")).get("/none")):
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Cache-Control"] == "no-store"
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


def test_lists_are_paged_and_complete(office: Office, case: PlayedCase) -> None:
    ids = [case.id, *(office.case("type_approval", case.code).id for _ in range(4))]
    caller, path, found = case.caller("applicant"), "/v1/applications?limit=2", []
    while path:
        page = caller.get(path).json
        assert len(page["items"]) <= 2
        found += [item["id"] for item in page["items"]]
        path = page.get("next")
    assert found == ids
    case.do("submit")
    assert [item["id"] for item in caller.get("/v1/applications?state=received").json["items"]] == [case.id]
    drafts = caller.get("/v1/applications?state=draft&limit=1").json
    assert caller.get(drafts["next"]).json["items"][0]["state"] == "draft"
    assert "state=draft" in drafts["next"]


def test_one_connection_carries_several_requests(case: PlayedCase) -> None:
    caller = case.caller("applicant")
    connection = http.client.HTTPConnection(urlsplit(caller.url).netloc, timeout=20)
    for _ in range(3):
        connection.request("GET", case.path("applicant"), headers={"Authorization": f"Bearer {caller.token}"})
        assert json.loads(connection.getresponse().read())["id"] == case.id
    connection.close()


def test_probes_answer_while_every_thread_is_busy(office: Office, case: PlayedCase, system: System) -> None:
    probes = Caller(system.url("type_approval"))
    with office.engines["type_approval"].connect() as tx:
        tx.execute(text("SELECT 1 FROM cases WHERE id = :id FOR UPDATE"), {"id": case.id})
        held = [threading.Thread(target=case.attempt, args=("submit",)) for _ in range(WRITERS + 4)]
        for thread in held:
            thread.start()
        wait_for(lambda: office.rows("type_approval", BLOCKED) >= [(WRITERS,)], what="all threads to be blocked")
        answers = [probes.get(path).status for path in ("/livez", "/readyz", "/metrics")]
        still = office.rows("type_approval", BLOCKED)
        tx.rollback()
    for thread in held:
        thread.join(30)
    assert answers == [200, 200, 200]
    assert still >= [(WRITERS,)], "the threads were busy all the while"


def test_a_read_is_answered_while_others_are_held_up(office: Office, case: PlayedCase) -> None:
    caller, path = case.caller("applicant"), case.path("applicant")
    with office.engines["type_approval"].connect() as tx:
        tx.execute(text("LOCK TABLE cases IN ACCESS EXCLUSIVE MODE"))
        held = [threading.Thread(target=caller.get, args=(path,)) for _ in range(READERS)]
        for thread in held:
            thread.start()
        wait_for(lambda: office.rows("type_approval", BLOCKED) >= [(READERS,)], what="the readers to be blocked")
        answer = caller.get("/v1/categories")
        still = office.rows("type_approval", BLOCKED)
        tx.rollback()
    for thread in held:
        thread.join(30)
    assert answer.status == 200
    assert still >= [(READERS,)], "the readers were held up all the while"


def test_metrics_count_requests_and_tell_the_backlog(case: PlayedCase, system: System) -> None:
    assert case.id
    page = Caller(system.url("type_approval")).get("/metrics").body.decode()
    lines = dict(line.rsplit(" ", 1) for line in page.splitlines() if not line.startswith("#"))
    assert float(lines['quanheng_http_requests_total{status="201"}']) >= 1
    assert {"quanheng_outbox_depth", "quanheng_events_held", "quanheng_events_parked"} <= set(lines)


def test_nothing_is_done_on_a_day_without_a_law(office: Office, case: PlayedCase) -> None:
    case.do("submit")
    with office.unchanged():
        answer = case.attempt("claim", "intake", now="0008-04-29T00:00:00+08:00")
    assert (answer.status, answer.json["code"]) == (422, "invalid")
    assert "1 August 2005" in answer.json["detail"]
