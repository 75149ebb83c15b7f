"""Lists of cases: those of whoever is signed in, first what waits for them; and finding any case."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from services.portal.cases import applicant_name
from services.portal.client import ProblemError, following
from services.portal.held import held_by
from services.portal.places import part, place_of
from services.portal.web import HOLDERS_OF, HOMES, TOLD, Page, Visit
from shared.identity import Role

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.responses import Response

    from services.portal.held import Holding

_SHOWN = 25
"""Cases in each list of a page: a holder of thousands has no longer page than others."""
_FOUND = 20


async def mine(visit: Visit) -> Response:
    """The cases of whoever is signed in, of all procedures; first what waits for them."""
    api, cursor = visit.api, visit.request.query_params.get("cursor", "")
    drafts, held, running, paused, idle, inbox, *answers = await asyncio.gather(
        _drafts(visit),
        _held(visit),
        part(visit, "notifications", f"{api.face}/work", limit=_SHOWN, cursor=cursor),
        part(visit, "notifications", f"{api.face}/work", limit=_SHOWN, clock="paused"),
        part(visit, "notifications", f"{api.face}/work", limit=_SHOWN, clock="none"),
        part(visit, "notifications", f"{api.face}/messages", limit=1),
        *(part(visit, service, f"{api.face}/applications", limit=_SHOWN, sort="-updated") for service in visit.permits),
    )
    newest = [
        {**case, "place": place_of(visit, service, case.get("number") or case["id"])}
        for service, told in zip(visit.permits, answers, strict=True)
        for case in (told or {}).get("items", ())
    ]
    known = {case["number"]: case for case in newest if "number" in case}
    open_ = [
        {**item, "place": place_of(visit, item["service"], item["number"]), "case": known.get(item["number"])}
        for told in ([running] if cursor else [running, paused, idle])
        for item in (told or {}).get("items", ())
    ]
    shown = {item["number"] for item in open_}
    down = [service for service, told in zip(visit.permits, answers, strict=True) if told is None]
    rest = [case for case in newest if case["state"] != "draft" and case.get("number") not in shown]
    rest = [case for case in rest if not (held and held.has(case, case["place"].service))]
    more = following(running or {})
    return visit.render(
        "cases.html",
        drafts=drafts,
        held=held,
        open=open_,
        parts={
            "mine": [item for item in open_ if waits(visit, item)],
            "theirs": [item for item in open_ if not waits(visit, item)],
        },
        rest=sorted(rest, key=lambda case: str(case["updated_at"]), reverse=True)[:_SHOWN],
        known=running is not None and visit.side in TOLD,
        down=down + (["notifications"] if running is None else []),
        unread=(inbox or {}).get("unread", 0),
        following=f"{visit.home}?cursor={more}" if more else "",
        several=len(newest) >= _SHOWN,
        name=applicant_name,
    )


def waits(visit: Visit, item: Mapping[str, Any]) -> bool:
    """Whether the work waits for the reader's side."""
    return bool(item["clock"] == "running" and item["holder"] in HOLDERS_OF.get(visit.side, ()))


async def _held(visit: Visit) -> Holding | None:
    return await held_by(visit) if visit.side is Role.APPLICANT else None


async def _drafts(visit: Visit) -> list[dict[str, Any]]:
    """What an applicant has not submitted yet, however much was done to other cases since; the newest first."""
    found = await mine_of(visit, "draft") if visit.side is Role.APPLICANT else []
    return sorted(found, key=lambda case: str(case["updated_at"]), reverse=True)


async def mine_of(visit: Visit, state: str | None = None) -> list[dict[str, Any]]:
    """The newest cases of all procedures, in that state or in any, with their places."""
    path, kept = f"{visit.api.face}/applications", visit.permits
    answers = await asyncio.gather(
        *(part(visit, service, path, limit=20, sort="-updated", state=state) for service in kept)
    )
    return [
        {**case, "place": place_of(visit, service, case.get("number") or case["id"])}
        for service, told in zip(kept, answers, strict=True)
        for case in (told or {}).get("items", [])
    ]


async def search(visit: Visit) -> Response:
    """Cases by number, company, instrument or model; of one procedure alone from `cursor` on."""
    query = visit.request.query_params
    wanted = query.get("q", "").strip()[:100]
    asked = [service for service in visit.permits if service == query.get("of")] or visit.permits
    cursor = query.get("cursor", "") if len(asked) == 1 else ""
    found: list[Mapping[str, Any]] = []
    down, answers, more, short = [], [], {}, False
    path = f"{visit.api.face}/applications"
    try:
        if wanted:
            answers = await asyncio.gather(
                *(part(visit, service, path, q=wanted, limit=_FOUND, cursor=cursor) for service in asked)
            )
    except ProblemError as error:
        if error.status != 400:  # noqa: PLR2004 - Bad Request: too short to find
            raise
        short = True
    for service, told in zip(asked, answers, strict=False):
        down += [service] if told is None else []
        if behind := following(told or {}):
            more[service] = f"{visit.home}/search?{urlencode({'q': wanted, 'of': service})}&cursor={behind}"
        found += [
            {**case, "place": place_of(visit, service, case.get("number") or case["id"])}
            for case in (told or {}).get("items", [])
        ]
    return visit.render(
        "search.html", 400 if short else 200, wanted=wanted, found=found, down=down, short=short, more=more
    )


PAGES = (
    *(Page(home, mine, frozenset({side})) for side, home in HOMES.items() if side is not Role.STAFF),
    *(Page(f"{home}/search", search, frozenset({side})) for side, home in HOMES.items()),
)
