"""The office's directory: who holds which posts, who is away and who stands in."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from services.portal.client import UnavailableError, following
from services.portal.colleagues import Colleagues, colleagues
from services.portal.fields import Choice, faults_of
from services.portal.forms import Form
from services.portal.posting import FormPage, Sent
from services.portal.web import Page, Visit
from shared.identity import Role

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.responses import Response

_SERVICE, _MOST = "notifications", 100


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody of the office, their absences, and the form of one more."""

    told: Mapping[str, Any]
    form: Form
    others: Colleagues


async def show_all(visit: Visit) -> Response:
    """Everybody in the directory."""
    cursor = visit.request.query_params.get("cursor", "")
    told, known = await asyncio.gather(
        visit.api.get(_SERVICE, f"{visit.api.face}/staff", limit=_MOST, cursor=cursor), colleagues(visit)
    )
    return visit.render("people.html", people=told.body["items"], following=following(told.body), known=known)


async def _person(visit: Visit) -> Person:
    path = _path(visit)
    told, document, others = await asyncio.gather(
        visit.api.get(_SERVICE, path), visit.api.document(_SERVICE), colleagues(visit)
    )
    operation = document.find("POST", f"{path}/absences")
    if operation is None:
        raise UnavailableError(_SERVICE)
    covers = [Choice(one, name, name) for one, name in others.names.items() if one != told.body["subject"]]
    form = Form(operation.schema, operation.schemas, offered={"cover": covers} if covers else {})
    return Person(told.body, form, others)


async def _page(visit: Visit, person: Person, sent: Sent | None) -> Response:
    fields = person.form.fields(sent.typed if sent else {}, visit.faults)
    errors, done = faults_of(fields, visit.faults), "done" in visit.request.query_params
    return visit.render(
        "person.html", person=person.told, known=person.others, fields_=fields, errors=errors, done=done
    )


async def _keep(visit: Visit, person: Person, sent: Sent) -> Response:
    """An absence is entered, or taken out."""
    path = f"{_path(visit)}/absences"
    if one := sent.told("delete"):
        await visit.api.delete(_SERVICE, f"{path}/{quote(one, safe='')}", key=sent.key)
    else:
        await visit.api.post(_SERVICE, path, person.form.read(sent.typed), key=sent.key)
    return visit.redirect(visit.request.url.path, done="1")


def _path(visit: Visit) -> str:
    return f"{visit.api.face}/staff/{quote(visit.request.path_params['subject'], safe='')}"


PAGES = (
    Page("/office/people", show_all, frozenset({Role.STAFF})),
    *FormPage(_person, _page, _keep).pages("/office/people/{subject}", Role.STAFF),
)
