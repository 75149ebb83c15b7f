"""Assignment of cases, the same for both permits."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from tests.services.broker import Ear, listening
from tests.support import officer, wait_for

if TYPE_CHECKING:
    from deploy.local.backing import Backing
    from tests.support import Office, PlayedCase


@pytest.fixture(params=["type_approval", "licensing"])
def case(office: Office, request: pytest.FixtureRequest) -> PlayedCase:
    accepted = office.case(request.param)
    accepted.until("accept")
    accepted.people |= {"colleague": officer("examiner-2", "examiner"), "section head": officer("h", "section_head")}
    return accepted


def test_who_may_act_next_claims_the_case_and_gives_it_back(servers: Backing, case: PlayedCase) -> None:
    before = case.read("examiner")
    with listening(servers, case.service) as ear:
        claimed = case.do("claim", "examiner")
        released = case.do("release", "examiner")
        wait_for(lambda: len(assigned(ear, case)) == 2, what="both to be told")
        told = assigned(ear, case)
    assert claimed["assignee"] == {"subject": "examiner-1", "name": "examiner-1"}
    assert (claimed["state"], released["state"]) == (before["state"], before["state"])
    assert "assignee" not in released
    assert told == [claimed["assignee"], None]


def assigned(ear: Ear, case: PlayedCase) -> list[dict[str, str] | None]:
    """To whom the case was assigned, one after the other."""
    return [event.data.get("assignee") for event in ear.heard(case.id) if event.type == "case.assigned"]


def test_who_has_nothing_to_do_with_it_does_not_claim_it(office: Office, case: PlayedCase) -> None:
    with office.unchanged():
        assert case.attempt("claim", "intake").status == 403
    assert "claim" not in [action["action"] for action in case.read("intake")["next_actions"]]


def test_a_claimed_case_is_nobody_else_s_to_claim_or_release(office: Office, case: PlayedCase) -> None:
    case.do("claim", "examiner")
    with office.unchanged():
        assert case.attempt("claim", "colleague").status == 409
        refusal = case.attempt("release", "colleague")
        assert (refusal.status, refusal.json["code"]) == (403, "forbidden")
        assert "examiner-1 handles the case" in refusal.json["detail"]
    assert "release" not in [action["action"] for action in case.read("colleague")["next_actions"]]


def test_a_head_assigns_the_case_and_takes_it_away(case: PlayedCase) -> None:
    case.do("claim", "examiner")
    assert case.do("assign", "section head")["assignee"] == {"subject": "li", "name": "李承办"}
    assert "assignee" not in case.do("release", "section head")
    assert case.attempt("assign", "examiner").status == 403


def test_nobody_is_given_a_case_on_which_all_that_is_next_is_barred_to_them(office: Office, case: PlayedCase) -> None:
    maker = {"subject": case.people["applicant"].subject, "name": "孙"}
    with office.unchanged():
        answer = case.attempt("assign", to=maker)
        assert (answer.status, answer.faults) == (422, {"to": "must_stand_aside"})


def test_who_examined_is_not_given_the_hearing(office: Office) -> None:
    case = office.case("type_approval")
    case.until("review")
    case.do("order_hearing")
    answer = case.attempt("assign", to={"subject": "examiner-1", "name": "李"})
    assert answer.faults == {"to": "must_stand_aside"}
    assert "Close the hearing;" in answer.json["invalid_params"][0]["reason"]
    assert case.do("assign", to={"subject": "chair-1", "name": "冯"})["assignee"]["subject"] == "chair-1"


def test_outside_the_office_the_assignee_is_known_by_name(case: PlayedCase) -> None:
    case.do("assign")
    assert case.read("applicant")["assignee"] == {"name": "李承办"}


def test_the_office_lists_the_cases_of_one_person(office: Office, case: PlayedCase) -> None:
    li = f"li & co-{case.id}"
    other = office.case(case.service)
    other.until("accept")
    for one in (case, other):
        one.do("assign", to={"subject": li, "name": "李承办"})
    staff = case.caller("examiner")
    first = staff.get(f"/internal/v1/applications?limit=1&assignee={quote(li)}").json
    second = staff.get(first["next"]).json
    assert [found["id"] for found in (*first["items"], *second["items"])] == [case.id, other.id]
    assert "next" not in second
    assert case.caller("applicant").get(f"/v1/applications?assignee={quote(li)}").status == 400
