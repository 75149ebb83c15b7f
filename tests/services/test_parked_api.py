"""Parked events, through the internal API and the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from services.console import main
from shared.messaging.envelope import new_id
from tests.support import officer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from deploy.local.backing import Backing
    from tests.support import Caller, Office

PARKED = (
    "INSERT INTO held (type, subject, body, error, parked_at)"
    " VALUES ('', '', convert_to(:body, 'UTF8'), 'not JSON', now()) RETURNING id"
)


@pytest.fixture
def junk(office: Office) -> Iterator[int]:
    """A parked message of licensing; its id."""
    ((held_id,),) = office.rows("licensing", PARKED, body=f"junk {new_id()}")
    yield held_id
    office.rows("licensing", "DELETE FROM held WHERE id = :id", id=held_id)


@pytest.fixture
def operator(office: Office) -> Caller:
    return office.caller("licensing", officer("operator"))


def test_it_is_for_operators_only_whatever_their_other_posts(office: Office, junk: int) -> None:
    decider = office.caller("licensing", officer("zhao", "decider", "bureau_head"))
    assert decider.get("/internal/v1/parked").status == 403
    assert decider.get(f"/internal/v1/parked/{junk}").status == 403
    assert decider.post(f"/internal/v1/parked/{junk}/actions/discard", {"reason": "noise"}).status == 403


def test_it_is_listed_shown_and_discarded_with_a_reason(operator: Caller, junk: int, office: Office) -> None:
    assert junk in [event["id"] for event in operator.items("/internal/v1/parked")]
    assert operator.get(f"/internal/v1/parked/{junk}").json["error"] == "not JSON"
    refused = operator.post(f"/internal/v1/parked/{junk}/actions/discard", {})
    assert (refused.status, refused.faults) == (422, {"reason": "missing"})
    assert operator.post(f"/internal/v1/parked/{junk}/actions/discard?dry_run=true", {"reason": "noise"}).status == 200
    assert operator.post(f"/internal/v1/parked/{junk}/actions/discard", {"reason": "noise"}).status == 200
    assert operator.get(f"/internal/v1/parked/{junk}").status == 404
    logged = "SELECT actor, reason FROM parked_log WHERE held_id = :id"
    assert office.rows("licensing", logged, id=junk) == [("operator", "noise")]


def test_a_command_sent_again_under_its_key_gets_the_first_answer(operator: Caller, junk: int, office: Office) -> None:
    path, key = f"/internal/v1/parked/{junk}/actions/discard", f"discard-{junk}"
    first, again = (operator.post(path, {"reason": "noise"}, Idempotency_Key=key) for _ in range(2))
    assert (first.status, again.status, again.json) == (200, 200, first.json)
    assert again.headers["Idempotent-Replay"] == "true"
    assert office.rows("licensing", "SELECT count(*) FROM parked_log WHERE held_id = :id", id=junk) == [(1,)]
    assert operator.post(path, {"reason": "other"}, Idempotency_Key=key).json["code"] == "key_reused"


def test_redriving_what_is_not_parked_is_told(operator: Caller) -> None:
    assert operator.post("/internal/v1/parked/0/actions/redrive").status == 404
    assert operator.get(f"/internal/v1/parked/{10**30}").status == 404
    assert operator.post("/internal/v1/parked/actions/redrive", {"subject": "ML-0000-00000"}).json == {"redriven": 0}


def test_the_command_line_does_the_same(junk: int, servers: Backing, office: Office) -> None:
    environment = {"QUANHENG_DATABASE_URL": servers.database_url, "QUANHENG_NAMESPACE": servers.namespace}

    def run(*arguments: str) -> tuple[int, str]:
        result = CliRunner().invoke(main, ["parked", "--service", "licensing", *arguments], env=environment)
        return result.exit_code, result.output

    assert str(junk) in run("list")[1]
    assert "not JSON" in run("show", str(junk))[1]
    assert run("redrive", "--by", "operator")[0] == 2
    assert run("discard", str(junk), "--reason", "noise", "--by", "operator") == (0, "")
    code, output = run("show", str(junk))
    assert code == 2
    assert f"no event {junk} is parked here" in output
    assert office.rows("licensing", "SELECT action FROM parked_log WHERE held_id = :id", id=junk) == [("discarded",)]
