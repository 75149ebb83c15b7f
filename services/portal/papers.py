"""What stands behind a paper: a certificate or licence as it is now, a notice, and their files."""

from __future__ import annotations

import asyncio
from hashlib import sha256
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from starlette.exceptions import HTTPException
from starlette.responses import Response

from services.portal.client import Answer, ProblemError, UnavailableError
from services.portal.kinds import kinds_of
from services.portal.places import asked_place
from services.portal.values import Reader
from services.portal.web import TOLD, Page, Visit, attached
from shared.identity import Role

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from services.portal.client import Document
    from services.portal.fields import Kinds

REGISTERS = {"type_approval": "certificates", "licensing": "licences", "c_mark": "marks"}
"""Where each service answers for what it granted."""
STATUSES = {
    "certificates": ("in_force", "type_abolished", "revoked", "certificate_withdrawn", "cancelled"),
    "licences": (
        *("valid", "expired", "abolished_by_law", "revoked"),
        *("licence_withdrawn", "taken_away", "cancelled"),
    ),
    "marks": (
        *("valid", "to_correct", "expired", "revoked"),
        *("mark_withdrawn", "struck_off", "declaration_withdrawn", "cancelled"),
    ),
}
"""What a permit of each register may be, as the services' documents have it."""
IN_FORCE = frozenset({"in_force", "valid", "to_correct"})
"""What the services call a permit that has effect."""
LIVE = {
    "type_approval": ("granted", "effective"),
    "licensing": ("granted", "valid"),
    "c_mark": ("granted", "valid", "declared", "to_correct"),
}
"""The states of a case in which a permit that is in force lives."""
_SHOWN_ABOVE = frozenset(
    {
        "number",
        "title",
        "status",
        "since",
        "covers",
        "lines",
        "legend",
        "issues",
        "paper",
        "ended",
        "orders",
        "authority",
        "office",
    }
)
"""What the page of a permit shows by hand, or in words that people read."""
_MEDIA = {"pdf": "application/pdf", "jws": "application/jose"}


async def permit(visit: Visit) -> Response:
    """A certificate or licence as it stands now."""
    service, register = _asked(visit)
    number = visit.request.path_params["number"]
    path = f"/v1/{register}/{quote(number, safe='')}"
    try:
        answer, document, kinds = await asyncio.gather(
            visit.api.get(service, path), _document(visit, service), kinds_of(visit)
        )
    except ProblemError as error:
        if error.status != HTTPStatus.NOT_FOUND:
            raise
        return visit.redirect("/check", number=number)
    return _permit_page(visit, service, answer.body, document, kinds)


async def paper(visit: Visit) -> Response:
    """What the QR code of a certificate or licence leads to: the permit now, and that this paper is genuine."""
    found, kinds = await asyncio.gather(_checked(visit, "p"), kinds_of(visit))
    if found is None:
        return visit.render("paper_unknown.html", HTTPStatus.NOT_FOUND)
    service, told = found
    return _permit_page(visit, service, told, await _document(visit, service), kinds)


async def notice(visit: Visit) -> Response:
    """What the QR code of a notice leads to."""
    found = await _checked(visit, "n")
    if found is None:
        return visit.render("paper_unknown.html", HTTPStatus.NOT_FOUND)
    return _tagged(visit, visit.render("notice.html", notice=found[1]))


def _tagged(visit: Visit, page: Response) -> Response:
    """The page with an entity tag: whoever has it is told that nothing has changed."""
    tag = f'"{sha256(page.body).hexdigest()[:24]}"'
    if tag in visit.request.headers.get("If-None-Match", ""):
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers={"ETag": tag})
    page.headers["ETag"] = tag
    return page


async def _checked(visit: Visit, kind: str) -> tuple[str, dict[str, Any]] | None:
    """What a service says of the paper, and which; None of an unknown number as of a wrong code.

    Raises UnavailableError.
    """
    number, code = (quote(visit.request.path_params[name], safe="") for name in ("number", "code"))
    answers = await asyncio.gather(
        *(visit.api.get(service, f"/{kind}/{number}/{code}") for service in REGISTERS), return_exceptions=True
    )
    for service, answer in zip(REGISTERS, answers, strict=True):
        match answer:
            case Answer():
                return service, answer.body
            case ProblemError() if answer.status in {400, 404}:
                pass
            case UnavailableError():
                pass
            case BaseException():
                raise answer
    for answer in answers:
        if isinstance(answer, UnavailableError):
            raise answer
    return None


async def _document(visit: Visit, service: str) -> Document:
    return await visit.portal.services.document(service, Role.APPLICANT)


def _permit_page(visit: Visit, service: str, permit: Mapping[str, Any], document: Document, kinds: Kinds) -> Response:
    register = REGISTERS[service]
    schema = document.answered("GET", f"/v1/{register}/{quote(permit['number'], safe='')}")
    yes, no = visit.t("page.yes"), visit.t("page.no")
    reader = Reader(document.schemas, visit.language, yes, no, permit.get("legend", {}), kinds)

    def shown(names: Collection[str]) -> list[Any]:
        return reader.shown(schema, permit, names)

    page = visit.render(
        "permit.html",
        register=register,
        permit=permit,
        in_force=permit["status"] in IN_FORCE,
        standing=shown({"status"})[0].text,
        models=shown({"lines"}),
        orders=shown({"orders"}) if "orders" in permit else [],
        rows=shown(set(permit) - _SHOWN_ABOVE),
    )
    return _tagged(visit, page)


async def permit_file(visit: Visit) -> Response:
    """A certificate or licence as it was given out."""
    service, register = _asked(visit)
    number, form = visit.request.path_params["number"], visit.request.path_params["form"]
    path = f"/v1/{register}/{quote(number, safe='')}/document.{_known(form)}"
    answer = await visit.api.get(service, path, issue=visit.request.query_params.get("issue"))
    return attached(answer.raw, _MEDIA[form], f"{number}.{form}")


async def permit_metadata(visit: Visit) -> Response:
    """What a certificate or licence says as an electronic licence."""
    service, register = _asked(visit)
    path = f"/v1/{register}/{quote(visit.request.path_params['number'], safe='')}/metadata.json"
    answer = await visit.api.get(service, path, issue=visit.request.query_params.get("issue"))
    return Response(answer.raw, media_type="application/json")


async def notice_file(visit: Visit) -> Response:
    """A notice of a case, for who reads the case."""
    place = asked_place(visit)
    number, form = visit.request.path_params["number"], visit.request.path_params["form"]
    path = f"{place.path}/notices/{quote(number, safe='')}/document.{_known(form)}"
    return attached((await visit.api.get(place.service, path)).raw, _MEDIA[form], f"{number}.{form}")


def _asked(visit: Visit) -> tuple[str, str]:
    """The service and the register that the address of the page names."""
    asked = visit.request.url.path.split("/")[1]
    return next((service, register) for service, register in REGISTERS.items() if register == asked)


def _known(form: str) -> str:
    if form not in _MEDIA:
        raise HTTPException(404)
    return form


PAGES = (
    *(
        page
        for register in REGISTERS.values()
        for page in (
            Page(f"/{register}/{{number}}", permit),
            Page(f"/{register}/{{number}}/document.{{form}}", permit_file),
            Page(f"/{register}/{{number}}/metadata.json", permit_metadata),
        )
    ),
    Page("/p/{number}/{code}", paper),
    Page("/n/{number}/{code}", notice),
    *(
        Page(f"{home}/{{procedure}}/{{ref}}/notices/{{number}}/document.{{form}}", notice_file, frozenset({side}))
        for side, home in TOLD.items()
    ),
)
