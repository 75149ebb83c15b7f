"""What waits for an operator: events that could not be taken in, messages that could not be mailed."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import quote

from services import SERVICES
from services.portal.client import following
from services.portal.fields import faults_of, own_field
from services.portal.places import part
from services.portal.posting import FormPage, Sent
from services.portal.trouble import TroubleError
from shared.identity import Role

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.responses import Response

    from services.portal.web import Visit

_MOST = 50
_DOES = {
    "redrive": "parked/{id}/actions/redrive",
    "discard": "parked/{id}/actions/discard",
    "retry": "undelivered/{id}/actions/retry",
}
"""What can be done, and where the service does it."""


class Waiting(NamedTuple):
    """Both lists, whether each goes on, and the services that do not answer. An event has its `name` where its source
    says it."""

    events: list[dict[str, Any]]
    letters: list[dict[str, Any]]
    more_events: bool
    more_letters: bool
    down: list[str]

    @property
    def counts(self) -> dict[str, str]:
        """How many there are of both, such as 3 or 50+, by the names of their texts; nothing of what there is none."""
        told = {"parked": (self.events, self.more_events), "undelivered": (self.letters, self.more_letters)}
        return {name: f"{len(items)}{'+' if more else ''}" for name, (items, more) in told.items() if items}


class Order(NamedTuple):
    """What is to be done with which event or message of what service: the value of a button."""

    do: str
    service: str
    which: str

    @classmethod
    def of(cls, sent: Sent | None) -> Order:
        return cls(*[*(sent.told("_do") if sent else "").split(" ", 2), "", ""][:3])


async def waiting(visit: Visit) -> Waiting | None:
    """What waits, for operators; None for others."""
    return await _waiting(visit) if visit.operates else None


async def _waiting(visit: Visit) -> Waiting:
    """Of every service that answers."""
    face = visit.api.face
    undelivered, *parked = await asyncio.gather(
        part(visit, "notifications", f"{face}/undelivered", limit=_MOST),
        *(part(visit, service, f"{face}/parked", limit=_MOST) for service in SERVICES),
    )
    events: list[dict[str, Any]] = [
        {**one, "service": service} for service, told in zip(SERVICES, parked, strict=True) for one in _items(told)
    ]
    names = await _names(visit) if events else {}
    events = [{**one, "name": names.get((one.get("source"), one.get("type")))} for one in events]
    down = [service for service, told in zip(SERVICES, parked, strict=True) if told is None]
    more = any(following(told or {}) for told in parked)
    return Waiting(events, _items(undelivered), more, bool(following(undelivered or {})), down)


async def _names(visit: Visit) -> dict[tuple[Any, Any], Mapping[str, str]]:
    """What each event is called, by the service that tells it and its type; they stay while the services do."""
    path = f"{visit.api.face}/event-types"

    async def ask() -> list[Any]:
        return await asyncio.gather(*(part(visit, service, path) for service in SERVICES))

    told = await visit.portal.services.remembered(path, ask)
    return {(service, one["type"]): one for service, each in zip(SERVICES, told, strict=True) for one in _items(each)}


def _items(told: Any) -> list[dict[str, Any]]:
    return list((told or {}).get("items", []))


def _reason(service: str, which: object) -> str:
    """The name of the field for why that event is discarded: each service counts its events by itself."""
    return f"reason.{service}.{which}"


async def _page(visit: Visit, waiting: Waiting, sent: Sent | None) -> Response:
    begun = Order.of(sent)
    faults = [{**one, "name": _reason(begun.service, begun.which)} for one in visit.faults]
    typed = {name: values[0] for name, values in (sent.typed if sent else {}).items()}
    names = [_reason(one["service"], one["id"]) for one in waiting.events]
    reasons = [own_field(name, "system.reason", typed.get(name, ""), faults=faults) for name in names]
    done = visit.request.query_params.get("done", "")
    return visit.render(
        "system.html",
        events=list(zip(waiting.events, reasons, strict=True)),
        letters=waiting.letters,
        counts=waiting.counts,
        down=waiting.down,
        done=done if done in _DOES else "",
        errors=faults_of(reasons, faults),
    )


async def _act(visit: Visit, waiting: Waiting, sent: Sent) -> Response:
    """Try one again, or give it up for a reason."""
    do, service, which = Order.of(sent)
    if not do:
        return await _page(visit, waiting, sent)
    if service not in SERVICES or do not in _DOES:
        raise TroubleError("refused.malformed")
    body = {"reason": sent.told(_reason(service, which))} if do == "discard" else None
    path = f"{visit.api.face}/{_DOES[do].format(id=quote(which, safe=''))}"
    await visit.api.post(service, path, body, key=sent.key)
    return visit.redirect("/office/system", done=do)


PAGES = FormPage(_waiting, _page, _act).pages("/office/system", Role.STAFF)
