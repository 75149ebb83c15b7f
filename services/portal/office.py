"""The office's queue: open cases of all procedures, what is due first comes first; and finding any case."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from services.portal.cases import part, place_of
from services.portal.web import Page, Visit
from shared.identity import Role
from shared.runtime.command import PERMITS

if TYPE_CHECKING:
    from starlette.responses import Response

_STAFF = frozenset({Role.STAFF})
CLOCKS = ("running", "paused", "none")
WHOSE = ("me", "none")
HOLDERS = ("authority", "applicant", "laboratory")
_PAGE = 30
_FOUND = 20


async def queue(visit: Visit) -> Response:
    """What is to be done: all filters stand in the address, so that a view can be kept and shared."""
    query = visit.request.query_params
    asked = {
        "clock": _one_of(query.get("clock"), CLOCKS) or "running",
        "assignee": _one_of(query.get("assignee"), WHOSE),
        "holder": _one_of(query.get("holder"), HOLDERS),
        "overdue": "true" if query.get("overdue") == "true" else "",
    }
    path = f"{visit.api.face}/work"
    told = await part(visit, "notifications", path, limit=_PAGE, cursor=query.get("cursor", ""), **asked)
    items = [
        {**item, "place": place_of(visit, item["service"], item["number"])} for item in (told or {}).get("items", [])
    ]
    chosen = {name: value for name, value in asked.items() if value}
    following = (told or {}).get("next", "").partition("cursor=")[2].partition("&")[0]
    return visit.render(
        "work.html",
        items=items,
        asked=asked,
        tabs=[(clock, f"/office?{urlencode({**chosen, 'clock': clock})}") for clock in CLOCKS],
        following=f"/office?{urlencode(chosen)}&cursor={following}" if following else "",
        down=["notifications"] if told is None else [],
        whose=WHOSE,
        holders=HOLDERS,
    )


async def search(visit: Visit) -> Response:
    """Cases by number, company, instrument or model."""
    wanted = visit.request.query_params.get("q", "").strip()[:100]
    found: list[dict[str, Any]] = []
    down = []
    if wanted:
        path = f"{visit.api.face}/applications"
        answers = await asyncio.gather(*(part(visit, service, path, q=wanted, limit=_FOUND) for service in PERMITS))
        for service, told in zip(PERMITS, answers, strict=True):
            down += [service] if told is None else []
            found += [
                {**case, "place": place_of(visit, service, case["number"])} for case in (told or {}).get("items", [])
            ]
    return visit.render("search.html", wanted=wanted, found=found, down=down)


def _one_of(asked: str | None, known: tuple[str, ...]) -> str:
    return asked if asked in known else ""


PAGES = (
    Page("/office", queue, _STAFF),
    Page("/office/search", search, _STAFF),
)
