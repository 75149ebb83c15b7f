"""Where the messages to one's organisation are mailed, and in which language they are."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from services.portal.account import kept_form
from services.portal.actions import MAX_FIELDS, typed_of
from services.portal.client import ProblemError, UnavailableError
from services.portal.fields import faults_of
from services.portal.forms import Form
from services.portal.web import HOMES, Page, Visit
from shared.identity import Role

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from starlette.responses import Response

    from services.portal.client import Api
    from services.portal.fields import Typed

_SERVICE = "notifications"


async def show(visit: Visit) -> Response:
    """What is set, to be changed."""
    (form, known), kept = await asyncio.gather(_read(visit.api), kept_form(visit))
    return _page(visit, form, kept or form.typed(known))


async def keep(visit: Visit) -> Response:
    """Set it."""
    sent = await visit.request.form(max_files=0, max_fields=MAX_FIELDS)
    visit.speak(sent)
    typed, key, (form, _) = typed_of(sent), visit.idempotency_key(sent), await _read(visit.api)
    if "_lang" in sent or not key:
        return _page(visit, form, typed, notice="" if "_lang" in sent else "form.expired")
    try:
        await visit.api.put(_SERVICE, f"{visit.api.face}/contact", form.read(typed), key=key)
    except ProblemError as error:
        if error.code != "invalid":
            raise
        return _page(visit, form, typed, error.faults, status=422)
    except UnavailableError:
        return _page(visit, form, typed, notice="form.unavailable", status=503)
    return visit.redirect(visit.request.url.path, done="contact")


async def _read(api: Api) -> tuple[Form, Mapping[str, str]]:
    """The form, and what is set so far. Raises ProblemError, UnavailableError."""
    path = f"{api.face}/contact"
    document, known = await asyncio.gather(api.document(_SERVICE), _known(api, path))
    operation = document.find("PUT", path)
    if operation is None:
        raise UnavailableError(_SERVICE)
    return Form(operation.schema, operation.schemas), known


async def _known(api: Api, path: str) -> Mapping[str, str]:
    try:
        known: Mapping[str, str] = (await api.get(_SERVICE, path)).body
    except ProblemError as error:
        if error.code != "not_found":
            raise
        return {}
    return known


def _page(
    visit: Visit,
    form: Form,
    typed: Typed,
    faults: Sequence[Mapping[str, str]] = (),
    *,
    notice: str = "",
    status: int = 200,
) -> Response:
    fields = form.fields(typed, faults)
    errors, done = faults_of(fields, faults), "done" in visit.request.query_params
    return visit.render(
        "contact.html", status, fields_=fields, errors=errors, notice=notice, done=done, key=visit.new_key()
    )


PAGES = tuple(
    page
    for side, home in HOMES.items()
    if side is not Role.STAFF
    for page in (
        Page(f"{home}/contact", show, frozenset({side})),
        Page(f"{home}/contact", keep, frozenset({side}), ("POST",)),
    )
)
