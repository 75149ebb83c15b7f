"""Every faulty request gets a clear response, and nothing is written."""

from __future__ import annotations

import http.client
import json
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from tests.shared.http.parts import draft, refused
from tests.shared.http.sockets import received
from tests.support import (
    Caller,
    Office,
    PlayedCase,
    applicant,
    credit_code,
    laboratory,
    officer,
    wait_for,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from deploy.local.system import System

MEGABYTE = 1 << 20


@pytest.fixture(scope="module")
def case(office: Office) -> PlayedCase:
    """A draft that no test changes."""
    return office.case("type_approval")


@pytest.fixture(autouse=True)
def _nothing_is_written(office: Office, case: PlayedCase) -> Iterator[None]:
    assert case.id
    with office.unchanged():
        yield


def test_an_unknown_field_is_named(office: Office) -> None:
    answer = draft(office, modle="ACS-15")
    refused(answer, 422, "invalid")
    assert answer.faults == {"modle": "unknown_field"}


def test_all_faults_are_told_at_once_with_their_paths(office: Office) -> None:
    line = {"name": "秤", "model": " ", "characteristics": {"max": "a lot"}, "modle": "x"}
    answer = draft(office, lines=[line], units_made=0, email="nobody", new_to="world", phone=7)
    refused(answer, 422, "invalid")
    assert answer.faults == {
        "lines.0.model": "missing",
        "lines.0.characteristics.max": "impossible",
        "lines.0.modle": "unknown_field",
        "units_made": "invalid",
        "email": "invalid",
        "new_to": "invalid",
        "phone": "invalid",
    }


@pytest.mark.parametrize(
    ("unit", "hint"), [("斤", "is not a legal unit"), ("foo", "is not known"), ("lb", "Metrology Law Art. 3")]
)
def test_a_unit_that_is_not_legal_is_refused_with_the_units_that_are(office: Office, unit: str, hint: str) -> None:
    line = {"name": "秤", "model": "A", "characteristics": {"max": f"15 {unit}"}}
    answer = draft(office, lines=[line])
    problem = refused(answer, 422, "invalid")
    assert answer.faults == {"lines.0.characteristics.max": "impossible"}
    assert hint in problem["invalid_params"][0]["reason"]
    assert " kg " in problem["invalid_params"][0]["reason"]
    assert f"unit '{unit}'" in problem["invalid_params"][0]["reason"]


@pytest.mark.parametrize("value", ["NaN kg", "Infinity kg", "", "1,5 kg", "１５x kg", "15", None, []])
def test_a_measured_value_is_a_text_of_an_exact_number_and_a_unit(office: Office, value: object) -> None:
    answer = draft(office, lines=[{"characteristics": {"max": value}}])
    refused(answer, 422, "invalid")
    assert list(answer.faults) == ["lines.0.characteristics.max"]


@pytest.mark.parametrize("code", ["912201", "91220101MA0Y00008I", "", "x" * 300])
def test_a_text_that_cannot_be_a_credit_code_is_refused(office: Office, code: str) -> None:
    answer = draft(office, credit_code=code)
    refused(answer, 422, "invalid")
    assert list(answer.faults) == ["credit_code"]


@pytest.mark.parametrize("name", ["a\0b", "\0"])
def test_a_character_that_no_text_has_is_refused(office: Office, name: str) -> None:
    answer = draft(office, applicant_name=name)
    refused(answer, 400, "malformed")


@pytest.mark.parametrize("body", [b"{", b'{"a": NaN}', b"\xff\xfe", b'{"a": "\\ud800"}', b"[" * 5000])
def test_a_body_that_is_no_json_is_refused(case: PlayedCase, body: bytes) -> None:
    refused(case.caller("applicant").send("POST", "/v1/applications", body), 400, "malformed")


@pytest.mark.parametrize("body", [b"[]", b"7", b'"x"', b"null"])
def test_a_body_that_is_no_object_is_refused(case: PlayedCase, body: bytes) -> None:
    refused(case.caller("applicant").send("POST", "/v1/applications", body), 422, "invalid")
    refused(case.caller("applicant").send("POST", case.path("applicant", "submit"), body), 422, "invalid")


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "application/jsonx", "multipart"])
def test_another_content_type_is_refused(case: PlayedCase, kind: str) -> None:
    answer = case.caller("applicant").send("POST", "/v1/applications", b"{}", Content_Type=kind)
    refused(answer, 415, "unsupported_media_type")


