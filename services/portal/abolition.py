"""The office ends all certificates of a type that was abolished: shown first, then done, and done again for what is
left."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from starlette.exceptions import HTTPException

from services.portal.client import FILE_SECONDS
from services.portal.fields import faults_of
from services.portal.forms import Form
from services.portal.kinds import kinds_of
from services.portal.posting import FormPage, Sent
from shared.identity import Role

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.responses import Response

    from services.portal.web import Visit

PLACE, POST = "/office/abolition", "decider"
_SERVICE, _PATH = "type_approval", "/internal/v1/certificates/abolitions"


async def _form(visit: Visit) -> Form:
    """The form that the API describes. Raises HTTPException for who may not do it."""
    if visit.actor is None or POST not in visit.actor.posts:
        raise HTTPException(404)
    operation = (await visit.api.document(_SERVICE)).find("POST", _PATH)
    if operation is None:
        raise HTTPException(404)
    return Form(operation.schema, operation.schemas, await kinds_of(visit))


async def _page(
    visit: Visit, form: Form, sent: Sent | None, report: Mapping[str, Any] | None = None, *, done: bool = False
) -> Response:
    typed = sent.typed if sent else {}
    fields = form.fields(typed, visit.faults)
    shown: dict[str, Any] = {"typed": typed, "report": report, "done": done}
    return visit.render("abolition.html", fields_=fields, errors=faults_of(fields, visit.faults), **shown)


async def _end(visit: Visit, form: Form, sent: Sent) -> Response:
    """What would end, or what has ended."""
    done = sent.step == "do"
    how: dict[str, Any] = {"key": sent.key, "dry_run": not done, "timeout": FILE_SECONDS}
    answer = await visit.api.post(_SERVICE, _PATH, form.read(sent.typed), **how)
    return await _page(visit, form, sent, answer.body, done=done)


PAGES = FormPage(_form, _page, _end).pages(PLACE, Role.STAFF)
