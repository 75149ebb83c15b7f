"""When a notice was served, and what proves it: registered for those of which no step of the case says it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from starlette.exceptions import HTTPException

from services.portal.fields import faults_of
from services.portal.forms import Form
from services.portal.places import Place, asked_place
from services.portal.posting import FormPage, Sent
from shared.identity import Role

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.responses import Response

    from services.portal.web import Visit


@dataclass(frozen=True, slots=True)
class Serving:
    """A notice whose service is registered, and the form of that."""

    place: Place
    notice: Mapping[str, Any]
    form: Form


async def _serving(visit: Visit) -> Serving:
    """The notice that the address names. Raises HTTPException where its service is not the reader's to register."""
    place, number = asked_place(visit), visit.request.path_params["number"]
    answer, document = await asyncio.gather(visit.api.get(place.service, place.path), visit.api.document(place.service))
    notices = answer.body.get("notices", ())
    notice = next((one for one in notices if one["number"] == number and "service" in one), None)
    operation = document.find("POST", notice["service"]) if notice else None
    if notice is None or operation is None:
        raise HTTPException(404)
    return Serving(place, notice, Form(operation.schema, operation.schemas))


async def show(visit: Visit, serving: Serving, sent: Sent | None) -> Response:
    # What is not registered yet cannot be taken back.
    without = frozenset() if "served" in serving.notice else frozenset({"withdrawn", "reason"})
    fields = serving.form.fields(sent.typed if sent else {}, visit.faults, without=without)
    return visit.render("serving.html", serving=serving, fields_=fields, errors=faults_of(fields, visit.faults))


async def _register(visit: Visit, serving: Serving, sent: Sent) -> Response:
    place = serving.place
    await visit.api.post(place.service, serving.notice["service"], serving.form.read(sent.typed), key=sent.key)
    return visit.redirect(place.page, done="register_service")


PAGES = FormPage(_serving, show, _register).pages("/office/{procedure}/{ref}/notices/{number}/service", Role.STAFF)