@pytest.mark.parametrize(("method", "path"), [("DELETE", "/v1/applications"), ("PATCH", "/v1/applications/x")])
def test_another_method_is_refused_with_those_allowed(case: PlayedCase, method: str, path: str) -> None:
    answer = case.caller("applicant").send(method, path, b"{}")
    problem = refused(answer, 405, "method_not_allowed")
    assert "GET" in problem["detail"]
    assert "GET" in answer.headers["Allow"]


@pytest.mark.parametrize(
    "path", ["/v2", "/v2/applications", "/v1/applications/", "/v1//applications", "/v1/applications/a/b"]
)
def test_there_is_nothing_elsewhere(case: PlayedCase, path: str) -> None:
    refused(case.caller("applicant").get(path), 404, "not_found")


@pytest.mark.parametrize(
    "ref",
    ["TA-2013-99999", "01890000-0000-7000-8000-000000000000", "x", "秤", "'; DROP TABLE cases --"],
)
def test_an_unknown_case_is_not_found(case: PlayedCase, ref: str) -> None:
    caller = case.caller("applicant")
    refused(caller.get(f"/v1/applications/{ref}"), 404, "not_found")
    refused(caller.get(f"/v1/applications/{ref}/journal"), 404, "not_found")
    refused(caller.post(f"/v1/applications/{ref}/actions/submit"), 404, "not_found")
    refused(caller.put(f"/v1/applications/{ref}", case.form), 404, "not_found")


def test_somebody_elses_case_is_as_if_there_were_none(office: Office, case: PlayedCase) -> None:
    stranger = office.caller("type_approval", applicant(credit_code()))
    for answer in (
        stranger.get(case.path("applicant")),
        stranger.get(case.path("applicant") + "/journal"),
        stranger.post(case.path("applicant", "submit")),
        stranger.post(case.path("applicant", "submit"), If_Match="*"),
        stranger.put(case.path("applicant"), case.form),
        case.caller("tester").get(case.path("tester")),
        case.caller("examiner").get(case.path("examiner")),
    ):
        problem = refused(answer, 404, "not_found")
        assert problem["detail"] == f"there is no case {case.id}, or it is not yours to see"


def test_an_action_in_the_wrong_state_tells_the_state_and_what_is_possible(case: PlayedCase) -> None:
    problem = refused(case.attempt("withdraw"), 409, "wrong_state")
    assert problem["state"] == "draft"
    offered = {one["label"]["en"] for one in case.read()["next_actions"]}
    assert set(problem["detail"].partition("you may do: ")[2].split("; ")) == offered


def test_an_action_of_another_role_is_refused(case: PlayedCase) -> None:
    refused(case.attempt("accept", "applicant"), 409, "wrong_state")
    refused(case.attempt("sing", "applicant"), 404, "not_found")


@pytest.mark.parametrize("face", ["/internal/v1/applications", "/v1/lab/applications"])
def test_the_faces_are_apart(case: PlayedCase, face: str) -> None:
    refused(case.caller("applicant").get(face), 403, "forbidden")
    refused(case.caller("applicant").get(f"{face}/{case.id}"), 403, "forbidden")


def test_who_asks_on_the_face_of_another_side_is_told_their_own_path(office: Office) -> None:
    asked = "/v1/cases/TA-2013-00001/clocks"
    people = {"/internal": officer("wang", "intake"), "/v1/lab": laboratory("LAB-01"), "/v1": applicant(credit_code())}
    theirs = {"/internal": f"/internal{asked}", "/v1/lab": asked.replace("/v1", "/v1/lab"), "/v1": asked}
    for side, person in people.items():
        for other in theirs.keys() - {side}:
            detail = refused(office.caller("notifications", person).get(theirs[other]), 403, "forbidden")["detail"]
            assert detail.endswith(f": use GET {theirs[side]}")


def test_who_lacks_the_post_is_told_which_it_is_and_which_they_have(office: Office) -> None:
    intake = office.caller("notifications", officer("wang", "intake"))
    detail = refused(intake.post("/internal/v1/sweeps"), 403, "forbidden")["detail"]
    assert detail == "this is for staff:operator; you are staff:intake"


