"""The people of the office as the queue needs them: who there is to give work to, who is away and who stands in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from services.portal.client import following
from services.portal.places import part

if TYPE_CHECKING:
    from services.portal.web import Visit

SERVICE = "notifications"
_PAGE, _MOST_PAGES = 100, 10
"""So many colleagues in one answer, and so many answers at most: nobody chooses from more than a thousand."""
ASSIGN = "assign"


@dataclass(frozen=True, slots=True)
class Colleagues:
    """Everybody in the directory, by their logins: what they are called, and who stands in for them today."""

    names: dict[str, str]
    covers: dict[str, str]

    def name(self, subject: str) -> str:
        return self.names.get(subject) or subject


async def colleagues(visit: Visit) -> Colleagues:
    """Nobody while the service does not answer."""
    found, cursor = Colleagues({}, {}), ""
    for _ in range(_MOST_PAGES):
        told = await part(visit, SERVICE, f"{visit.api.face}/staff", limit=_PAGE, cursor=cursor) or {}
        for one in told.get("items", ()):
            found.names[one["subject"]] = one["name"]
            if cover := one.get("covered_by"):
                found.covers[one["subject"]] = cover
        cursor = following(told)
        if not cursor:
            break
    return found
