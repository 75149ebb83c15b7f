"""The running services handle any events: they stay up, and nothing that retries can solve needs a person."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import text

from shared.messaging.envelope import Event, new_id
from tests.services.broker import Ear, listening, say
from tests.support import Office, credit_code, wait_for

if TYPE_CHECKING:
    from deploy.local.backing import Backing
    from deploy.local.system import System


def event(case_id: str, case_seq: int, kind: str, **data: Any) -> Event:
    return Event(
        id=new_id(),
        source="type_approval",
        type=kind,
        version=1,
        subject=f"TA-{case_id[-6:]}",
        time=datetime(2013, 9, 17, 1, 0, tzinfo=UTC),
        actor="somebody",
        case_id=case_id,
        case_seq=case_seq,
        correlation_id=f"correlation-{case_id[-6:]}",
        causation_id="",
        data={"on": "2013-09-17", "state": "received", **data},
    )


def alive(system: System) -> bool:
    return all(map(system.ready, system.ports))


def test_what_failed_is_tried_again_by_itself(system: System, servers: Backing, office: Office) -> None:
    """A certificate is heard of before licensing can place it; once it can, nobody needs to ask."""
    case_id, code = new_id(), credit_code()
    granted = event(case_id, 1, "certificate.granted", certificate=f"C-{code}", holder=code, lines=[])
    say(servers, "type_approval", granted.encode().encode(), partition=granted.partition)
    failed = "SELECT attempts, error FROM held WHERE case_id = :id"
    ((attempts, error),) = wait_for(lambda: office.rows("licensing", failed, id=case_id), what="the event to be held")
    assert attempts >= 1
    assert error.startswith("NoResultFound")
    office.rows(
        "licensing",
        "INSERT INTO type_approvals (case_id, application, holder, status, lines)"
        " VALUES (:id, :application, :holder, 'running', '[]')",
        id=case_id,
        application=granted.subject,
        holder=code,
    )
    known = "SELECT status, certificate FROM type_approvals WHERE case_id = :id"
    wait_for(
        lambda: office.rows("licensing", known, id=case_id) == [("in_force", f"C-{code}")], what="the event's effect"
    )
    assert office.rows("licensing", failed, id=case_id) == []
    assert office.rows("licensing", "SELECT last_seq, held FROM inbox WHERE case_id = :id", id=case_id) == [(1, 0)]
    wait_for(lambda: alive(system), what="all processes to be ready again")


def test_bytes_that_are_no_event_are_parked_and_the_next_event_is_taken(
    system: System, servers: Backing, office: Office
) -> None:
    junk = f"junk {new_id()}".encode()
    follower = event(new_id(), 1, "nothing.special")
    say(servers, "type_approval", junk, follower.encode().encode(), partition=follower.partition)
    for reader in ("licensing", "notifications"):
        parked = "SELECT parked_at IS NOT NULL FROM held WHERE body = :body"
        wait_for(lambda: office.rows(reader, parked, body=junk) == [(True,)], what="the bytes to be parked")  # noqa: B023
        seen = "SELECT last_seq FROM inbox WHERE case_id = :id"
        wait_for(lambda: office.rows(reader, seen, id=follower.case_id) == [(1,)], what="the next event")  # noqa: B023
    wait_for(lambda: alive(system), what="all processes to be ready again")


def test_a_consumer_that_loses_the_race_for_a_new_case_begins_again(
    system: System, servers: Backing, office: Office
) -> None:
    first = event(new_id(), 1, "nothing.special")
    with office.engines["notifications"].connect() as tx:
        tx.execute(
            text("INSERT INTO inbox (source, case_id, last_seq) VALUES ('type_approval', :id, 0)"),
            {"id": first.case_id},
        )
        say(servers, "type_approval", first.encode().encode(), partition=first.partition)
        blocked = "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%inbox_add%'"
        wait_for(lambda: office.rows("notifications", blocked), what="the consumer to wait for us")
        tx.commit()
    seen = "SELECT last_seq FROM inbox WHERE case_id = :id"
    wait_for(lambda: office.rows("notifications", seen, id=first.case_id) == [(1,)], what="the event's effect")
    wait_for(lambda: alive(system), what="all processes to be ready again")


def test_a_lost_database_connection_costs_no_event(system: System, office: Office) -> None:
    case = office.case("type_approval")
    for service in office.engines:
        office.rows(
            service,
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()",
        )
    wait_for(lambda: case.attempt("submit").status == 200, what="the service to find its database again")
    heard = "SELECT state FROM tracked_cases WHERE id = :id"
    wait_for(lambda: office.rows("notifications", heard, id=case.id) == [("received",)], what="the event to arrive")
    wait_for(lambda: alive(system), what="all processes to be ready again")


def test_the_correlation_id_of_a_request_goes_with_all_that_follows(servers: Backing, office: Office) -> None:
    with listening(servers, "type_approval", "licensing", "notifications") as ear:
        approval = office.case("type_approval")
        approval.until("review")
        licence = office.case("licensing", approval.code)
        wait_for(office.settled)
        assert licence.do("submit")["state"] == "lodged"
        answer = approval.attempt("grant", headers={"X_Request_Id": "the-decision"})
        assert answer.headers["X-Request-Id"] == "the-decision"
        wait_for(lambda: licence.read()["state"] == "received", what="the licence application to be received")
        wait_for(lambda: len(followed(ear)) == 2, what="both events")
        granted, received = followed(ear)
    assert (granted.type, received.type) == ("certificate.granted", "application.received")
    assert granted.case_id == approval.id
    assert (received.case_id, received.causation_id) == (licence.id, granted.id)


def followed(ear: Ear) -> list[Event]:
    return [found for found in ear.heard() if found.correlation_id == "the-decision"]