@pytest.mark.parametrize("header", ["nonsense", "Bearer", "Bearer ", "Basic dTpw", "Bearer a.b.c", "Bearer é"])
def test_who_brings_no_token_is_not_known(case: PlayedCase, header: str) -> None:
    nobody = Caller(case.caller("applicant").url)
    for answer in (nobody.get("/v1/applications"), nobody.get("/v1/applications", Authorization=header)):
        refused(answer, 401, "unauthenticated")
        assert answer.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("version", ["abc", "3.0", '"', "-1", "٣", ",", '"1", "x"', "1" * 5000])
def test_an_if_match_that_is_no_version_is_refused(case: PlayedCase, version: str) -> None:
    answer = case.caller("applicant").put(
        case.path("applicant"), case.form, If_Match=version.encode().decode("latin-1")
    )
    refused(answer, 400, "malformed")


@pytest.mark.parametrize("sent", ['"7"', '"0"', '"2", "3"', 'W/"7"'])
def test_a_stale_version_is_refused(case: PlayedCase, sent: str) -> None:
    refused(case.caller("applicant").put(case.path("applicant"), case.form, If_Match=sent), 412, "stale")
    refused(case.attempt("submit", headers={"If_Match": sent}), 412, "stale")


def test_a_stale_version_is_told_the_version_now(case: PlayedCase) -> None:
    assert refused(case.attempt("submit", headers={"If_Match": '"7"'}), 412, "stale")["version"] == 1


def test_a_weak_tag_never_matches(case: PlayedCase) -> None:
    problem = refused(case.attempt("submit", headers={"If_Match": 'W/"1"'}), 412, "stale")
    assert "weak" in problem["detail"]


@pytest.mark.parametrize("query", ["", "?dry_run=true"])
def test_who_does_not_say_on_which_version_they_decide_is_told_which_one_and_where_from(
    case: PlayedCase, query: str
) -> None:
    caller, path = case.caller("applicant"), case.path("applicant")
    for answer in (caller.put(path + query, case.form), caller.post(f"{path}/actions/submit{query}")):
        problem = refused(answer, 428, "precondition_required")
        assert problem["version"] == 1
        assert 'If-Match: "1"' in problem["detail"]
        assert f"GET {path}" in problem["detail"]


@pytest.mark.parametrize("query", ["limit=0", "limit=101", "limit=x", "limit=-1"])
def test_a_list_asked_for_wrongly_is_refused(case: PlayedCase, query: str) -> None:
    refused(case.caller("applicant").get(f"/v1/applications?{query}"), 400, "malformed")


@pytest.mark.parametrize("now", ["yesterday", "2013-09-17", "2013-09-17T09:00:00", "2013-13-01T00:00:00Z"])
def test_a_time_that_is_no_instant_is_refused(case: PlayedCase, now: str) -> None:
    caller = Caller(case.caller("applicant").url, case.caller("applicant").token, now)
    refused(caller.post("/v1/applications", case.form), 400, "malformed")


@pytest.mark.parametrize("value", ["1", "yes", "TRUE", "", "True"])
def test_a_dry_run_asked_for_wrongly_does_nothing_for_real(case: PlayedCase, value: str) -> None:
    refused(case.attempt("submit", query=f"?dry_run={value}"), 400, "malformed")


def test_a_large_body_is_refused(case: PlayedCase) -> None:
    body = json.dumps({"description": "x" * (10 * MEGABYTE)}).encode()
    refused(case.caller("applicant").send("POST", "/v1/applications", body), 413, "too_large")


@pytest.mark.parametrize("size", [MEGABYTE + 1, 10 * MEGABYTE])
def test_a_large_body_in_chunks_is_refused(case: PlayedCase, size: int) -> None:
    caller = case.caller("applicant")
    connection = http.client.HTTPConnection(urlsplit(caller.url).netloc, timeout=20)
    chunks = (b"x" * 65_536 for _ in range(size // 65_536 + 1))
    connection.request(
        "POST", "/v1/applications", chunks, {"Authorization": f"Bearer {caller.token}"}, encode_chunked=True
    )
    response = connection.getresponse()
    refused(received(response), 413, "too_large")
    # The connection is still good: nothing of the body was taken for another request.
    connection.request("GET", "/v1/applications", headers={"Authorization": f"Bearer {caller.token}"})
    assert connection.getresponse().status == 200
    connection.close()


def test_a_service_that_was_asked_all_this_still_lives(system: System, case: PlayedCase) -> None:
    assert wait_for(lambda: Caller(system.url("type_approval")).get("/readyz").status == 200)
    assert case.read()["version"] == 1
