"""Reactions of the C mark to events of other services: it keeps mandates, and does what the law attaches to silence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services import mandates
from services.c_mark.procedure import PROCEDURE
from services.mandates import RECORDED
from shared.permits import reactions as casework

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from shared.law import RuleSet
    from shared.messaging.envelope import Event
    from shared.runtime.time import TimeSource

SILENCE = {"deem_accepted": "deem_accept", "expire": "lapse"}
"""The action that applies each legal effect of silence."""


def react(tx: Connection, events: Sequence[Event], *, rules: RuleSet, time: TimeSource) -> None:
    for event in events:
        if event.type == RECORDED:
            mandates.keep(tx, event)
    told = [event for event in events if event.source == "notifications"]
    casework.react(tx, told, procedure=PROCEDURE, silence=SILENCE, rules=rules, time=time)
