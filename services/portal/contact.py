"""Where the messages to one's organisation are mailed, and in which language they are."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, NamedTuple

from services.portal.client import ProblemError, UnavailableError
from services.portal.fields import faults_of
from services.portal.forms import Form
from services.portal.posting import FormPage, Sent
from services.portal.web import HOMES
from shared.identity import Role

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.responses import Response

    from services.portal.client import Api
    from services.portal.web import Visit

_SERVICE = "notifications"


class Contact(NamedTuple):
    """What is set so far, and the form to set it."""

    form: Form
    known: Mapping[str, str]


async def _contact(visit: Visit) -> Contact:
    path = _path(visit)
    document, known = await asyncio.gather(visit.api.document(_SERVICE), _known(visit.api, path))
    operation = document.find("PUT", path)
    if operation is None:
        raise UnavailableError(_SERVICE)
    return Contact(Form(operation.schema, operation.schemas), known)


def _path(visit: Visit) -> str:
    return f"{visit.api.face}/contact"


async def _known(api: Api, path: str) -> Mapping[str, str]:
    try:
        known: Mapping[str, str] = (await api.get(_SERVICE, path)).body
    except ProblemError as error:
        if error.code != "not_found":
            raise
        return {}
    return known


async def _page(visit: Visit, contact: Contact, sent: Sent | None) -> Response:
    fields = contact.form.fields(sent.typed if sent else contact.form.typed(contact.known), visit.faults)
    errors, done = faults_of(fields, visit.faults), "done" in visit.request.query_params
    return visit.render("contact.html", fields_=fields, errors=errors, done=done)


async def _keep(visit: Visit, contact: Contact, sent: Sent) -> Response:
    await visit.api.put(_SERVICE, _path(visit), contact.form.read(sent.typed), key=sent.key)
    return visit.redirect(visit.request.url.path, done="contact")


_FORM = FormPage(_contact, _page, _keep)
PAGES = tuple(
    page for side, home in HOMES.items() if side is not Role.STAFF for page in _FORM.pages(f"{home}/contact", side)
)
