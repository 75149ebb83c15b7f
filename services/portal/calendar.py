"""What is due on which day, as a page and as a file for calendar programs (RFC 5545).

The file is fetched behind the session: an address that opens without one would be a key that people pass on.
"""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any

from services.portal.cases import part, place_of
from services.portal.web import HOMES, Page, Visit, attached, now
from shared.identity import Role

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from starlette.responses import Response

_MOST = 100
_OCTETS = 75
"""Lines are folded after so many octets (RFC 5545, 3.1)."""


async def show(visit: Visit) -> Response:
    """The days on which something is due, from the first; of the office what its reader handles, unless all is asked
    for."""
    everybody = visit.request.query_params.get("whose") == "all"
    items = await _due(visit, everybody=everybody)
    days = [(on, list(each)) for on, each in groupby(items or (), key=lambda one: one["due_on"])]
    return visit.render(
        "calendar.html",
        days=days,
        everybody=everybody,
        chooses=visit.side is Role.STAFF,
        full=len(items or ()) == _MOST,
        down=["notifications"] if items is None else [],
        path=visit.request.url.path,
    )


async def file(visit: Visit) -> Response:
    """The same days for a calendar program, as of now."""
    items = await _due(visit, everybody=visit.request.query_params.get("whose") == "all")
    events = [_event(visit, one) for one in items or ()]
    return attached(calendar(events, now()), "text/calendar; charset=utf-8", "quanheng.ics")


async def _due(visit: Visit, *, everybody: bool) -> list[dict[str, Any]] | None:
    """What is due next, in the order of the days; None while the service does not answer."""
    mine = {"assignee": "me"} if visit.side is Role.STAFF and not everybody else {}
    told = await part(visit, "notifications", f"{visit.api.face}/work", limit=_MOST, clock="running", **mine)
    if told is None:
        return None
    return [{**one, "place": place_of(visit, one["service"], one["number"])} for one in told.get("items", [])]


def _event(visit: Visit, one: Mapping[str, Any]) -> dict[str, str]:
    limit = visit.both(one["limit"])
    site = visit.portal.settings.url.rstrip("/")
    return {
        "UID": f"{one['number']}-{one['limit']['id']}@quanheng",
        "DTSTART;VALUE=DATE": str(one["due_on"]).replace("-", ""),
        "SUMMARY": f"{one['number']} {limit}",
        "DESCRIPTION": f"{one['applicant_name']} · {visit.t('holder.' + one['holder'])}",
        "URL": f"{site}{one['place'].page}",
    }


def calendar(events: Iterable[Mapping[str, str]], at: datetime) -> bytes:
    """The iCalendar file of these events, made at that instant."""
    stamp = at.strftime("%Y%m%dT%H%M%SZ")
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Quanheng//Portal//EN"]
    for one in events:
        lines += ["BEGIN:VEVENT", f"DTSTAMP:{stamp}"]
        lines += [f"{name}:{value if name == 'URL' else _escaped(value)}" for name, value in one.items()]
        lines += ["TRANSP:TRANSPARENT", "END:VEVENT"]
    return b"".join(_folded(line) for line in (*lines, "END:VCALENDAR"))


def _escaped(text: str) -> str:
    for char in "\\;,":
        text = text.replace(char, f"\\{char}")
    return text.replace("\r\n", "\\n").replace("\n", "\\n")


def _folded(line: str) -> bytes:
    """The line in pieces of at most 75 octets, no character cut apart."""
    found, piece = b"", b""
    for char in line:
        octets = char.encode()
        if len(piece) + len(octets) > _OCTETS:
            found, piece = found + piece + b"\r\n", b" "
        piece += octets
    return found + piece + b"\r\n"


def _pages() -> Sequence[Page]:
    return tuple(
        page
        for side, home in HOMES.items()
        for page in (
            Page(f"{home}/calendar", show, frozenset({side})),
            Page(f"{home}/calendar.ics", file, frozenset({side})),
        )
    )


PAGES = _pages()
