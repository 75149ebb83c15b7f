"""Licences for tests, and the events that notifications publishes about them."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from services.instruments import scope
from services.licensing.reactions import react
from shared.law import load
from shared.messaging.envelope import Event, new_id
from shared.runtime.time import GivenTime
from tests.services.notices import tell
from tests.support import NOW, wait_for

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from deploy.local.backing import Backing
    from tests.support import Office, PlayedCase

ABOLITION = "2017-12-28T00:00:00+08:00"


def known_as(office: Office, approval: PlayedCase, status: str) -> None:
    query = "SELECT status FROM type_approvals WHERE case_id = :id"
    wait_for(
        lambda: office.rows("licensing", query, id=approval.id) == [(status,)], what=f"licensing to know: {status}"
    )


def law_changed(servers: Backing, held: PlayedCase) -> None:
    change = {"change": "CMC-NONE", "kind": "abolished", "effective_on": ABOLITION[:10]}
    words = {
        "zh": "制造计量器具许可已取消",
        "en": "manufacturing licence abolished",
        "basis": "Metrology Law",
        "basis_zh": "计量法",
    }
    tell(servers, held, "law.changed", ABOLITION, **change, **words)


def approve(office: Office, code: str, line: dict[str, Any]) -> str:
    """Let licensing hear that this instrument of the manufacturer `code` has a certificate of type approval; returns
    its number."""
    approval, lines = new_id(), scope([line])
    certificate = f"2013F{approval[-4:]}-22"
    with office.engines["licensing"].begin() as tx:
        learn(tx, approval, "application.received", applicant={"code": code}, lines=lines)
        learn(tx, approval, "certificate.granted", certificate=certificate, lines=lines)
    return certificate


def learn(tx: Connection, case_id: str, what: str, **data: Any) -> None:
    """Let licensing hear an event of a type approval, in the given transaction."""
    event = Event(
        id=new_id(),
        source="type_approval",
        type=what,
        version=1,
        subject=f"TA-{case_id[-8:]}",
        time=datetime.fromisoformat(NOW),
        actor="system",
        case_id=case_id,
        case_seq=1,
        correlation_id="",
        causation_id="",
        data=data,
    )
    react(tx, [event], rules=load(), time=GivenTime())
