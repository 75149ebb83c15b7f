"""What codes in a case are called that identify something elsewhere: its laboratories, the experts who assess, and the
clauses that they assess."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from services.portal.places import part
from shared.identity import Role

if TYPE_CHECKING:
    from collections.abc import Iterator

    from services.portal.places import Place
    from services.portal.web import Visit

Names = Mapping[str, Mapping[str, str]]
"""By code what it is shown as, in each language: with the code, which identifies it."""
_EXPERTS = ("assessor", "aside", "instead", "back", "leaves", "team", "code")
_MOST = 100
"""Experts of the register who are called by name."""


async def names_in(visit: Visit, place: Place, case: Mapping[str, Any]) -> dict[str, Names]:
    """By the fields that have the codes."""
    experts, clauses = await asyncio.gather(experts_of(visit, case), _clauses(visit, place, case))
    return {"lab": _labs(case), "clause": clauses, **dict.fromkeys(_EXPERTS, experts)}


async def _clauses(visit: Visit, place: Place, case: Mapping[str, Any]) -> Names:
    """Nothing where none is spoken of."""
    said = {"recorded_findings", "assessment"} & case.keys() or "self_assessed" in case.get("form", ())
    return await checklist(visit, place) if said else {}


async def checklist(visit: Visit, place: Place) -> Names:
    """The clauses of the assessment of a maker, in order."""
    told = await part(visit, place.service, f"{place.path}/checklist")
    return {
        one["code"]: {"zh": f"{one['code']} {one['zh']}", "en": f"{one['code']} {one['en']}"}
        for one in (told or {}).get("items", ())
    }


async def experts_of(visit: Visit, case: Mapping[str, Any]) -> Names:
    """Whoever is, or was, in the team; to the office, of a draw everybody who could be drawn."""
    named = {one["code"]: one["name"] for one in case.get("assessment_plan", {}).get("team", ()) if "code" in one}
    named |= {one["assessor"]: one["name"] for one in case.get("recusals", ())}
    if visit.side is Role.STAFF and "draw" in case:
        asked = {"on": case["draw"]["on"], "limit": _MOST}
        told = await part(visit, "licensing", f"{visit.api.face}/experts", **asked)
        contents = (one["content"] for one in (told or {}).get("items", ()))
        named = {**{one["code"]: one["name"] for one in contents}, **named}
    return {code: beside(name, code) for code, name in named.items()}


def _labs(case: Mapping[str, Any]) -> Names:
    return {one["lab"]: beside(one["lab_name"], one["lab"]) for one in _within(case) if one.get("lab_name")}


def _within(value: Any) -> Iterator[Mapping[str, Any]]:
    """Every object in it that names a laboratory."""
    if isinstance(value, Mapping):
        if value.get("lab"):
            yield value
        for one in value.values():
            yield from _within(one)
    elif isinstance(value, list):
        for one in value:
            yield from _within(one)


def beside(name: str, code: str) -> Mapping[str, str]:
    """The name, and the code that identifies it."""
    return {"zh": f"{name}（{code}）", "en": f"{name} ({code})"}
