"""A dry run shows the dates that the action would move; after the action, the clocks show the same dates."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.support import wait_for

if TYPE_CHECKING:
    from tests.support import Office, PlayedCase

STORIES: dict[str, list[tuple[str, dict[str, Any]]]] = {
    "type_approval": [
        ("submit", {}),
        ("request_supplement", {}),
        ("supplement", {"now": "2013-09-18T09:00:00+08:00"}),
        ("accept", {"now": "2013-09-22T09:00:00+08:00"}),
        ("claim", {}),
        ("commission", {"now": "2013-09-23T09:00:00+08:00"}),
        ("serve_time_notice", {"now": "2013-09-25T09:00:00+08:00", "served_on": "2013-09-24", "receipt": "送-1"}),
        ("extend", {"now": "2013-09-26T09:00:00+08:00"}),
        ("arrange", {"now": "2013-09-27T09:00:00+08:00"}),
        ("receive_samples", {"now": "2013-10-08T09:00:00+08:00"}),
        ("record_test", {"now": "2013-10-09T09:00:00+08:00"}),
        ("find_nonconformity", {"now": "2013-10-10T09:00:00+08:00"}),
        ("deliver_improved", {"now": "2013-11-11T09:00:00+08:00"}),
        ("record_test", {"now": "2013-11-11T10:00:00+08:00", "serial": "S-2"}),
        ("draft_report", {"now": "2013-11-12T09:00:00+08:00"}),
        ("check_report", {"now": "2013-11-13T09:00:00+08:00"}),
        ("issue_report", {"now": "2013-11-14T09:00:00+08:00"}),
        ("order_hearing", {"now": "2013-11-15T09:00:00+08:00", "held_on": "2013-11-29"}),
        ("close_hearing", {"now": "2013-11-29T15:00:00+08:00"}),
        ("review", {"now": "2013-12-02T09:00:00+08:00"}),
        ("grant", {"now": "2013-12-03T09:00:00+08:00"}),
        ("deliver", {"now": "2013-12-04T09:00:00+08:00"}),
    ],
    "licensing": [
        ("submit", {}),
        ("accept", {"now": "2013-09-18T09:00:00+08:00"}),
        ("plan_assessment", {"now": "2013-09-22T09:00:00+08:00"}),
        ("confirm_assessors", {"now": "2013-09-22T10:00:00+08:00"}),
        ("serve_time_notice", {"now": "2013-09-23T09:00:00+08:00"}),
        ("report_assessment", {"now": "2013-11-05T09:00:00+08:00"}),
        ("review", {"now": "2013-11-06T09:00:00+08:00"}),
        ("terminate", {"now": "2013-11-07T09:00:00+08:00"}),
    ],
}


def held(office: Office, case: PlayedCase) -> dict[str, Any]:
    """The clocks as notifications holds them, by limit and day of start."""
    wait_for(office.settled, what="all events to arrive")
    query = "SELECT limit_id, state, due_on::text, provisional FROM clocks WHERE case_id = :id ORDER BY id"
    rows = office.rows("notifications", query, id=case.id)
    return {
        limit: {"state": state, **({"due_on": due_on, "provisional": provisional} if due_on else {})}
        for limit, state, due_on, provisional in rows
    }


def without_budget(clock: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in clock.items() if key != "budget"}


def messages(office: Office, case: PlayedCase) -> list[tuple[str, str]]:
    """For whom those of the case are so far, and their subjects; without what tells that a document was made, which
    comes when it comes."""
    query = "SELECT recipient, subject, template FROM messages WHERE case_id = :id ORDER BY at, id"
    told = office.rows("notifications", query, id=case.id)
    return [(to, subject) for to, subject, template in told if template not in MADE]


MADE = ("certificate.issued", "licence.issued")


@pytest.mark.parametrize("service", sorted(STORIES))
def test_what_a_dry_run_shows_is_what_comes(office: Office, service: str) -> None:
    case = office.case(service)
    known: dict[str, Any] = {}
    sent: list[tuple[str, str]] = []
    for action, changes in STORIES[service]:
        answer = case.attempt(action, query="?dry_run=true", **changes)
        assert answer.status == 200, answer.body.decode()
        shown = answer.json["clocks"]
        for clock in (*shown["moved"], *shown["stopped"]):
            assert without_budget(clock["was"]) == known[clock["limit"]], (action, clock)
        case.do(action, **changes)
        now = held(office, case)
        (before, sent), planned = (sent, messages(office, case)), answer.json["messages"]
        assert {to for to, _ in sent[len(before) :]} == {one["to"] for one in planned}, action
        subjects = {f"{one['subject']['zh']} {one['subject']['en']}" for one in planned if "subject" in one}
        assert subjects <= {subject for _, subject in sent[len(before) :]}, action
        changed = {limit: clock for limit, clock in now.items() if clock != known.get(limit)}
        said = {clock["limit"]: without_budget(clock["will_be"]) for kind in shown.values() for clock in kind}
        assert {limit: said.get(limit) for limit in changed} == changed, action
        assert all(now[limit] == clock for limit, clock in said.items()), action
        known = now


def test_only_a_dry_run_shows_them(office: Office) -> None:
    assert "clocks" not in office.case("type_approval").do("submit")


def test_a_document_is_drawn_before_it_is_decided_on_and_nothing_is_kept(office: Office) -> None:
    case = office.case("type_approval")
    case.until("submit")
    tried = case.attempt("accept", query="?dry_run=true").json
    assert [one["en"] for one in tried["documents"]] == ["Notice of acceptance"]
    with office.unchanged():
        path = f"{case.path('intake')}/samples/accept"
        sample = case.caller("intake").post(path, {})
        assert (sample.status, sample.body[:5]) == (200, b"%PDF-"), sample.body
        assert case.caller("intake").post(f"{path}?document=2", {}).status == 404
        assert case.caller("decider").post(path, {}).status == 403
    assert case.read()["state"] == "received"
