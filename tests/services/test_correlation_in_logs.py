"""The correlation id of a request appears in the logs of every service involved."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from shared.messaging.envelope import new_id
from tests.services.broker import say
from tests.services.test_consumers import event
from tests.support import wait_for

if TYPE_CHECKING:
    from deploy.local.backing import Backing
    from deploy.local.system import System
    from tests.support import Office


def written(line: str) -> bool:
    """Whether the line is one of ours, and not of a library that died."""
    return line.startswith("{")


def test_a_failing_event_is_logged_with_its_correlation_id(system: System, servers: Backing, office: Office) -> None:
    failing = event(new_id(), 1, "certificate.granted", certificate="C", holder="H", lines=[])
    say(servers, "type_approval", failing.encode().encode(), partition=failing.partition)

    def lines(service: str) -> list[dict[str, object]]:
        return [
            line
            for line in map(json.loads, filter(written, system.log(service).read_text(encoding="utf-8").splitlines()))
            if line.get("subject") == failing.subject
        ]

    found = {
        service: wait_for(lambda: lines(service), what=f"a line of {service}")  # noqa: B023
        for service in ("licensing", "notifications")
    }
    # Nothing goes on being tried behind the backs of other tests; the line is written before the event is held.
    gone = "DELETE FROM held WHERE case_id = :id RETURNING id"
    wait_for(lambda: office.rows("licensing", gone, id=failing.case_id), what="the event to be held")
    office.rows("licensing", "DELETE FROM inbox WHERE case_id = :id", id=failing.case_id)
    for service, told in found.items():
        assert {line.get("correlation_id") for line in told} == {failing.correlation_id}, service
