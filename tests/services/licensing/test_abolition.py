"""The abolition of the licence: everybody who applies, waits or holds one is told, and no step is owed any more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.services.licensing.parts import ABOLITION, known_as, law_changed
from tests.support import officer, wait_for

if TYPE_CHECKING:
    from deploy.local.backing import Backing
    from tests.support import Office, PlayedCase

EVE = "2017-12-27T10:00:00+08:00"
TO_REVIEW = ("accept", "plan_assessment", "confirm_assessors", "report_assessment", "review")


def seen(case: PlayedCase, what: str) -> Any:
    """The case's clocks or messages as staff see them after the abolition."""
    caller = case.office.caller("notifications", officer("anybody"), ABOLITION)
    return caller.get(f"/internal/v1/cases/{case.read()['number']}/{what}").json["items"]


@pytest.fixture
def waiting(office: Office) -> PlayedCase:
    """Lodged ahead of a type approval that runs."""
    approval = office.case("type_approval")
    approval.do("submit")
    known_as(office, approval, "running")
    case = office.case("licensing", approval.code)
    assert case.do("submit", now=EVE)["state"] == "lodged"
    return case


@pytest.mark.parametrize("way", [(), ("accept",), TO_REVIEW])
def test_an_open_application_is_terminated_and_its_clocks_stop(
    office: Office, servers: Backing, way: tuple[str, ...]
) -> None:
    case = office.case("licensing")
    for action in ("submit", *way):
        case.do(action, now=EVE)
    law_changed(servers, case)
    ended = case.read()
    assert (ended["state"], ended["end"]["ground"], ended["end"]["on"]) == ("terminated", "LAW_CHANGED", ABOLITION[:10])
    for part in ("reason", "basis"):
        zh, en = ended["end"][f"{part}_zh"], ended["end"][f"{part}_en"]
        assert zh
        assert en
        assert ended["end"][part] == f"{zh} {en}"
    assert case.attempt("withdraw", now=ABOLITION).status == 409
    wait_for(office.settled, what="the end to be heard")
    assert {clock["state"] for clock in seen(case, "clocks")} <= {"stopped"}
    sent, *_ = (one for one in seen(case, "messages") if one["template"] == "application.terminated")
    chinese, english = sent["body"].split("\n\n")
    for part in ("reason", "basis"):
        zh, en = ended["end"][f"{part}_zh"], ended["end"][f"{part}_en"]
        assert (zh in chinese, en in english) == (True, True)
        assert (en in chinese, zh in english) == (False, False)


def test_an_application_lodged_ahead_is_terminated_too(waiting: PlayedCase, servers: Backing) -> None:
    law_changed(servers, waiting)
    assert waiting.read()["state"] == "terminated"


def test_a_licence_and_its_renewal_end_by_law_and_the_licence_stays_readable(
    office: Office, servers: Backing, held: PlayedCase
) -> None:
    number = held.read()["licence"]
    renewed = office.case("licensing", held.code, kind="renewal", renews=number)
    for action in ("submit", *TO_REVIEW, "grant"):
        renewed.do(action, now="2016-06-01T10:00:00+08:00")
    renewal = office.case("licensing", held.code, kind="renewal", renews=number)
    renewal.do("submit", now=EVE)
    for case in (held, renewal):
        law_changed(servers, case)
    found = office.caller("licensing", None).get(f"/v1/licences/{number}").json
    assert (found["status"], found["ended"]["on"]) == ("abolished_by_law", "2017-12-28")
    assert found["ended"]["reason"] == f"{found['ended']['reason_zh']} {found['ended']['reason_en']}"
    assert [term["kind"] for term in found["terms"]] == ["granted", "renewed"]
    assert renewal.read()["state"] == "terminated"
    wait_for(office.settled, what="the ends to be heard")
    assert "licence.ended" in [sent["template"] for sent in seen(held, "messages")]
    with office.unchanged():
        assert held.attempt("revoke", now=ABOLITION).status == 409


def test_hearing_of_it_twice_changes_nothing_more(servers: Backing, held: PlayedCase) -> None:
    held.office.rows("licensing", "UPDATE licences SET valid_until = '2019-09-17' WHERE case_id = :id", id=held.id)
    law_changed(servers, held)
    before = held.read()
    law_changed(servers, held)
    assert held.read() == before
    assert before["state"] == "abolished_by_law"
