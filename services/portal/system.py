"""What waits for an operator: events that could not be taken in, messages that could not be mailed."""

from __future__ import annotations

import asyncio
from types import MappingProxyType
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from services import SERVICES
from services.portal.account import kept_form
from services.portal.cases import part
from services.portal.client import ProblemError
from services.portal.web import Page, Visit
from shared.identity import Role

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.responses import Response

_STAFF = frozenset({Role.STAFF})
_MOST = 50
_REASON = "reason "
"""Before service and event, the name of the field for why that is discarded."""
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
    """Try one again, or give it up for a reason; of the button's value, what is done with which of what service."""
    sent = await visit.request.form(max_files=0)
    visit.speak(sent)
    typed = {name: str(value) for name, value in sent.items()}
    if "_do" not in sent:
        return await _page(visit, typed)
    do, service, which = [*str(sent["_do"]).split(" ", 2), "", ""][:3]
    does, key = _DOES.get(do), visit.idempotency_key(sent)
    if service not in SERVICES or does is None:
        return await _page(visit, typed, status=422)
    if not key:
        return await _page(visit, typed, notice="form.expired")
    path = f"{visit.api.face}/{does.format(id=quote(which, safe=''))}"
    body = {"reason": typed.get(f"{_REASON}{service} {which}", "")} if do == "discard" else None
    try:
        await visit.api.post(service, path, body, key=key)
    except ProblemError as error:
        return await _page(visit, typed, begun=f"{service} {which}", problem=error, status=error.status)
    return visit.redirect("/office/system", done=do)


async def _page(
    visit: Visit,
    typed: Mapping[str, str] = MappingProxyType({}),
    *,
    begun: str = "",
    notice: str = "",
    problem: ProblemError | None = None,
    status: int = 200,
) -> Response:
    """`typed` are the reasons why events were to be discarded, `begun` is the event that was."""
    face = visit.api.face
    undelivered, *parked = await asyncio.gather(
        part(visit, "notifications", f"{face}/undelivered", limit=_MOST),
        *(part(visit, service, f"{face}/parked", limit=_MOST) for service in SERVICES),
    )
    events: list[dict[str, Any]] = [
        {**one, "service": service} for service, told in zip(SERVICES, parked, strict=True) for one in _items(told)
    ]
    held = [f"{one['service']} {one['id']}" for one in events]
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
        begun=begun,
        reasons={which: typed.get(f"{_REASON}{which}", "") for which in held},
        key=visit.new_key(),
    )


def _items(told: Any) -> list[dict[str, Any]]:
    return list((told or {}).get("items", []))


PAGES = (Page("/office/system", show, _STAFF), Page("/office/system", act, _STAFF, ("POST",)))
