"""The register as open data: complete, kept up with from where one left off, in both forms the same."""

from __future__ import annotations

import csv
import io
import re
from typing import TYPE_CHECKING, Any

import orjson
import pytest

from shared.documents.open_data import COLUMNS, _csv
from tests.pressing import permits_with_papers

if TYPE_CHECKING:
    from shared.testing import Answer, Caller, Office, PlayedCase

PATHS = {"type_approval": "/v1/certificates", "licensing": "/v1/licences"}
AT = "2014-06-17T09:00:00+08:00"
"""Long after what is listed was changed."""


@pytest.fixture(scope="module")
def permits(office: Office) -> dict[str, PlayedCase]:
    return permits_with_papers(office)


def after(answer: Answer) -> str:
    found = re.fullmatch('<(.*)>; rel="next"', answer.headers["Link"])
    assert found
    return found[1]


def followed(caller: Caller, path: str) -> tuple[list[dict[str, Any]], str]:
    """All there is from that address on, and the address of what follows."""
    rows: list[dict[str, Any]] = []
    while page := (answer := caller.get(path)).body.decode().splitlines():
        rows += map(orjson.loads, page)
        path = after(answer)
    return rows, after(answer)


@pytest.mark.parametrize("service", PATHS)
def test_a_permit_is_listed_once_and_again_when_it_changes(
    office: Office, permits: dict[str, PlayedCase], service: str
) -> None:
    case, caller = permits[service], office.caller(service, None, AT)
    number = case.read()["certificate" if service == "type_approval" else "licence"]
    rows, rest = followed(caller, f"{PATHS[service]}/data.jsonl?limit=2")
    assert len({row["number"] for row in rows}) == len(rows)
    (row,) = (row for row in rows if row["number"] == number)
    shown = caller.get(row["href"]).json
    assert (row["status"], row["holder_code"], row["granted_on"]) == (
        shown["status"],
        case.code,
        str(shown["granted_on"]),
    )
    assert row["models"]
    sheet = csv.DictReader(io.StringIO(caller.get(f"{PATHS[service]}/data.csv?limit=10000").body.decode("utf-8-sig")))
    told = next(line for line in sheet if line["number"] == number)
    assert {name: value for name, value in told.items() if value} == {
        name: "; ".join(value) if isinstance(value, list) else str(value).replace("T", " ")
        for name, value in row.items()
    } | {"changed_at": told["changed_at"]}
    end = {"type_approval": "revoke", "licensing": "revoke"}[service]
    case.do(end, now="2014-06-17T08:00:00+08:00")
    again, _ = followed(caller, rest)
    assert [(row["number"], "ended_on" in row) for row in again if row["number"] == number] == [(number, True)]


def test_what_was_changed_just_now_waits(office: Office, permits: dict[str, PlayedCase]) -> None:
    case = permits["type_approval"]
    soon = office.caller("type_approval", None, "2013-01-01T00:00:00+08:00")
    assert case.read()["certificate"] not in soon.get("/v1/certificates/data.csv?limit=10000").body.decode()


def test_no_cell_is_a_formula() -> None:
    written = _csv([{"number": "=1+1", "holder": "+a", "models": ["@x", "y"]}])
    head, line = csv.reader(io.StringIO(written.removeprefix("\ufeff")))
    assert written.startswith("\ufeff")
    assert head == [*COLUMNS]
    assert [cell for cell in line if cell] == ["'=1+1", "'+a", "'@x; y"]
