"""The kinds of instruments of the day's catalogue: forms ask for the characteristics that the kind at hand has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services.portal.client import ProblemError, UnavailableError
from services.portal.fields import Choice, Kinds
from services.portal.labels import capital

if TYPE_CHECKING:
    from services.portal.web import Visit

_SERVICE, _PATH = "type_approval", "/v1/categories"


async def kinds_of(visit: Visit) -> Kinds:
    """The kinds. None while the service does not tell them: forms then ask for the characteristics of all."""

    async def ask() -> Kinds:
        items = (await visit.api.get(_SERVICE, _PATH)).body["items"]
        return Kinds(
            families={one["code"]: one["family"] for one in items},
            choices=tuple(Choice(one["code"], one["zh"], capital(one["en"])) for one in items),
        )

    try:
        return await visit.portal.services.remembered(f"{_PATH} {visit.given_now or ''}", ask)
    except (ProblemError, UnavailableError):
        return Kinds()
