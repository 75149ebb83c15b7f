"""The API of clocks, ladders and messages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from shared.identity import STAFF_POSTS
from tests.support import Caller, Office, PlayedCase, applicant, credit_code, laboratory, officer, wait_for

if TYPE_CHECKING:
    from tests.support import Answer, Sweep

FACES = {"applicant": "/v1/cases", "lab": "/v1/lab/cases", "staff": "/internal/v1/cases"}


@pytest.fixture
def case(office: Office) -> PlayedCase:
    return office.case("type_approval")


def look(
    office: Office, case: PlayedCase, what: str, who: str = "intake", now: str = "2013-09-17T12:00:00+08:00"
) -> Answer:
    """The clocks or messages of the case once notifications knows where it stands."""
    number, told = case.read()["number"], case.read()["events"]
    query = "SELECT heard FROM tracked_cases WHERE id = :id"
    wait_for(
        lambda: office.rows("notifications", query, id=case.id) == [(told,)], what=f"notifications to hear event {told}"
    )
    actor = case.people[who]
    return office.caller("notifications", actor, now).get(f"{FACES[actor.role]}/{number}/{what}")


def clocks(office: Office, case: PlayedCase, **options: str) -> dict[str, Any]:
    return {clock["limit"]: clock for clock in look(office, case, "clocks", **options).json["items"]}


def test_receipt_starts_the_clock_of_intake_and_acceptance_those_that_follow(office: Office, case: PlayedCase) -> None:
    case.do("submit")
    intake = clocks(office, case)["intake"]
    assert (intake["state"], intake["started_on"], intake["budget"]["text"]) == ("running", "2013-09-17", "5wd")
    assert intake["due_on"] == "2013-09-25", "19 to 21 September was the Mid-Autumn holiday, 22 a working Sunday"
    case.do("accept", now="2013-09-18T09:00:00+08:00")
    running = {
        name
        for name, clock in clocks(office, case, now="2013-09-18T12:00:00+08:00").items()
        if clock["state"] == "running"
    }
    assert running == {"commissioning", "decision", "decision_promised"}


def test_what_a_clock_is_begun_under_is_noted_as_in_use(office: Office, case: PlayedCase) -> None:
    case.do("submit")
    started = clocks(office, case)["intake"]["started_on"]
    query = """SELECT count(*) FROM law_in_use WHERE kind = 'limit' AND key = 'intake' AND "on"::text = :day"""
    assert office.rows("notifications", query, day=started) == [(1,)]


def test_the_clock_of_the_decision_stands_still_from_the_served_notice_to_the_report(
    office: Office, case: PlayedCase
) -> None:
    case.until("serve_time_notice")
    paused = clocks(office, case)["decision"]
    assert paused["state"] == "paused"
    assert "due_on" not in paused
    for action in ("arrange", "receive_samples", "record_test", "draft_report", "check_report", "issue_report"):
        case.do(action, now="2013-10-21T09:00:00+08:00")
    assert clocks(office, case, now="2013-10-21T12:00:00+08:00")["decision"]["state"] == "running"


def test_a_missed_limit_is_told_once_and_stands_in_the_journal_of_its_case(
    office: Office, case: PlayedCase, sweep: Sweep
) -> None:
    case.do("submit")
    assert look(office, case, "clocks").status == 200
    late = "2013-12-02T00:00:00+08:00"
    assert sweep(late)["fired"] >= 3
    fired = [one["kind"] for one in clocks(office, case, now=late)["intake"]["fired"]]
    assert fired == ["reminder", "reminder", "due", "breach", "expired", "escalation", "escalation", "escalation"]
    journal = "SELECT action, data::jsonb ->> 'limit' FROM journal WHERE case_id = :id ORDER BY seq"
    wait_for(
        lambda: (
            office.rows("type_approval", journal, id=case.id)[2:4]
            == [("clock.breached", "intake"), ("deem_accept", "intake")]
        ),
        what="the breach to be noted",
    )
    path = case.path("applicant") + "/journal"
    assert case.caller("applicant").get(path).json["intact"] is True
    # What the acceptance has started is late by then, too; of this limit nothing is told again.
    sweep(late)
    assert [one["kind"] for one in clocks(office, case, now=late)["intake"]["fired"]] == fired


def test_a_sweep_cannot_be_tried_out(office: Office, case: PlayedCase) -> None:
    case.do("submit")
    with office.unchanged():
        caller = office.caller("notifications", officer("he", "operator"), "2013-12-02T00:00:00+08:00")
        answer = caller.post("/internal/v1/sweeps?dry_run=true")
    assert (answer.status, answer.json["code"]) == (400, "malformed")


def test_time_passes_for_who_runs_the_system_and_decides_on_no_case(office: Office) -> None:
    every_other_post = officer("wang", *(post for post in STAFF_POSTS if post != "operator"))
    answer = office.caller("notifications", every_other_post).post("/internal/v1/sweeps")
    assert (answer.status, answer.json["code"]) == (403, "forbidden")


def test_the_last_day_of_a_limit_is_in_time(office: Office, case: PlayedCase, sweep: Sweep) -> None:
    case.do("submit")
    assert look(office, case, "clocks").status == 200
    sweep("2013-09-25T23:59:59+08:00")
    assert "breach" not in [one["kind"] for one in clocks(office, case)["intake"]["fired"]]
    sweep("2013-09-26T00:00:00+08:00")
    assert "breach" in [one["kind"] for one in clocks(office, case)["intake"]["fired"]]


def test_clocks_and_messages_are_for_the_case_s_own_people(office: Office, case: PlayedCase) -> None:
    case.until("commission")
    number = case.read()["number"]
    for who, told in (
        ("applicant", {"applicant"}),
        ("tester", {"laboratory"}),
        ("intake", {"applicant", "laboratory"}),
    ):
        messages = look(office, case, "messages", who).json["items"]
        assert {message["recipient"] for message in messages} == told
        assert look(office, case, "clocks", who).status == 200
    for stranger in (applicant(credit_code()), laboratory("LAB-02")):
        caller = office.caller("notifications", stranger)
        for what in ("clocks", "messages"):
            assert caller.get(f"{FACES[stranger.role]}/{number}/{what}").status == 404
    assert Caller(office.caller("notifications", None).url).get(f"/v1/cases/{number}/clocks").status == 401


def test_the_applicant_is_told_of_each_step_that_concerns_them(office: Office, case: PlayedCase) -> None:
    case.until("deliver")
    messages = look(office, case, "messages", "applicant").json["items"]
    assert [message["template"] for message in messages] == [
        *("application.received", "application.accepted", "time_notice.served", "evaluation.arranged"),
        *("samples.received", "report.issued", "certificate.granted"),
    ]
    assert all(case.read()["number"] in message["subject"] for message in messages)


def test_an_organisation_is_written_to_where_and_in_the_language_it_said(office: Office, case: PlayedCase) -> None:
    case.do("submit")
    assert len(look(office, case, "messages", "applicant").json["items"]) == 1
    caller = office.caller("notifications", case.people["applicant"])
    caller.put("/v1/contact", {"email": "english@maker.example", "language": "en"})
    case.do("accept")
    first, second = look(office, case, "messages", "applicant").json["items"]
    assert (first["address"], "已收件" in first["subject"], "received" in first["subject"]) == (
        *(case.form["email"], True, True),
    )
    assert (second["address"], second["subject"].endswith("accepted")) == ("english@maker.example", True)
    assert "受理" not in second["subject"]
    number = case.read()["number"]
    assert second["subjects"] == {"zh": f"{number} 受理通知书", "en": f"{number} accepted"}
