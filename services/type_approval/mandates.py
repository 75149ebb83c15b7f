"""The register of mandates 委托: each holder gives, changes and ends its own."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from services.faults import FAULTS
from services.mandates import MANDATES, PATH, standing_in
from shared.identity import Role
from shared.registers import store
from shared.registers.routes import RegisterApi

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from sqlalchemy import Connection

    from shared.http.routes import Call
    from shared.identity import Actor


def acting_for(tx: Connection, agent: Actor, holder: str, on: date) -> Actor:
    """The agent as who acts for the holder on that day, by the register. Raises Problem without a mandate."""
    held = store.find(tx, MANDATES, holder, agent.organisation)
    return standing_in(agent, holder, held.on(on) if held else None, on)


def _holder(call: Call) -> str:
    return call.actor.organisation


def _of_new(call: Call, _content: Mapping[str, Any]) -> str:
    return _holder(call)


def _href(_call: Call, _owner: str, code: str) -> str:
    return f"{PATH}/{quote(code, safe='')}"


_API = RegisterApi(MANDATES, FAULTS, of=_holder, all_of=_holder, owner=_of_new, href=_href)
ROUTES = [
    replace(route, in_person=True)
    for route in (
        *_API.reads(PATH, f"{PATH}/<code>", Role.APPLICANT),
        *_API.writes(PATH, f"{PATH}/<code>", Role.APPLICANT),
    )
]
