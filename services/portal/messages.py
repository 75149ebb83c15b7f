"""The inbox: what was written to one's organisation, as it was sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from services.portal.client import following
from services.portal.posting import FormPage, Sent
from services.portal.web import HOMES, Page, Visit

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.responses import Response


async def inbox(visit: Visit) -> Response:
    """Messages, newest first, a page at a time."""
    cursor = visit.request.query_params.get("cursor", "")
    told = (await visit.api.get("notifications", f"{visit.api.face}/messages", limit=30, cursor=cursor)).body
    return visit.render("messages.html", told=told, following=following(told))


async def _message(visit: Visit) -> Mapping[str, Any]:
    told: Mapping[str, Any] = (await visit.api.get("notifications", _path(visit))).body
    return told


async def _page(visit: Visit, message: Mapping[str, Any], _: Sent | None) -> Response:
    return visit.render("message.html", message=message)


async def _mark(visit: Visit, _: Mapping[str, Any], sent: Sent) -> Response:
    """Note that it was read: a button, so that looking at it says nothing."""
    await visit.api.post("notifications", f"{_path(visit)}/actions/mark_read", key=sent.key)
    return visit.redirect(f"{visit.home}/messages")


def _path(visit: Visit) -> str:
    return f"{visit.api.face}/messages/{quote(visit.request.path_params['id'], safe='')}"


_FORM = FormPage(_message, _page, _mark)
PAGES = tuple(
    page
    for side, home in HOMES.items()
    for page in (
        Page(f"{home}/messages", inbox, frozenset({side})),
        *_FORM.pages(f"{home}/messages/{{id}}", side),
    )
)
