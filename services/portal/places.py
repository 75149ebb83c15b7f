"""Where a case is, in the portal and at its service, and what a service says of it while it answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from starlette.exceptions import HTTPException

from services.portal.client import ProblemError, UnavailableError
from services.portal.web import PROCEDURES

if TYPE_CHECKING:
    from services.portal.web import Visit


@dataclass(frozen=True, slots=True)
class Place:
    """Where a case is: in the portal, and at its service."""

    service: str
    ref: str
    page: str
    path: str

    @property
    def number(self) -> str:
        return self.ref


def place_of(visit: Visit, service: str, ref: str) -> Place:
    """The case `ref` of that service, for the side that looks."""
    return Place(
        service, ref, page_at(visit.home, service, ref), f"{visit.api.face}/applications/{quote(ref, safe='')}"
    )


def page_at(home: str, service: str, ref: str) -> str:
    """The page of the case `ref` of that service, on the side whose pages begin with `home`."""
    name = next(part for part, known in PROCEDURES.items() if known == service)
    return f"{home}/{name}/{quote(ref, safe='')}"


def asked_place(visit: Visit) -> Place:
    """The case that the address of the page names. Raises HTTPException."""
    service = PROCEDURES.get(visit.request.path_params["procedure"])
    if service is None:
        raise HTTPException(404)
    return place_of(visit, service, visit.request.path_params["ref"])


async def part(visit: Visit, service: str, path: str, **query: Any) -> Any:
    """What a service says, or None while it does not answer or does not know yet: the page goes on without."""
    try:
        return (await visit.api.get(service, path, **query)).body
    except UnavailableError:
        return None
    except ProblemError as error:
        if error.status == 404:  # noqa: PLR2004 - Not Found
            return {}
        raise
