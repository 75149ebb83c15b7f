"""When a notice was served, and what proves it: registered for those of which no step of the case says it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from starlette.exceptions import HTTPException

from services.portal.account import kept_form
from services.portal.actions import MAX_FIELDS, typed_of
from services.portal.cases import Place, asked_place
from services.portal.client import ProblemError, UnavailableError
from services.portal.fields import faults_of
from services.portal.forms import Form
from services.portal.web import Page, Visit
from shared.identity import Role

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from starlette.responses import Response

    from services.portal.fields import Typed

_STAFF = frozenset({Role.STAFF})
_PATH = "/office/{procedure}/{ref}/notices/{number}/service"


@dataclass(frozen=True, slots=True)
class Serving:
    """A notice whose service is registered, and the form of that."""

    place: Place
    notice: Mapping[str, Any]
    form: Form


async def show(visit: Visit) -> Response:
    serving = await _serving(visit)
    return _page(visit, serving, await kept_form(visit) or serving.form.typed({}))


async def register(visit: Visit) -> Response:
    sent = await visit.request.form(max_files=0, max_fields=MAX_FIELDS)
    visit.speak(sent)
    typed, key, serving = typed_of(sent), visit.idempotency_key(sent), await _serving(visit)
    if "_lang" in sent or not key:
        return _page(visit, serving, typed, notice="" if "_lang" in sent else "form.expired")
    place = serving.place
    try:
        await visit.api.post(place.service, serving.notice["service"], serving.form.read(typed), key=key)
    except ProblemError as error:
        if error.code != "invalid":
            raise
        return _page(visit, serving, typed, error.faults, status=422)
    except UnavailableError:
        return _page(visit, serving, typed, notice="form.unavailable", status=503)
    return visit.redirect(place.page, done="register_service")


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


def _page(
    visit: Visit,
    serving: Serving,
    typed: Typed,
    faults: Sequence[Mapping[str, str]] = (),
    *,
    notice: str = "",
    status: int = 200,
) -> Response:
    fields = serving.form.fields(typed, faults)
    errors = faults_of(fields, faults)
    return visit.render(
        "serving.html", status, serving=serving, fields_=fields, errors=errors, notice=notice, key=visit.new_key()
    )


PAGES = (Page(_PATH, show, _STAFF), Page(_PATH, register, _STAFF, ("POST",)))
