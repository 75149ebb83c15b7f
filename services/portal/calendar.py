"""What is due on which day, as a page, as a file, and at a secret address for calendar programs (RFC 5545).

Calendar programs cannot sign in: whoever knows the address reads it. So it names cases by their numbers alone, is shown
once, and is revoked on the page.
"""

from __future__ import annotations

import asyncio
from datetime import date, timedelta
from itertools import groupby
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlencode

from starlette.exceptions import HTTPException

from services.portal.client import UnavailableError, following
from services.portal.lists import waits
from services.portal.places import page_at, part, place_of
from services.portal.posting import FormPage, Sent
from services.portal.web import HOMES, Page, Visit, attached, now
from shared.identity import Role

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from starlette.responses import Response

_SERVICE, _ASSESSING = "notifications", "licensing"
_MEDIA, _NAME = "text/calendar; charset=utf-8", "quanheng.ics"
_PAGE = 50
_FILE_PAGES = 10
"""A file holds so many pages at most, of what is due first."""
_OCTETS = 75
"""Lines are folded after so many octets (RFC 5545, 3.1)."""


class Due(NamedTuple):
    """A page of what is due, the days on which the reader is assessed, and since when there is an address for calendar
    programs; None while it is not known."""

    told: Any
    assessments: Any
    key: Any


async def _due_now(visit: Visit) -> Due:
    cursor = visit.request.query_params.get("cursor", "")
    # An address would outlast a mandate: holders make it themselves.
    own = () if visit.acting else (part(visit, _SERVICE, _key_path(visit)),)
    told, assessments, *found = await asyncio.gather(_due(visit, cursor), _assessments(visit, cursor), *own)
    return Due(told, assessments, found[0] if found else None)


async def _assessments(visit: Visit, cursor: str = "") -> Any:
    """The days on which an applicant is assessed, once, before what is due."""
    if visit.side is not Role.APPLICANT or cursor:
        return {}
    return await part(visit, _ASSESSING, f"{visit.api.face}/assessments", limit=_PAGE)


async def _act(visit: Visit, due: Due, sent: Sent) -> Response:
    """An address for calendar programs is made, in place of the one before, or revoked."""
    if sent.told("_do") == "revoke":
        await visit.api.delete(_SERVICE, _key_path(visit))
        return visit.redirect(visit.request.url.path, done="revoked")
    # Sent twice it makes two, of which the second counts and is shown: an answer that is kept would be a secret kept.
    made = (await visit.api.post(_SERVICE, _key_path(visit))).body
    site = visit.portal.settings.url.rstrip("/")
    address = f"{site}/calendar/{made['key']}.ics?lang={visit.language}"
    return await _page(visit, due._replace(key=made), sent, address)


async def subscribed(visit: Visit) -> Response:
    """What is due for whoever has the address."""
    sides, key = visit.portal.settings.face.sides, visit.request.path_params["key"]
    faces = dict.fromkeys("/internal/v1" if side is Role.STAFF else "/v1" for side in sides)
    for face in faces:
        told = await part(visit, _SERVICE, f"{face}/calendars", key=key)
        if told is None:
            raise UnavailableError(_SERVICE)
        if told:
            home = HOMES[Role(told["side"])]
            events = [_event(visit, one, page_at(home, one["service"], one["number"])) for one in told["items"]]
            return attached(calendar(events, now()), _MEDIA, _NAME)
    raise HTTPException(404)


def _key_path(visit: Visit) -> str:
    return f"{visit.api.face}/calendar-key"


async def _page(visit: Visit, due: Due, _: Sent | None, address: str = "") -> Response:
    """The days on which something is due, from the first; of the office what its reader handles, unless all is asked
    for."""
    everybody, told = _everybody(visit), due.told or {}
    path, cursor = visit.request.url.path, following(told)
    whose = {"whose": "all"} if everybody else {}
    # Of an applicant or a laboratory what waits for them comes first, then what others are to do.
    placed, staff = _placed(visit, told), visit.side is Role.STAFF
    parts = [(mine, _days(each)) for mine, each in groupby(placed, key=lambda one: not staff and waits(visit, one))]
    return visit.render(
        "calendar.html",
        parts=parts,
        assessments=_assessed(visit, due.assessments),
        everybody=everybody,
        chooses=staff,
        following=f"{path}?{urlencode({**whose, 'cursor': cursor})}" if cursor else "",
        down=[name for name, one in ((_SERVICE, due.told), (_ASSESSING, due.assessments)) if one is None],
        path=path,
        address=address,
        made_at=(due.key or {}).get("made_at"),
        revoked=visit.request.query_params.get("done") == "revoked",
    )


