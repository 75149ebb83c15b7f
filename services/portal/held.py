"""The permits that an applicant holds: what each covers, until when it is valid, and what can be done about it."""

from __future__ import annotations

import asyncio
from datetime import date
from typing import TYPE_CHECKING, Any, NamedTuple

from services.portal.client import following
from services.portal.papers import IN_FORCE, REGISTERS
from services.portal.places import part, place_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from services.portal.places import Place
    from services.portal.web import Visit

_READ, _SHOWN = 100, 25
AHEAD_DAYS = 184
"""So long before its end a renewal is offered beside a permit: six months of the longest, when reminders begin."""


class Held(NamedTuple):
    """A permit in force. `days_left` is None where it has no end, `may_renew` in the last months of one that has."""

    permit: Mapping[str, Any]
    register: str
    place: Place
    days_left: int | None

    @property
    def may_renew(self) -> bool:
        return self.days_left is not None and self.days_left <= AHEAD_DAYS


class Holding(NamedTuple):
    """The permits of a holder; `more` are the registers that have others, with the holder's code."""

    permits: Sequence[Held]
    more: Sequence[str]
    code: str


async def held_by(visit: Visit) -> Holding:
    """What the reader's organisation holds, or the holder for whom they act: what ends first comes first."""
    code = visit.acting or (visit.actor.organisation if visit.actor else "")
    answers = await asyncio.gather(
        *(part(visit, service, f"/v1/{path}", holder=code, limit=_READ) for service, path in REGISTERS.items())
    )
    told = list(zip(REGISTERS.items(), answers, strict=True))
    found = [
        Held(one, path, place_of(visit, service, one["case"]), _days_left(visit, one))
        for (service, path), answer in told
        for one in (answer or {}).get("items", ())
        if one["status"] in IN_FORCE
    ]
    found.sort(key=lambda one: (one.permit.get("valid_until", "9999"), one.permit["number"]))
    shown = found[:_SHOWN]
    left_out = {one.register for one in found[_SHOWN:]}
    more = [path for (_, path), answer in told if path in left_out or following(answer or {})]
    return Holding(shown, more, code)


def _days_left(visit: Visit, permit: Mapping[str, Any]) -> int | None:
    until = permit.get("valid_until")
    return (date.fromisoformat(until) - visit.today).days if until else None
