"""Applications about what an applicant holds: the service writes the draft from what it knows, to be confirmed and not
typed.

Which there are is read from the OpenAPI documents: below a permit of a register, and below the register itself for a
first application.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from services.portal.forms import Form
from shared.identity import Role

if TYPE_CHECKING:
    from collections.abc import Mapping

    from services.portal.client import Document
    from services.portal.web import Visit

PERMIT_PAGES = {"certificate": "certificates", "licence": "licences", "mark": "marks"}
"""What a case calls the number of what was granted, and where anybody sees that."""
_IN_FORCE = frozenset({"granted", "valid"})
"""States of the case of a permit with a term that is in force."""
_WRITTEN = ("renewals", "amendments")


@dataclass(frozen=True, slots=True)
class Following:
    """A draft that the service writes: where it is asked for, and what is sent for that. `name` is that of its text."""

    name: str
    path: str
    body: Mapping[str, Any]


def about_permit(visit: Visit, document: Document, case: Mapping[str, Any]) -> list[Following]:
    """What may be applied for about the permit that the case has."""
    if visit.side is not Role.APPLICANT or case["state"] not in _IN_FORCE:
        return []
    register, number = next(((PERMIT_PAGES[name], case[name]) for name in PERMIT_PAGES if name in case), ("", ""))
    found = []
    for written in _WRITTEN:
        path = f"{visit.api.face}/{register}/{quote(number, safe='')}/{written}"
        operation = document.find("POST", path)
        if operation is None:
            continue
        asked = Form(operation.schema, operation.schemas).schema.get("properties", {})
        kinds = asked.get("kind", {}).get("enum", ())
        found += [Following(kind, path, {"kind": kind}) for kind in kinds] or [Following(written, path, {})]
    return found


def first(visit: Visit, document: Document) -> Following | None:
    """A first application, filled in from the applicant's other permits, where that service writes one."""
    paths = (f"{visit.api.face}/{register}/drafts" for register in PERMIT_PAGES.values())
    return next((Following("drafts", path, {}) for path in paths if document.find("POST", path)), None)
