"""A missed limit is written into the journal of the case it belongs to, for good."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared.casework.engine import note
from shared.casework.queries import find_case
from shared.identity import SYSTEM

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from shared.messaging.envelope import Event

TOLD_BY = "clock.breached"


def note_breaches(tx: Connection, events: Sequence[Event]) -> None:
    """Journal the breaches of limits of this service's own cases; whatever else notifications tells is not ours."""
    for event in events:
        if event.type == TOLD_BY and (case := find_case(tx, event.case_id, lock=True)):
            note(tx, case, TOLD_BY, event.data, actor=SYSTEM, now=event.time)
