"""The permits that an applicant holds: what each covers, until when it is valid, and what can be done about it."""

from __future__ import annotations

import asyncio
from datetime import date
from typing import TYPE_CHECKING, Any, NamedTuple

from services.portal.client import following
from services.portal.papers import IN_FORCE, LIVE, REGISTERS, STATUSES
from services.portal.places import part, place_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from services.portal.places import Place
    from services.portal.web import Visit

_SHOWN = 25
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
    """The permits of a holder; `more` are the registers that have others, each with the status of those, with the
    holder's code."""

    permits: Sequence[Held]
    more: Sequence[tuple[str, str]]
    code: str

    def has(self, case: Mapping[str, Any], service: str) -> bool:
        """Whether the permit that lives in the case is here, or where a link for more leads."""
        beyond = REGISTERS[service] in {register for register, _ in self.more} and case["state"] in LIVE[service]
        return beyond or case.get("number") in {one.permit["case"] for one in self.permits}


async def held_by(visit: Visit) -> Holding:
    """What the reader's organisation holds, or the holder for whom they act: what ends first comes first."""
    code = visit.acting or (visit.actor.organisation if visit.actor else "")
    asked = [
        (service, path, status)
        for service, path in REGISTERS.items()
        for status in STATUSES[path]
        if status in IN_FORCE
    ]
    order = {"holder": code, "sort": "valid_until", "limit": _SHOWN}
    answers = await asyncio.gather(
        *(part(visit, service, f"/v1/{path}", status=status, **order) for service, path, status in asked)
    )
    told = list(zip(asked, answers, strict=True))
    found = [
        Held(one, path, place_of(visit, service, one["case"]), _days_left(visit, one))
        for (service, path, _), answer in told
        for one in (answer or {}).get("items", ())
    ]
    found.sort(key=lambda one: (one.permit.get("valid_until", "9999"), one.permit["number"]))
    left_out = {(one.register, one.permit["status"]) for one in found[_SHOWN:]}
    left_out |= {(path, status) for (_, path, status), answer in told if following(answer or {})}
    return Holding(found[:_SHOWN], sorted(left_out), code)


def _days_left(visit: Visit, permit: Mapping[str, Any]) -> int | None:
    until = permit.get("valid_until")
    return (date.fromisoformat(until) - visit.today).days if until else None