async def file(visit: Visit) -> Response:
    """The days for a calendar program, as of now."""
    items: list[dict[str, Any]] = []
    cursor = ""
    for _ in range(_FILE_PAGES):
        told = await _due(visit, cursor)
        if told is None:
            raise UnavailableError(_SERVICE)
        items += _placed(visit, told)
        cursor = following(told)
        if not cursor:
            break
    assessed = await _assessments(visit)
    if assessed is None:
        raise UnavailableError(_ASSESSING)
    events = [_event(visit, one, one["place"].page) for one in items]
    events += [_appointment(visit, one) for _, each in _assessed(visit, assessed) for one in each]
    return attached(calendar(events, now()), _MEDIA, _NAME)


def _days(items: Iterable[Mapping[str, Any]]) -> list[tuple[str, list[Mapping[str, Any]]]]:
    return [(on, list(each)) for on, each in groupby(items, key=_first)]


def _assessed(visit: Visit, told: Any) -> list[tuple[str, list[Mapping[str, Any]]]]:
    """The assessments by their first days, with their places."""
    items = (told or {}).get("items", ())
    # Days that are planned are told as those of limits are.
    placed = (
        {
            **one,
            "begins_on": one["planned_from"],
            "due_on": one["planned_to"],
            "place": place_of(visit, _ASSESSING, one["number"]),
        }
        for one in items
    )
    return _days(placed)


def _first(one: Mapping[str, Any]) -> str:
    """The day on which it is due or, of days that are planned, the first."""
    return str(one.get("begins_on", one["due_on"]))


def _everybody(visit: Visit) -> bool:
    return visit.request.query_params.get("whose") == "all"


async def _due(visit: Visit, cursor: str) -> Any:
    """A page of what is due next, in the order of the days; None while the service does not answer."""
    mine = {"assignee": "me"} if visit.side is Role.STAFF and not _everybody(visit) else {}
    return await part(visit, _SERVICE, f"{visit.api.face}/work", limit=_PAGE, clock="running", cursor=cursor, **mine)


def _placed(visit: Visit, told: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [{**one, "place": place_of(visit, one["service"], one["number"])} for one in told.get("items", [])]


def _event(visit: Visit, one: Mapping[str, Any], page: str) -> dict[str, str]:
    limit = visit.both(one["limit"])
    site = visit.portal.settings.url.rstrip("/")
    return {
        "UID": f"{one['number']}-{one['limit']['id']}@quanheng",
        **_span(one),
        "SUMMARY": f"{one['number']} {limit}",
        "DESCRIPTION": " · ".join(filter(None, (one.get("applicant_name"), visit.t(f"holder.{one['holder']}")))),
        "URL": f"{site}{page}",
    }


def _appointment(visit: Visit, one: Mapping[str, Any]) -> dict[str, str]:
    """The days on which somebody comes to assess."""
    comma, site = visit.t("permits.comma"), visit.portal.settings.url.rstrip("/")
    who = comma.join(visit.t("calendar.comes", name=each["name"], employer=each["employer"]) for each in one["team"])
    return {
        "UID": f"{one['number']}-assessment@quanheng",
        **_span(one),
        "SUMMARY": f"{one['number']} {visit.t('calendar.assessment')}",
        "LOCATION": comma.join(one["places"]),
        "DESCRIPTION": who,
        "URL": f"{site}{one['place'].page}",
    }


def _span(one: Mapping[str, Any]) -> dict[str, str]:
    return {
        "DTSTART;VALUE=DATE": _first(one).replace("-", ""),
        # The day after the last (RFC 5545, 3.6.1).
        "DTEND;VALUE=DATE": (date.fromisoformat(one["due_on"]) + timedelta(days=1)).strftime("%Y%m%d"),
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
    form = FormPage(_due_now, _page, _act)
    return tuple(
        page
        for side, home in HOMES.items()
        for page in (
            *form.pages(f"{home}/calendar", side),
            Page(f"{home}/calendar.ics", file, frozenset({side})),
        )
    )


PAGES = (Page("/calendar/{key}.ics", subscribed), *_pages())
