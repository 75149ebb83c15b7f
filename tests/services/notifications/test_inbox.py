"""The inbox: everybody finds their own messages, whatever the state of their mail, and no others."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
from sqlalchemy import text

from shared.identity import Actor, Role
from tests.support import Office, PlayedCase, applicant, credit_code, expert, laboratory, line_of, officer, wait_for
from tests.support.office import NOW

if TYPE_CHECKING:
    from tests.support import Caller, Sweep

INBOX = {
    Role.APPLICANT: "/v1/messages",
    Role.LAB: "/v1/lab/messages",
    Role.EXPERT: "/v1/expert/messages",
    Role.STAFF: "/internal/v1/messages",
}
STAFF = "/internal/v1/staff"
REMINDED = "2013-09-23T00:00:00+08:00"


@pytest.fixture
def case(office: Office) -> PlayedCase:
    received = office.case("type_approval")
    received.do("submit")
    heard(office, received)
    return received


def heard(office: Office, case: PlayedCase) -> None:
    query, told = "SELECT heard FROM tracked_cases WHERE id = :id", case.read()["events"]
    wait_for(lambda: office.rows("notifications", query, id=case.id) == [(told,)], what=f"event {told} to be heard")


def caller(office: Office, who: Actor, now: str = NOW) -> Caller:
    return office.caller("notifications", who, now)


def inbox(office: Office, who: Actor, query: str = "") -> Any:
    answer = caller(office, who).get(INBOX[who.role] + query)
    assert answer.status == 200, answer.body.decode()
    return answer.json


def about(office: Office, who: Actor, case: PlayedCase) -> list[dict[str, Any]]:
    return list(inbox(office, who, f"?case={case.read()['number']}")["items"])


def text_of(office: Office, who: Actor, message: dict[str, Any]) -> str:
    """What the message says, which lists do not tell."""
    return str(caller(office, who).get(f"{INBOX[who.role]}/{message['id']}").json["body"])


def somebody(office: Office, *posts: str) -> Actor:
    """A member of staff whom no other test knows, in the directory without a post, so that only cases are theirs."""
    subject = f"p{uuid4().hex[:10]}"
    record = {"name": f"{subject}先生", "email": f"{subject}@office.example", "posts": [], "language": "both"}
    assert caller(office, officer("head", "section_head")).put(f"{STAFF}/{subject}", record).status == 200
    return officer(subject, *posts)


def test_experts_are_told_when_they_are_drawn_and_of_what_becomes_of_it(office: Office, sweep: Sweep) -> None:
    case = office.case("licensing")
    case.until("accept")
    case.do("plan_assessment", planned_from="2013-10-11", planned_to="2013-10-12")
    lead, second = (one["code"] for one in case.read()["assessment_plan"]["team"])
    case.people |= {code: expert(code) for code in (lead, second)}
    looked = case.attempt("stand_aside", second, query="?dry_run=true")
    told = [(one["to"], one["name"]["zh"], "body" in one) for one in looked.json["messages"]]
    assert [one[::2] for one in told[:2]] == [("applicant", False), ("authority", False)]
    assert [one for one in told if one[0] == "expert"] == [("expert", one[1], True) for one in told[2:]]
    case.do("stand_aside", second)
    instead = case.read()["assessment_plan"]["team"][1]["code"]
    heard(office, case)
    assert "assessment.assessor_replaced" in [one["template"] for one in about(office, officer("s"), case)]
    # Whoever comes is reminded before the first day and on it.
    for day in ("08", "10", "11", "12"):
        sweep(f"2013-10-{day}T09:00:00+08:00")
    work = caller(office, expert(lead), "2013-10-12T09:00:00+08:00").get("/v1/expert/work?limit=100").json["items"]
    (mine,) = (one for one in work if one["number"] == case.read()["number"])
    assert (mine["begins_on"], mine["due_on"], mine["days_left"]) == ("2013-10-11", "2013-10-12", 0)
    case.do("withdraw")
    heard(office, case)
    ended = ["application.withdrawn.team", "clock.assessment", "clock.assessment"]
    for code, kinds in (
        (lead, [*ended, "assessment.assessor_replaced.team", "assessment.planned.team"]),
        (second, ["assessment.assessor_replaced.team", "assessment.planned.team"]),
        (instead, [*ended, "assessment.assessor_replaced.team"]),
    ):
        assert [one["template"] for one in about(office, expert(code), case)] == kinds
    assert "您被抽取为申请" in text_of(office, expert(second), about(office, expert(second), case)[-1])


@pytest.mark.parametrize("service", ["type_approval", "licensing"])
def test_a_supplement_corrects_what_is_known_of_the_applicant(office: Office, service: str) -> None:
    case = office.case(service)
    case.do("submit")
    case.do("request_supplement")
    case.form = {**case.form, "email": "new@maker.example", "applicant_name": "新名称衡器有限公司"}
    case.do("supplement")
    case.do("accept")
    heard(office, case)
    known = "SELECT email, applicant_name FROM tracked_cases WHERE id = :id"
    assert office.rows("notifications", known, id=case.id) == [("new@maker.example", "新名称衡器有限公司")]
    addresses = "SELECT template, address FROM messages WHERE case_id = :id AND recipient = 'applicant' ORDER BY id"
    assert dict(office.rows("notifications", addresses, id=case.id)) == {
        "application.received": "maker@example.com",
        "application.supplement_requested": "maker@example.com",
        "application.accepted": "new@maker.example",
    }


def test_an_organisation_finds_its_messages_and_notes_that_they_were_read(office: Office, case: PlayedCase) -> None:
    maker = case.people["applicant"]
    found = inbox(office, maker)
    (message,) = found["items"]
    assert (found["unread"], message["template"], message["number"]) == (
        1,
        "application.received",
        case.read()["number"],
    )
    assert message["href"] == f"/v1/applications/{message['number']}"
    assert not {"read_at", "next"} & {*message, *found}
    path = f"/v1/messages/{message['id']}"
    whole = caller(office, maker).get(path).json
    assert {**message, "body": whole["body"]} == whole
    with office.unchanged():
        tried = caller(office, maker).post(f"{path}/actions/mark_read?dry_run=true")
    assert (tried.status, "read_at" in tried.json) == (200, True)
    read = caller(office, maker, "2013-09-18T09:00:00+08:00").post(f"{path}/actions/mark_read").json
    assert read == {**whole, "read_at": read["read_at"]}
    again = caller(office, maker, "2013-09-19T09:00:00+08:00").post(f"{path}/actions/mark_read").json
    assert again == read, "when it was first read stays"
    assert inbox(office, maker, "?unread=true") == {"unread": 0, "items": []}
    assert inbox(office, maker)["items"] == [{**message, "read_at": read["read_at"]}]
    with office.engines["notifications"].begin() as tx:
        # As releases before stored it.
        tx.execute(text("UPDATE messages SET subjects = NULL WHERE id = :id"), {"id": message["id"]})
    assert caller(office, maker).get(path).json["subjects"] == {"zh": message["subject"], "en": message["subject"]}


def test_another_s_message_is_none(office: Office, case: PlayedCase) -> None:
    (message,) = inbox(office, case.people["applicant"])["items"]
    for stranger in (applicant(credit_code()), laboratory("LAB-02"), officer("intake-1")):
        path = f"{INBOX[stranger.role]}/{message['id']}"
        assert caller(office, stranger).get(path).status == 404
        assert caller(office, stranger).post(f"{path}/actions/mark_read").status == 404
        assert message["id"] not in [one["id"] for one in inbox(office, stranger)["items"]]
    assert inbox(office, case.people["applicant"])["unread"] == 1
    assert caller(office, case.people["applicant"]).get("/v1/messages/none").status == 404


def test_pages_go_from_the_newest_to_the_oldest(office: Office) -> None:
    code = credit_code()
    cases = [office.case("type_approval", code, lines=[line_of(f"ACS-{number}")]) for number in range(5)]
    for one in cases:
        one.do("submit")
        heard(office, one)
    found: list[str] = []
    path: str | None = "/v1/messages?limit=2&unread=true"
    while path:
        page = caller(office, applicant(code)).get(path).json
        assert (page["unread"], len(page["items"]) <= 2) == (5, True)
        found += [message["number"] for message in page["items"]]
        path = page.get("next")
    assert found == [one.read()["number"] for one in reversed(cases)]
    assert caller(office, applicant(code)).get("/v1/messages?cursor=x").json["code"] == "malformed"


def test_a_laboratory_finds_what_it_is_commissioned_with(office: Office, case: PlayedCase) -> None:
    case.do("accept")
    case.do("commission")
    heard(office, case)
    assert [one["template"] for one in about(office, case.people["tester"], case)] == ["evaluation.commissioned"]


def test_who_has_a_case_in_hand_is_written_to_by_name(office: Office, case: PlayedCase, sweep: Sweep) -> None:
    li = somebody(office, "intake")
    case.people["intake"] = li
    case.do("claim", "intake")
    heard(office, case)
    sweep(REMINDED)
    (reminder,) = about(office, li, case)
    assert (reminder["template"], reminder["recipient"]) == ("clock.reminder", "authority")
    listed = caller(office, officer("s")).get(f"/internal/v1/cases/{reminder['number']}/messages").json["items"]
    (kept,) = [one for one in listed if one["id"] == reminder["id"]]
    assert (kept["inbox"], kept["address"], kept["state"]) == (
        f"staff:{li.subject}",
        f"{li.subject}@office.example",
        "kept",
    )
    assert inbox(office, replace(li, organisation=case.code))["items"] == [], "who must stand aside does not read of it"


def test_who_stands_in_is_told_why_and_nobody_else(office: Office, case: PlayedCase, sweep: Sweep) -> None:
    li, wang = somebody(office, "intake"), somebody(office, "intake")
    away = {"from": "2013-09-20", "to": "2013-09-30", "cover": wang.subject}
    assert caller(office, li).post(f"{STAFF}/{li.subject}/absences", away).status == 201
    case.people["intake"] = li
    case.do("claim", "intake")
    heard(office, case)
    sweep(REMINDED)
    assert about(office, li, case) == []
    (reminder,) = about(office, wang, case)
    body = text_of(office, wang, reminder)
    assert f"{li.subject}先生自2013年9月20日至2013年9月30日不在岗，由您代理" in body
    assert f"because {li.subject}先生 is absent from 20 September 2013 to 30 September 2013" in body


def test_what_is_kept_for_a_post_is_found_by_whoever_holds_it(office: Office, case: PlayedCase, sweep: Sweep) -> None:
    """The directory of these tests names nobody for supervision."""
    sweep("2013-10-12T00:00:00+08:00")
    supervisor = officer("anybody", "supervision")
    (escalation,) = about(office, supervisor, case)
    assert (escalation["template"], escalation["recipient"]) == ("clock.breach", "supervision")
    assert "人员名录中无人任“监督检查”" in text_of(office, supervisor, escalation)
    assert about(office, officer("another", "intake"), case) == []


def test_what_was_not_delivered_is_for_operators_to_send_again(office: Office, case: PlayedCase) -> None:
    (message,) = inbox(office, case.people["applicant"])["items"]
    office.rows("notifications", "UPDATE messages SET state = 'failed' WHERE id = :id RETURNING id", id=message["id"])
    operator = caller(office, officer("op", "operator"))
    path = "/internal/v1/undelivered"
    (failed,) = [one for one in operator.items(path) if one["id"] == message["id"]]
    assert (failed["number"], failed["address"]) == (case.read()["number"], case.form["email"])
    assert not {"subject", "body"} & {*failed}
    assert caller(office, officer("head", "section_head")).get(path).status == 403
    assert operator.post(f"{path}/{message['id']}/actions/retry").json == {"retried": 1}
    assert operator.post(f"{path}/{message['id']}/actions/retry").status == 404
    assert operator.post(f"{path}/none/actions/retry").status == 404
