"""The office's queue: open cases of all procedures, what is due first comes first."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from starlette.exceptions import HTTPException

from services import PERMITS
from services.portal.client import ProblemError, UnavailableError, following
from services.portal.colleagues import ASSIGN, colleagues
from services.portal.places import Place, part, place_of
from services.portal.posting import FormPage, Sent
from services.portal.system import waiting
from services.portal.trouble import TroubleError
from shared.identity import Role

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from starlette.responses import Response

    from services.portal.web import Visit

CLOCKS = ("running", "paused", "none")
OPEN, ALL = "me_or_none", "all"
WHOSE = (OPEN, "me", "none")
HOLDERS = ("authority", "applicant", "laboratory", "checker")
FILTERS = ("clock", "assignee", "holder", "overdue")
CLAIM = "claim"
_GIVES = frozenset({CLAIM, ASSIGN})
HEADS = frozenset({"section_head", "bureau_head", "decider"})
"""Who is offered to give cases to others; whether they may, the services say."""
_PAGE = 30
_LONGEST = 255
"""Of a login."""


@dataclass(frozen=True, slots=True)
class Given:
    """What became of one of the cases that were chosen: who handles it now, or why nothing changed."""

    place: Place
    to: str
    why: str


async def _nothing(_: Visit) -> None:
    """What is shown depends on what is asked for."""


async def _page(visit: Visit, _: None, sent: Sent | None) -> Response:
    """What is to be done: all filters stand in the address, so that a view can be kept and shared."""
    return await _queue(visit, sent.typed if sent else {})


async def _act(visit: Visit, _: None, sent: Sent) -> Response:
    """Look for others; or take the chosen cases, or give them to a colleague: each tells how that went."""
    typed = sent.typed
    chosen, to = list(dict.fromkeys(typed.get("case", ())))[:_PAGE], sent.told("to")
    wanted = sent.told("q").strip()
    action = sent.told("_do") or ("search" if wanted else "filter")
    if action == "search":
        return visit.redirect("/office/search", q=wanted)
    if action == "filter":
        return visit.redirect("/office", **{name: typed[name][0] for name in FILTERS if typed.get(name, [""])[0]})
    if action not in _GIVES or not chosen:
        raise TroubleError("work.none_chosen")
    if action == ASSIGN and not to:
        raise TroubleError("work.nobody_chosen")
    body = {"to": {"subject": to, "name": (await colleagues(visit)).name(to)}} if action == ASSIGN else {}
    given = await asyncio.gather(*(_give(visit, one, action, body, sent.key) for one in chosen))
    return await _queue(visit, given=given)


async def _give(visit: Visit, case: str, action: str, body: Mapping[str, Any], key: str) -> Given:
    service, _, number = case.partition(" ")
    if service not in PERMITS:
        raise HTTPException(422)
    place = place_of(visit, service, number)
    try:
        answer = await visit.api.post(
            service, f"{place.path}/actions/{action}", body, etag="*", key=f"{key}-{action}-{number}"
        )
    except ProblemError as error:
        return Given(place, "", " ".join(error.reasons))
    except UnavailableError:
        return Given(place, "", visit.t("form.unavailable"))
    return Given(place, answer.body["assignee"]["name"], "")


async def _queue(
    visit: Visit,
    typed: Mapping[str, Sequence[str]] = MappingProxyType({}),
    *,
    given: Sequence[Given] = (),
) -> Response:
    """`typed` is what was chosen and typed on the page so far; without it the address says what is asked for."""
    query = dict(visit.request.query_params)
    if any(name in typed for name in FILTERS):
        changed = {name: typed.get(name, [""])[0] for name in FILTERS}
        same = all(query.get(name, "") == value for name, value in changed.items())
        query = {**changed, **({"cursor": query["cursor"]} if same and "cursor" in query else {})}
    asked = {
        "clock": _one_of(query.get("clock"), CLOCKS) or "running",
        # What is the reader's, or may become so; everything is a click away.
        "assignee": query.get("assignee", "")[:_LONGEST] or OPEN,
        "holder": _one_of(query.get("holder"), HOLDERS),
        "overdue": "true" if query.get("overdue") == "true" else "",
    }
    people, told, stuck = await asyncio.gather(colleagues(visit), _work(visit, query, asked), waiting(visit))
    if asked["assignee"] not in (ALL, *WHOSE, *people.names):
        asked["assignee"] = OPEN
        told = await _work(visit, query, asked)
    items = [
        {**item, "place": place_of(visit, item["service"], item["number"])} for item in (told or {}).get("items", [])
    ]
    # The list hears of it a moment later.
    handled = {one.place: one.to for one in given if one.to}
    items = [{**item, "handler": handled.get(item["place"], "")} for item in items]
    kept = {name: value for name, value in asked.items() if value}
    cursor = following(told or {})
    return visit.render(
        "work.html",
        stuck=stuck.counts if stuck else {},
        items=items,
        asked=asked,
        tabs=[(clock, f"/office?{urlencode({**kept, 'clock': clock})}") for clock in CLOCKS],
        here=f"/office?{urlencode(query)}",
        following=f"/office?{urlencode(kept)}&cursor={cursor}" if cursor else "",
        down=["notifications"] if told is None else [],
        everything=f"/office?{urlencode({**kept, 'assignee': ALL})}" if asked["assignee"] == OPEN else "",
        whose=WHOSE,
        holders=HOLDERS,
        people=people,
        heads=bool(visit.actor and visit.actor.posts & HEADS),
        given=given,
        chosen=typed.get("case", ()),
        typed={name: typed.get(name, [""])[0] for name in ("q", "to")},
    )


async def _work(visit: Visit, query: Mapping[str, str], asked: Mapping[str, str]) -> Any:
    path, cursor = f"{visit.api.face}/work", query.get("cursor", "")
    wanted = {**asked, "assignee": "" if asked["assignee"] == ALL else asked["assignee"]}
    return await part(visit, "notifications", path, limit=_PAGE, cursor=cursor, **wanted)


def _one_of(asked: str | None, known: tuple[str, ...]) -> str:
    return asked if asked in known else ""


PAGES = FormPage(_nothing, _page, _act).pages("/office", Role.STAFF)
