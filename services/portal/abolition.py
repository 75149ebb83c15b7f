"""The office ends all certificates of a type that was abolished: shown first, then done, and done again for what is
left."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from starlette.exceptions import HTTPException

from services.portal.actions import typed_of
from services.portal.client import FILE_SECONDS, ProblemError, UnavailableError
from services.portal.fields import faults_of
from services.portal.forms import Form
from services.portal.kinds import kinds_of
from services.portal.web import Page, Visit
from shared.identity import Role

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from starlette.responses import Response

    from services.portal.fields import Typed

PLACE, POST = "/office/abolition", "decider"
_SERVICE, _PATH = "type_approval", "/internal/v1/certificates/abolitions"
_STAFF = frozenset({Role.STAFF})


async def show(visit: Visit) -> Response:
    """The form."""
    return await _page(visit, {})


async def act(visit: Visit) -> Response:
    """What would end, or what has ended."""
    sent = await visit.request.form(max_files=0)
    visit.speak(sent)
    key, typed, done = visit.idempotency_key(sent), typed_of(sent), sent.get("_step") == "do"
    if not key or "_lang" in sent:
        return await _page(visit, typed, notice="" if key else "form.expired")
    try:
        body = (await _form(visit)).read(typed)
        how: dict[str, Any] = {"key": key, "dry_run": not done, "timeout": FILE_SECONDS}
        answer = await visit.api.post(_SERVICE, _PATH, body, **how)
    except ProblemError as error:
        return await _page(visit, typed, problem=error, status=error.status)
    except UnavailableError:
        return await _page(visit, typed, notice="form.unavailable", status=503)
    return await _page(visit, typed, report=answer.body, done=done)


async def _form(visit: Visit) -> Form:
    """The form that the API describes. Raises HTTPException for who may not do it."""
    if visit.actor is None or POST not in visit.actor.posts:
        raise HTTPException(404)
    operation = (await visit.api.document(_SERVICE)).find("POST", _PATH)
    if operation is None:
        raise HTTPException(404)
    return Form(operation.schema, operation.schemas, await kinds_of(visit))


async def _page(
    visit: Visit,
    typed: Typed,
    *,
    report: Mapping[str, Any] | None = None,
    done: bool = False,
    notice: str = "",
    problem: ProblemError | None = None,
    status: int = 200,
) -> Response:
    faults: Sequence[Mapping[str, str]] = problem.faults if problem else ()
    fields = (await _form(visit)).fields(typed, faults)
    return visit.render(
        "abolition.html",
        status,
        fields_=fields,
        errors=faults_of(fields, faults),
        typed=typed,
        report=report,
        done=done,
        notice=notice,
        problem=None if faults else problem,
        key=visit.new_key(),
    )


PAGES = (Page(PLACE, show, _STAFF), Page(PLACE, act, _STAFF, ("POST",)))
