"""Registers taken from a file: what it would do, line by line, and then all of it or nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from starlette.exceptions import HTTPException

from services.portal.books import book_of
from services.portal.chosen import chosen_file
from services.portal.client import ProblemError, UnavailableError
from services.portal.formats import read_day
from services.portal.forms import ENVELOPE, Form

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.responses import Response

    from services.portal.web import Visit


async def choose(register: str, visit: Visit) -> Response:
    """Where a file is chosen."""
    return await _import(register, visit)


async def take(register: str, visit: Visit) -> Response:
    """What a file would do, line by line; or it taken, whole or not at all."""
    sent = await visit.request.form(max_files=1)
    visit.speak(sent)
    key, chosen, switched = visit.idempotency_key(sent), await chosen_file(sent), "_lang" in sent
    since, preview = read_day(str(sent.get("since", "")).strip()), switched or sent.get("_step") != "take"
    # What was looked at is taken, whatever was typed for another file since.
    looked_at = chosen.again and (switched or not preview)
    previewed = str(sent.get("_since", "")) if looked_at else since
    if not key:
        return await _import(register, visit, notice="form.expired", since=since)
    if not chosen.content:
        notice, status = ("", 200) if switched else ("bench.no_file", 422)
        return await _import(register, visit, notice=notice, since=since, status=status)
    book = book_of(visit, register)
    asked = {"since": previewed, "preview": "true" if preview else ""}
    once = "" if preview else key
    try:
        answer = await visit.api.send_file(
            book.service, f"{book.path}/import", chosen.content, chosen.media, etag="*", key=once or key, **asked
        )
    except ProblemError as error:
        return await _import(register, visit, problem=error, since=since, status=error.status)
    except UnavailableError:
        return await _import(register, visit, notice="form.unavailable", since=since, status=503)
    if not preview:
        return visit.redirect(book.page, done="import")
    return await _import(register, visit, report=answer.body, carried=chosen.carried, previewed=previewed, since=since)


async def _import(
    register: str,
    visit: Visit,
    *,
    report: Mapping[str, Any] | None = None,
    carried: str = "",
    previewed: str = "",
    since: str = "",
    notice: str = "",
    problem: ProblemError | None = None,
    status: int = 200,
) -> Response:
    book = book_of(visit, register)
    document = await visit.api.document(book.service)
    operation = document.find("POST", book.path)
    if not book.mine or operation is None or not book.loads:
        raise HTTPException(404)
    fields = Form(operation.schema, operation.schemas).fields({}, without=ENVELOPE | {"since"})
    return visit.render(
        "book_import.html",
        status,
        book=book,
        fields_=fields,
        labels={one.name: one.label[visit.language] for one in fields},
        report=report,
        carried=carried,
        previewed=previewed,
        since=since,
        notice=notice,
        problem=problem,
        key=visit.new_key(),
    )
