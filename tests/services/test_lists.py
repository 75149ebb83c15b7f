"""Lists of cases, the same for both permits."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import quote

import orjson
import pytest

from tests.support import credit_code, line_of, officer, wait_for
from tests.support.forms import elsewhere

if TYPE_CHECKING:
    from tests.support import Office, PlayedCase

FACES = {"applicant": "/v1/applications", "staff": "/internal/v1/applications"}


@pytest.fixture(params=["type_approval", "licensing"])
def cases(office: Office, request: pytest.FixtureRequest) -> list[PlayedCase]:
    """Four of one maker: accepted, received, received later, and a draft."""
    first = office.case(request.param)
    approvals = request.param == "type_approval"
    models = [{"lines": [line_of(f"ACS-{number}")]} if approvals else elsewhere() for number in range(3)]
    found = [first, *(office.case(request.param, first.code, **model) for model in models)]
    first.until("accept")
    found[2].do("submit", now="2013-09-18T10:00:00+08:00")
    found[1].do("submit", now="2013-09-18T11:00:00+08:00")
    return found


def mine(cases: list[PlayedCase], query: str, face: str = "applicant") -> list[int]:
    """Which of the cases are listed, in this order."""
    caller = cases[0].caller({"applicant": "applicant", "staff": "intake"}[face])
    ids = [case.id for case in cases]
    return [ids.index(item["id"]) for item in caller.items(f"{FACES[face]}?limit=2&{query}")]


def test_an_applicant_sorts_and_filters_their_own(cases: list[PlayedCase]) -> None:
    number = cases[2].read()["number"]
    since = "updated_since=2013-09-18T10:30:00%2B08:00"
    for query, expected in (
        ("", [0, 1, 2, 3]),
        ("sort=-created", [3, 2, 1, 0]),
        ("sort=number", [0, 2, 1]),
        ("sort=-number", [1, 2, 0]),
        (f"number={number}", [2]),
        (f"number={number[:8]}&sort=number", [0, 2, 1]),
        ("number=XX", []),
        (since, [1]),
        ("state=received&sort=-updated", [1, 2]),
        ("state=draft", [3]),
    ):
        assert mine(cases, query) == expected, query


def test_the_office_finds_the_cases_of_a_maker_and_of_those_who_handle_them(cases: list[PlayedCase]) -> None:
    of_maker = f"applicant={cases[0].code}"
    assert mine(cases, of_maker, "staff") == [0, 1, 2]
    cases[0].do("claim", "examiner")
    assert mine(cases, f"{of_maker}&assignee=none", "staff") == [1, 2]
    assert mine(cases, f"{of_maker}&assignee=examiner-1", "staff") == [0]
    assert mine(cases, f"{of_maker}&assignee=me", "staff") == []
    own = cases[0].caller("examiner").get(f"{FACES['staff']}?assignee=me&{of_maker}").json["items"]
    assert [item["id"] for item in own] == [cases[0].id]


def test_an_instant_may_have_any_offset_that_can_be_written(cases: list[PlayedCase]) -> None:
    for written in ("2013-09-19T02:29:00+23:59", "2013-09-17T02:31:00-23:59"):
        assert mine(cases, f"updated_since={quote(written)}") == [1]
    caller = cases[0].caller("applicant")
    for beyond in ("0001-01-01T00:00:00+08:00", "9999-12-31T23:59:59-08:00"):
        assert caller.get(f"{FACES['applicant']}?updated_since={quote(beyond)}").faults.keys() == {"updated_since"}
        refused = caller.post(FACES["applicant"], {}, **{"Quanheng-Now": beyond})
        assert (refused.status, refused.json["code"]) == (400, "malformed")


def test_all_that_is_wrong_with_a_question_is_told_at_once(office: Office, cases: list[PlayedCase]) -> None:
    wang = office.caller(cases[0].service, officer("wang"))
    after = wang.get(f"{FACES['staff']}?limit=1").json["next"].partition("cursor=")[2]
    query = f"state=lost&limit=0&sort=size&updated_since=today&number={quote('　')}&colour=red&cursor=x"
    answer = wang.get(f"{FACES['staff']}?{query}")
    assert (answer.status, answer.json["code"]) == (400, "malformed")
    assert set(answer.faults) == {"state", "limit", "sort", "updated_since", "number", "colour", "cursor"}
    assert wang.get(f"{FACES['staff']}?sort=number&cursor={after}").faults == {"cursor": "invalid"}
    assert cases[0].caller("applicant").get(f"{FACES['applicant']}?applicant=x&assignee=me").faults == {
        "applicant": "unknown_field",
        "assignee": "unknown_field",
    }


def test_a_list_shows_summaries_and_where_each_case_is(cases: list[PlayedCase]) -> None:
    cases[0].do("claim", "examiner")
    whole = cases[0].read("intake")
    (listed,) = cases[0].caller("intake").get(f"{FACES['staff']}?number={whole['number']}").json["items"]
    for name in ("id", "number", "state", "state_name", "updated_at", "received_on"):
        assert listed[name] == whole[name], name
    assert listed["applicant_name"] == whole["form"]["applicant_name"]
    assert listed["assignee"] == {"name": whole["assignee"]["name"]}
    assert listed["instruments"] == [{"name": "电子计价秤", "models": ["ACS-15"]}]
    assert cases[0].caller("intake").get(listed["href"]).json == whole
    assert len(listed) == 10
    # 50 of them, each with all that a case of one model can show.
    assert 50 * len(orjson.dumps(listed)) <= 20 * 1024


def test_a_search_finds_cases_in_the_list_of_who_asks(office: Office, cases: list[PlayedCase]) -> None:
    number, code = cases[0].read()["number"], cases[0].code
    assert mine(cases, f"q={code}&state=received&updated_since=2013-09-18T10:30:00%2B08:00", "staff") == [1]
    assert mine(cases, f"q={quote('计价 试验衡器')}") == [3, 2, 1, 0]
    assert mine(cases, f"q={quote(number.replace('-0', '－'))}") == [0]
    other = office.case(cases[0].service).caller("applicant")
    assert not [*other.items(f"{FACES['applicant']}?q={quote(number)}")]


def test_a_search_says_what_is_wrong_with_it(cases: list[PlayedCase]) -> None:
    caller = cases[0].caller("applicant")
    path = FACES["applicant"]
    by_match = caller.get(f"{path}?q=ACS&limit=1").json["next"].partition("cursor=")[2]
    for query, faults in (
        ("q=12", {"q": "short"}),
        (f"q={quote('秤 -')}", {"q": "short"}),
        (f"q={quote('　')}", {"q": "missing"}),
        ("q=ACS&sort=number", {"sort": "order"}),
        ("sort=match", {"sort": "order"}),
        (f"cursor={by_match}", {"cursor": "invalid"}),
        (f"q=ACS&cursor={by_match[:-8]}", {"cursor": "invalid"}),
    ):
        assert caller.get(f"{path}?{query}").faults == faults, query


def test_anybody_searches_the_registers(office: Office) -> None:
    case = office.case("type_approval")
    case.until("grant")
    number, anybody = case.read()["certificate"], office.caller("type_approval", None)
    for q in (case.code, f"CPA {number.replace('-', '－')}"):
        # The best match is first; numbers that begin with the whole of it may follow.
        certificate, *_ = anybody.items(f"/v1/certificates?q={quote(q)}")
        assert anybody.get(certificate["href"]).json["number"] == certificate["number"] == number
    first = anybody.get("/v1/certificates?limit=1").json
    assert first["items"][0]["number"] == number
    organisation = case.code[8:17]
    for holder in (case.code, case.code.lower(), organisation):
        assert [one["number"] for one in anybody.items(f"/v1/certificates?holder={holder}")] == [number]
    held = next(iter(anybody.items(f"/v1/certificates?holder={case.code}")))
    assert held["case"] == case.read()["number"]
    assert [one["number"] for one in anybody.items(f"/v1/certificates?holder={case.code}&q={case.code}")] == [number]
    assert [*anybody.items(f"/v1/certificates?holder={credit_code()}")] == []
    assert [one["number"] for one in anybody.items(f"/v1/certificates?holder={case.code}&sort=valid_until")] == [number]
    for asked in ("sort=valid_until", "sort=valid_until&q=ACS"):
        assert anybody.get(f"/v1/certificates?{asked}").faults == {"sort": "order"}
    wait_for(office.settled, what="licensing to know of the certificate")
    licence = office.case("licensing", case.code)
    licence.until("grant")
    number, anybody = licence.read()["licence"], office.caller("licensing", None)
    found, *_ = anybody.items(f"/v1/licences?q={quote(re.sub('(?<=制)0+', '', number))}")
    assert (found["status"], found["holder"]["code"]) == ("valid", case.code)
    assert anybody.get(found["href"]).json["number"] == number
    on = {"2013-09-16": [], "2016-05-01": ["valid"], "2016-09-18": ["expired"]}
    for query, statuses in (
        *((f"on={day}", found) for day, found in on.items()),
        ("status=valid", ["valid"]),
        ("status=revoked", []),
        ("on=2016-09-18&status=valid", []),
    ):
        listed = anybody.items(f"/v1/licences?q={quote(number)}&{query}")
        assert [one["status"] for one in listed] == statuses, query
