"""What waits for an operator: events that could not be taken in, messages that could not be mailed."""

from __future__ import annotations

import asyncio
from types import MappingProxyType
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from services.portal.account import kept_form
from services.portal.cases import part
from services.portal.client import ProblemError
from services.portal.web import Page, Visit
from shared.identity import Role
from shared.runtime.command import SERVICES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.responses import Response

_STAFF = frozenset({Role.STAFF})
_MOST = 50
_DOES = {
    "redrive": "parked/{id}/actions/redrive",
    "discard": "parked/{id}/actions/discard",
    "retry": "undelivered/{id}/actions/retry",
}
"""What can be done, and where the service does it."""


async def show(visit: Visit) -> Response:
    """Both lists, of every service that answers."""
    return await _page(visit, {name: values[0] for name, values in (await kept_form(visit) or {}).items()})


async def act(visit: Visit) -> Response:
    """Try one again, or give it up for a reason."""
    sent = await visit.request.form(max_files=0)
    service, does, key = str(sent.get("service")), _DOES.get(str(sent.get("do"))), visit.idempotency_key(sent)
    if service not in SERVICES or does is None:
        return await _page(visit, status=422)
    if not key:
        return await _page(visit, notice="form.expired")
    typed = {name: str(sent.get(name, "")) for name in ("service", "id", "reason")}
    path = f"{visit.api.face}/{does.format(id=quote(str(sent.get('id')), safe=''))}"
    body = {"reason": str(sent.get("reason", ""))} if sent.get("do") == "discard" else None
    try:
        await visit.api.post(service, path, body, key=key)
    except ProblemError as error:
        return await _page(visit, typed, problem=error, status=error.status)
    return visit.redirect("/office/system", done=str(sent.get("do")))


async def _page(
    visit: Visit,
    typed: Mapping[str, str] = MappingProxyType({}),
    *,
    notice: str = "",
    problem: ProblemError | None = None,
    status: int = 200,
) -> Response:
    """`typed` is the reason why an event was to be discarded, with the event."""
    face = visit.api.face
    undelivered, *parked = await asyncio.gather(
        part(visit, "notifications", f"{face}/undelivered", limit=_MOST),
        *(part(visit, service, f"{face}/parked", limit=_MOST) for service in SERVICES),
    )
    events: list[dict[str, Any]] = [
        {**one, "service": service} for service, told in zip(SERVICES, parked, strict=True) for one in _items(told)
    ]
    done = visit.request.query_params.get("done", "")
    return visit.render(
        "system.html",
        status,
        events=events,
        letters=_items(undelivered),
        down=[service for service, told in zip(SERVICES, parked, strict=True) if told is None],
        done=done if done in _DOES else "",
        notice=notice,
        problem=problem,
        typed=typed,
        key=visit.new_key,
    )


def _items(told: Any) -> list[dict[str, Any]]:
    return list((told or {}).get("items", []))


PAGES = (Page("/office/system", show, _STAFF), Page("/office/system", act, _STAFF, ("POST",)))
