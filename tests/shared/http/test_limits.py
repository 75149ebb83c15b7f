"""Limits of rate and size; and tokens are never logged."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from shared.http.routes import MAX_DEPTH
from tests.shared.http.parts import draft, process, refused
from tests.support import Caller, applicant, credit_code, wait_for

if TYPE_CHECKING:
    from collections.abc import Iterator

    from deploy.local.system import System
    from tests.support import Office


def nested(depth: int) -> Any:
    data: Any = []
    for _ in range(depth - 1):
        data = [data]
    return data


@pytest.mark.parametrize("depth", [MAX_DEPTH + 1, 300])
def test_json_nested_too_deeply_is_malformed(office: Office, depth: int) -> None:
    caller = office.caller("type_approval", applicant(credit_code()))
    refused(caller.post("/v1/applications", nested(depth)), 400, "malformed")
    refused(draft(office, lines=nested(depth - 1)), 400, "malformed")


def test_json_deeper_than_any_reader_goes_is_malformed(office: Office) -> None:
    caller = office.caller("type_approval", applicant(credit_code()))
    refused(caller.send("POST", "/v1/applications", b"[" * 100_000 + b"]" * 100_000), 400, "malformed")


def test_json_nested_as_deeply_as_allowed_is_judged_by_its_content(office: Office) -> None:
    refused(draft(office, lines=nested(MAX_DEPTH - 1)), 422, "invalid")


@pytest.fixture(scope="module")
def limited(system: System) -> Iterator[str]:
    """The address of a process that answers each caller three times an hour."""
    with process(system, "licensing", {"QUANHENG_RATE_LIMIT": "3/hour"}) as found:
        yield found.url


def test_who_asks_too_often_is_told_when_to_come_back_and_others_are_not_stopped(limited: str, system: System) -> None:
    eager, other = (Caller(limited, system.token(applicant(credit_code()))) for _ in range(2))
    assert [eager.get("/v1/applications").status for _ in range(3)] == [200] * 3
    answer = eager.get("/v1/applications")
    refused(answer, 429, "rate_limited")
    assert 1 <= int(answer.headers["Retry-After"]) <= 3600
    assert other.get("/v1/applications").status == 200


def test_on_public_routes_the_address_counts_and_probes_are_not_counted(limited: str) -> None:
    nobody = Caller(limited)
    assert [nobody.get("/v1/licences/none").status for _ in range(3)] == [404] * 3
    refused(nobody.get("/v1/licences/none"), 429, "rate_limited")
    assert nobody.get("/livez").status == nobody.get("/problems").status == 200


def test_a_token_is_never_in_the_logs(office: Office, system: System) -> None:
    caller = office.caller("type_approval", applicant(credit_code()))
    assert caller.token
    assert caller.get("/v1/applications", X_Request_Id="with-a-good-token").status == 200
    bad = Caller(caller.url, caller.token + "bad")
    assert bad.get("/v1/applications", X_Request_Id="with-a-bad-token").status == 401
    wait_for(lambda: "with-a-bad-token" in log_of(system), what="the request in the log")
    assert "with-a-good-token" in log_of(system)
    signature = caller.token.rpartition(".")[2]
    assert caller.token not in log_of(system)
    assert signature not in log_of(system)


def log_of(system: System) -> str:
    return system.log("type_approval").read_text(encoding="utf-8")
