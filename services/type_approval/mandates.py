"""The register of mandates 委托: each holder gives, changes and ends its own."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from services.faults import FAULTS
from services.mandates import MANDATES, PATH, RECEIVED, Received, standing_in
from shared.http.routes import Reply, Route
from shared.identity import Role
from shared.registers import VALID, store
from shared.registers.routes import RegisterApi
from shared.runtime.time import legal_date
from shared.schemas import listed
from shared.sql import Statement
from shared.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection

    from shared.http.routes import Call
    from shared.identity import Actor


def acting_for(tx: Connection, agent: Actor, holder: str, on: date) -> Actor:
    """The agent as who acts for the holder on that day, by the register. Raises Problem without a mandate."""
    held = store.find(tx, MANDATES, holder, agent.organisation)
    return standing_in(agent, holder, held.on(on) if held else None, on)


def received(call: Call) -> Reply:
    """The mandates in force that the caller's organisation has of others."""
    on = legal_date(call.now)
    with call.store.reading() as tx:
        held = store.named_in(tx, MANDATES, call.actor.organisation, on)
        valid = {holder: one.content for holder, one in held.items() if MANDATES.status(one, on) == VALID}
        written = {one.holder: one for one in _HOLDERS(tx, holders=sorted(valid))}
    items = [
        {
            **(
                {"holder": written[holder].code, "holder_name": written[holder].name}
                if holder in written
                else {"holder": holder}
            ),
            "scope": told["scope"],
            "valid_until": date.fromisoformat(told["valid_until"]),
        }
        for holder, told in sorted(valid.items())
    ]
    return Reply({"items": items})


def _holder(call: Call) -> str:
    return call.actor.organisation


def _of_new(call: Call, _content: Mapping[str, Any]) -> str:
    return _holder(call)


def _href(_call: Call, _owner: str, code: str) -> str:
    return f"{PATH}/{quote(code, safe='')}"


_HOLDERS = Statement(
    "mandate_holders",
    "SELECT holder, code, name FROM unnest(CAST(:holders AS text[])) holder CROSS JOIN LATERAL"
    " (SELECT applicant AS code, shown ->> 'applicant_name' AS name FROM cases JOIN case_summaries USING (id)"
    " WHERE party(applicant) = holder AND number IS NOT NULL ORDER BY id DESC LIMIT 1) newest",
)
"""How the newest application of each holder writes its code and name: the register has the code as it is compared."""
_API = RegisterApi(MANDATES, FAULTS, of=_holder, all_of=_holder, owner=_of_new, href=_href)
ROUTES = [
    Route(
        *("GET", RECEIVED, received, Role.APPLICANT, Text("收到的委托", "List the mandates that others gave you")),
        gives=listed(Received),
        in_person=True,
    ),
    *(
        replace(route, in_person=True)
        for route in (
            *_API.reads(PATH, f"{PATH}/<code>", Role.APPLICANT),
            *_API.writes(PATH, f"{PATH}/<code>", Role.APPLICANT),
        )
    ),
]
