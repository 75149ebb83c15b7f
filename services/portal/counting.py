"""The last day of a limit, counted from any day, with every day on the way and why it counts or not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from starlette.responses import Response

from services.portal.client import ProblemError
from services.portal.formats import read_day
from services.portal.web import Page, Visit

if TYPE_CHECKING:
    from collections.abc import Mapping

_SERVICE, _PATH = "notifications", "/v1/days"
UNITS = ("wd", "d", "mo")
_WRONG = 400


async def show(visit: Visit) -> Response:
    """Where a day and a length are typed; once they are, what they come to."""
    typed = {name: visit.request.query_params.get(name, "").strip()[:40] for name in ("start", "days", "unit")}
    asked = _asked(typed)
    told, wrong = None, {}
    if any(typed[name] for name in ("start", "days")):
        try:
            told = (await visit.api.get(_SERVICE, _PATH, **asked)).body
        except ProblemError as error:
            if error.status != _WRONG:
                raise
            wrong = {fault["name"]: fault["reason"] for fault in error.faults}
    picture = f"/due.svg?{urlencode(asked)}" if told else ""
    shown: dict[str, Any] = {"typed": typed, "told": told, "wrong": wrong, "picture": picture, "units": UNITS}
    return visit.render("due.html", 400 if wrong else 200, failed=bool(wrong), **shown)


async def picture(visit: Visit) -> Response:
    """The days, drawn by the service."""
    answer = await visit.api.get(_SERVICE, f"{_PATH}.svg", **_asked(visit.request.query_params))
    inert = "default-src 'none'; style-src 'unsafe-inline'"
    return Response(answer.raw, media_type="image/svg+xml", headers={"Content-Security-Policy": inert})


def _asked(typed: Mapping[str, str]) -> dict[str, str]:
    unit = typed.get("unit", "")
    return {
        "start": read_day(typed.get("start", "")),
        "days": typed.get("days", ""),
        "unit": unit if unit in UNITS else UNITS[0],
    }


PAGES = (Page("/due", show), Page("/due.svg", picture))
