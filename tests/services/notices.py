"""Publishes events in the name of notifications, so that a test need not let time pass."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from shared.messaging.envelope import Event, new_id
from tests.services.broker import say
from tests.support import wait_for

if TYPE_CHECKING:
    from deploy.local.backing import Backing
    from tests.support import PlayedCase


def tell(servers: Backing, case: PlayedCase, what: str, now: str, **data: Any) -> None:
    """Tell it and wait until the service of the case has taken it in."""
    wait_for(case.office.settled, what="all events to arrive")
    heard = "SELECT last_seq FROM inbox WHERE source = 'notifications' AND case_id = :id"
    # Counted where it is said to come from: what that service tells afterwards has the next number.
    counted = "UPDATE tracked_cases SET events = events + 1 WHERE id = :id RETURNING events"
    ((seq,),) = case.office.rows("notifications", counted, id=case.id)
    event = Event(
        id=new_id(),
        source="notifications",
        type=what,
        version=1,
        subject=case.read()["number"],
        time=datetime.fromisoformat(now),
        actor="system",
        case_id=case.id,
        case_seq=seq,
        correlation_id="",
        causation_id="",
        data={"on": now[:10], "state": "", "basis": "依据", "zh": "期限届满", "en": "time is over", **data},
    )
    say(servers, "notifications", event.encode().encode(), partition=event.partition)
    wait_for(lambda: case.office.rows(case.service, heard, id=case.id) == [(seq,)], what=f"{what} to be taken in")


def intake_expired(
    servers: Backing, case: PlayedCase, started_on: str = "2013-09-17", due_on: str = "2013-09-25"
) -> None:
    """The five working days after receipt are over."""
    data = {"effect": "deem_accepted", "limit": "intake", "started_on": started_on, "due_on": due_on}
    tell(servers, case, "clock.expired", "2013-09-26T00:00:00+08:00", **data)
