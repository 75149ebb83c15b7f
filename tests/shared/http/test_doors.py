"""With separate ports for staff and the public, each serves only its own paths."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from urllib3.exceptions import HTTPError

from tests.shared.http.parts import Beside, process, refused
from tests.support import Caller, applicant, credit_code, officer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from deploy.local.system import System

PROBES = ("/livez", "/readyz", "/metrics")


@pytest.fixture(scope="module")
def apart(system: System) -> Iterator[Beside]:
    with process(system, "type_approval", doors=2) as found:
        yield found


def test_the_internal_api_is_at_its_own_door_only(apart: Beside, system: System) -> None:
    staff = system.token(officer("wang", "intake"))
    assert Caller(apart.internal_url, staff).get("/internal/v1/applications").status == 200
    answer = Caller(apart.url, staff).get("/internal/v1/applications")
    assert refused(answer, 404, "not_found")["detail"] == "there is nothing at /internal/v1/applications"


def test_the_public_api_is_not_at_the_internal_door(apart: Beside, system: System) -> None:
    maker = system.token(applicant(credit_code()))
    for path, token, status in (("/v1/applications", maker, 200), ("/v1/certificates/none", None, 404)):
        assert Caller(apart.url, token).get(path).status == status
        detail = refused(Caller(apart.internal_url, token).get(path), 404, "not_found")["detail"]
        assert detail == f"there is nothing at {path}"


def test_probes_and_figures_are_for_those_inside(apart: Beside) -> None:
    for path in PROBES:
        assert Caller(apart.internal_url).get(path).status == 200
        refused(Caller(apart.url).get(path), 404, "not_found")


def test_problems_are_explained_where_they_are_met(apart: Beside) -> None:
    for url in (apart.url, apart.internal_url):
        assert Caller(url).get("/problems/stale").status == 200


def test_who_answers_no_requests_is_not_there_for_the_public(system: System) -> None:
    with process(system, "type_approval", doors=2, roles=["relay"]) as found:
        assert Caller(found.internal_url).get("/metrics").status == 200
        with pytest.raises(HTTPError, match="refused"):
            Caller(found.url).get("/problems")


def test_each_door_describes_what_is_behind_it(apart: Beside) -> None:
    assert "/internal/v1/applications" in Caller(apart.internal_url).get("/internal/v1/openapi.json").json["paths"]
    assert "/v1/applications" in Caller(apart.url).get("/v1/openapi.json").json["paths"]
    refused(Caller(apart.url).get("/internal/v1/openapi.json"), 404, "not_found")
    assert b"/internal/v1/docs" not in Caller(apart.url).get("/v1/docs").body


def test_on_one_port_there_is_everything(system: System) -> None:
    url = system.url("type_approval")
    assert {Caller(url).get(path).status for path in PROBES} == {200}
    assert Caller(url, system.token(officer("wang", "intake"))).get("/internal/v1/applications").status == 200
    assert Caller(url, system.token(applicant(credit_code()))).get("/v1/applications").status == 200
