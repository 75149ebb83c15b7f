"""Reactions of type approval to events of other services."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services.type_approval.procedure import PROCEDURE
from shared.permits import reactions as casework

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from shared.law import RuleSet
    from shared.messaging.envelope import Event
    from shared.runtime.time import Clock

SILENCE = {"deem_accepted": "deem_accept", "fail_evaluation": "fail_evaluation"}
"""The action that applies each legal effect of silence."""


def react(tx: Connection, events: Sequence[Event], *, rules: RuleSet, clock: Clock) -> None:
    casework.react(tx, PROCEDURE, events, silence=SILENCE, rules=rules, clock=clock)
