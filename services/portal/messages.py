"""The inbox: what was written to one's organisation, as it was sent."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from services.portal.client import following
from services.portal.web import HOMES, Page, Visit

if TYPE_CHECKING:
    from starlette.responses import Response


async def inbox(visit: Visit) -> Response:
    """Messages, newest first, a page at a time."""
    cursor = visit.request.query_params.get("cursor", "")
    told = (await visit.api.get("notifications", f"{visit.api.face}/messages", limit=30, cursor=cursor)).body
    return visit.render("messages.html", told=told, following=following(told))


async def message(visit: Visit) -> Response:
    """One message."""
    path = f"{visit.api.face}/messages/{quote(visit.request.path_params['id'], safe='')}"
    told = (await visit.api.get("notifications", path)).body
    return visit.render("message.html", message=told, key=visit.new_key())


async def mark(visit: Visit) -> Response:
    """Note that it was read: a button, so that looking at it says nothing."""
    sent = await visit.request.form(max_files=0)
    path = f"{visit.api.face}/messages/{quote(visit.request.path_params['id'], safe='')}/actions/mark_read"
    if key := visit.idempotency_key(sent):
        await visit.api.post("notifications", path, key=key)
    return visit.redirect(f"{visit.home}/messages")


PAGES = tuple(
    page
    for side, home in HOMES.items()
    for sides in (frozenset({side}),)
    for page in (
        Page(f"{home}/messages", inbox, sides),
        Page(f"{home}/messages/{{id}}", message, sides),
        Page(f"{home}/messages/{{id}}", mark, sides, ("POST",)),
    )
)
