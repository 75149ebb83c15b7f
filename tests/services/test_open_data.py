"""Open data of permits and applications: complete, kept up with from where one left off, in both forms the same."""

from __future__ import annotations

import csv
import io
import re
from typing import TYPE_CHECKING, Any

import orjson
import pytest

from services.type_approval.papers import PERMITS as CERTIFICATES
from shared.documents.open_data import SETTLED, applications, csv_of
from tests.pressing import permits_with_papers
from tests.shared.casework.parts import NOW, Desk
from tests.support import WAYS

if TYPE_CHECKING:
    from tests.support import Answer, Caller, Office, PlayedCase

PATHS = {"licensing": "/v1/licences", "type_approval": "/v1/certificates"}
PERMITS = {"licensing": "licence", "type_approval": "certificate"}
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


def in_sheet(caller: Caller, path: str) -> list[dict[str, str]]:
    return [*csv.DictReader(io.StringIO(caller.get(f"{path}.csv?limit=10000").body.decode("utf-8-sig")))]


def same(told: dict[str, str], row: dict[str, Any]) -> bool:
    """Whether a line of the CSV says the same as one of JSON Lines, when it was changed aside."""
    expected = {name: "; ".join(value) if isinstance(value, list) else str(value) for name, value in row.items()}
    return {name: value for name, value in told.items() if value} == {**expected, "changed_at": told["changed_at"]}


def test_a_permit_is_listed_once_and_again_when_it_changes(office: Office, permits: dict[str, PlayedCase]) -> None:
    # The licence first: while it is in force it follows what becomes of the certificate.
    for service, register in PATHS.items():
        case, caller = permits[service], office.caller(service, None, AT)
        number = case.read()[PERMITS[service]]
        rows, rest = followed(caller, f"{register}/data.jsonl?limit=2")
        assert len({row["number"] for row in rows}) == len(rows)
        (row,) = (row for row in rows if row["number"] == number)
        shown = caller.get(row["href"]).json
        assert (row["status"], row["holder_code"], row["granted_on"]) == (
            shown["status"],
            case.code,
            str(shown["granted_on"]),
        )
        assert row["models"]
        assert same(next(line for line in in_sheet(caller, f"{register}/data") if line["number"] == number), row)
        case.do("revoke", now="2014-06-17T08:00:00+08:00")
        again, _ = followed(caller, rest)
        assert [(row["number"], "ended_on" in row) for row in again if row["number"] == number] == [(number, True)]


@pytest.mark.parametrize("service", PATHS)
def test_what_became_of_an_application_is_listed(office: Office, permits: dict[str, PlayedCase], service: str) -> None:
    case, caller, path = permits[service], office.caller(service, None, AT), f"{PATHS[service]}/applications"
    shown = case.read()
    rows, _ = followed(caller, f"{path}.jsonl?limit=10000")
    (row,) = (row for row in rows if row["application"] == shown["number"])
    assert (row["status"], row["applicant_code"], row["number"], row["accepted_on"], row["decided_on"]) == (
        "granted",
        case.code,
        shown[PERMITS[service]],
        str(shown["accepted"]["on"]),
        str(shown["decision"]["on"]),
    )
    assert caller.get(row["href"]).json["application"] == shown["number"]
    assert same(next(line for line in in_sheet(caller, path) if line["application"] == shown["number"]), row)
    persons = ("phone", "email", "contact_person", "responsible_person", "legal_representative", "quality_head")
    assert not [name for name in persons if shown["form"].get(name, "none") in str(row)]


STORIES: dict[str, tuple[tuple[str, ...], dict[str, Any] | None]] = {
    "received": (("submit",), None),
    "accepted": (("submit", "accept"), {"status": "accepted", "accepted_on": "2013-09-17"}),
    "not accepted after all": (("submit", "accept", "revoke_acceptance"), {"status": "received"}),
    "being evaluated": (("submit", "accept", "commission", "arrange"), {"status": "accepted"}),
    "withdrawn": (("submit", "accept", "withdraw"), {"status": "withdrawn", "accepted_on": "2013-09-17"}),
    "refused": ((*WAYS["type_approval"][:-2], "refuse"), {"status": "refused", "decided_on": "2013-09-17"}),
    "refused, and recalled": ((*WAYS["type_approval"][:-2], "refuse", "recall_decision"), {"status": "accepted"}),
}


@pytest.mark.parametrize("story", STORIES)
def test_applications_are_listed_once_accepted_and_tell_what_is_taken_back(office: Office, story: str) -> None:
    steps, expected = STORIES[story]
    with office.engines["type_approval"].connect() as tx:
        desk = Desk(tx)
        desk.do(*steps)
        rows, _ = applications(CERTIFICATES).page(tx, {"limit": 10_000}, NOW + SETTLED)
        found = [row for row in rows if row["application"] == desk.case.number]
        tx.rollback()
    if expected is None:
        assert found == []
    else:
        (row,) = found
        assert expected.items() <= row.items()
        assert ("decided_on" in row) == ("decided_on" in expected)


def test_what_was_changed_just_now_waits(office: Office, permits: dict[str, PlayedCase]) -> None:
    case = permits["type_approval"]
    soon = office.caller("type_approval", None, "2013-01-01T00:00:00+08:00")
    assert case.read()["certificate"] not in soon.get("/v1/certificates/data.csv?limit=10000").body.decode()


def test_no_cell_is_a_formula() -> None:
    written = csv_of(["number", "holder", "models"], [{"number": "=1+1", "holder": "+a", "models": ["@x", "y"]}])
    head, line = csv.reader(io.StringIO(written.removeprefix("\ufeff")))
    assert written.startswith("\ufeff")
    assert head == ["number", "holder", "models"]
    assert line == ["'=1+1", "'+a", "'@x; y"]


def test_a_hundred_numbers_are_checked_at_once_as_each_alone(office: Office, permits: dict[str, PlayedCase]) -> None:
    for service, register in PATHS.items():
        number, caller = permits[service].read()[PERMITS[service]], office.caller(service, None, AT)
        others = [one["number"] for one in caller.get(f"{register}?limit=20").json["items"]]
        known = [number, number.lower().replace("-", "－"), *others]
        asked = [*known, "2013F000-00", *known * 100][:99]
        asked.append("吉制99999999号")
        answer = caller.post("/v1/checks", {"numbers": asked}, Idempotency_Key="k")
        assert answer.status == 200, answer.body
        alone = {number: caller.get(f"{register}/{number}").json for number in known}
        assert answer.json == {
            "items": [{"asked": number, "permit": alone[number]} for number in asked if number in alone],
            "unknown": ["2013F000-00", "吉制99999999号"],
        }
        assert caller.post("/v1/checks", {"numbers": [*asked, number]}).faults == {"numbers": "invalid"}
