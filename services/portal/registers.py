"""The registers of the office (laboratories, experts), of a laboratory (people, standards, keys) and of a holder."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from starlette.exceptions import HTTPException

from services.portal.account import kept_form
from services.portal.actions import MAX_FIELDS, typed_of
from services.portal.books import TYPED, Book, book_of
from services.portal.client import ProblemError, UnavailableError, following
from services.portal.fields import faults_of
from services.portal.formats import read_day
from services.portal.forms import ENVELOPE, Form
from services.portal.kinds import kinds_of
from services.portal.referring import resolved
from services.portal.register_files import choose, take
from services.portal.rows import reshaped
from services.portal.values import Reader
from services.portal.web import Page, Visit
from shared.identity import Role

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from starlette.responses import Response

    from services.portal.client import Answer, Document
    from services.portal.fields import Typed
    from services.portal.values import Apart

STATUSES = ("valid", "lapsed", "ended")
ACTIONS = ("change", "correct", "end", "restore")
_LISTED = 50


async def show_list(register: str, visit: Visit) -> Response:
    """A register as of a day, or what is found in it."""
    book, query = book_of(visit, register), visit.request.query_params
    wanted, on = query.get("q", "").strip()[:100], read_day(query.get("on", "").strip())
    status = query.get("status", "")
    status = status if status in STATUSES else ""
    asked = {"q": wanted, "on": on, "status": status}
    short = ""
    items: list[dict[str, Any]] = []
    cursor = ""
    try:
        told = (await visit.api.get(book.service, book.path, **asked, limit=_LISTED, cursor=query.get("cursor"))).body
        items = told["items"]
        cursor = following(told)
    except ProblemError as error:
        if error.status != 400:  # noqa: PLR2004 - Bad Request: too short to find, or no day
            raise
        short = str(error.told.get("detail", ""))
    chosen = {name: value for name, value in asked.items() if value}
    return visit.render(
        "book.html",
        400 if short else 200,
        book=book,
        items=items,
        asked=asked,
        short=short,
        following=f"{book.page}?{urlencode(chosen)}&cursor={cursor}" if cursor else "",
        statuses=STATUSES,
        done=query.get("done", ""),
    )


async def show(register: str, visit: Visit) -> Response:
    """An entry as of a day, with its history."""
    book, code = book_of(visit, register), visit.request.path_params.get("code", "")
    on = read_day(visit.request.query_params.get("on", "").strip())
    path = book.path_of(code)
    document, kinds = await asyncio.gather(visit.api.document(book.service), kinds_of(visit))
    wrong = ""
    try:
        entry = (await visit.api.get(book.service, path, on=on)).body
    except ProblemError as error:
        if error.status != 400:  # noqa: PLR2004 - Bad Request: what was typed is no day
            raise
        entry, wrong = (await visit.api.get(book.service, path)).body, on
    reader = Reader(document.schemas, visit.language, visit.t("page.yes"), visit.t("page.no"), kinds=kinds.named)
    content = _schema_of_content(document, path)
    versions = [
        {**one, "shown": reader.shown(content, one["content"], set(one["content"]) - {"code"})}
        for one in reversed(entry["versions"])
    ]
    counting = [one for one in entry["versions"] if one["counts"]]
    ended = max(counting, key=lambda one: (one["since"], one["version"]))["ended"]
    return visit.render(
        "entry.html",
        400 if wrong else 200,
        book=book,
        page=book.entry(entry["content"]["code"]) if book.path != "/v1/lab/laboratory" else book.page,
        entry=entry,
        shown=reader.shown(content, entry["content"], entry["content"]),
        versions=versions,
        on=on,
        wrong=wrong,
        actions=(("restore",) if ended else ("change", "end")) if book.mine else (),
        done=visit.request.query_params.get("done", ""),
    )


def _schema_of_content(document: Document, path: str) -> Mapping[str, Any]:
    """The schema of what the entry at `path` says."""
    schema = document.answered("GET", path)
    content: Mapping[str, Any] = resolved(schema, document.schemas)["properties"]["content"]
    return content


@dataclass(frozen=True, slots=True)
class Writing:
    """Somebody fills in an entry: a new one, or something done to one that there is."""

    book: Book
    action: str
    page: str
    back: str
    path: str
    form: Form
    typed: Typed
    etag: str = ""
    name: str = ""
    number: str = ""


async def write(register: str, visit: Visit) -> Response:
    """The form of a new entry, or of what is done to one."""
    writing = await _writing(register, visit)
    return _form(visit, replace(writing, typed=await kept_form(visit) or writing.typed))


async def written(register: str, visit: Visit) -> Response:
    """What was typed: more rows, or kept."""
    sent = await visit.request.form(max_files=0, max_fields=MAX_FIELDS)
    visit.speak(sent)
    writing = await _writing(register, visit)
    typed, once = typed_of(sent), visit.idempotency_key(sent)
    writing = replace(writing, typed=typed, etag=str(sent.get("_version") or writing.etag))
    if (changed := reshaped(typed, sent, writing.form.fields(typed))) is not None:
        return _form(visit, replace(writing, typed=changed))
    if not once:
        return _form(visit, writing, notice="form.expired")
    body = writing.form.read(typed)
    if writing.number:
        body["supersedes"] = int(writing.number)
    try:
        answer = await visit.api.post(writing.book.service, writing.path, body, etag=writing.etag, key=once)
    except ProblemError as error:
        if error.code == "stale":
            fresh = await _writing(register, visit)
            apart = _apart(visit, fresh, typed)
            return _form(visit, replace(fresh, typed=typed), notice="book.overtaken", apart=apart, status=412)
        notice = {"in_progress": "form.under_way"}.get(error.code, "")
        return _form(visit, writing, error.faults, notice=notice, problem=error, status=error.status)
    except UnavailableError:
        return _form(visit, writing, notice="form.unavailable", status=503)
    return visit.redirect(writing.book.entry(answer.body["content"]["code"]), done=writing.action)


def _apart(visit: Visit, fresh: Writing, typed: Typed) -> list[Apart]:
    """Where the entry as it is now differs from what was typed, of what is changed as a whole."""
    if fresh.action not in {"change", "correct"}:
        return []
    theirs, mine = fresh.form.read(fresh.typed), fresh.form.read(typed)
    yes, no = visit.t("page.yes"), visit.t("page.no")
    reader = Reader(fresh.form.schemas, visit.language, yes, no, kinds=fresh.form.kinds.named)
    return reader.compared(fresh.form.schema, theirs, mine, {*theirs, *mine} - {"reason", "since"})


async def _writing(register: str, visit: Visit) -> Writing:
    """What the address means. Raises HTTPException for who may not, or for what there is not."""
    params = visit.request.path_params
    book, action = book_of(visit, register), params.get("action", "add")
    if not book.mine or action not in (*ACTIONS, "add"):
        raise HTTPException(404)
    document, kinds = await asyncio.gather(visit.api.document(book.service), kinds_of(visit))
    if action == "add":
        operation = document.find("POST", book.path)
        if operation is None:
            raise HTTPException(404)
        form = Form(operation.schema, operation.schemas, kinds)
        return Writing(book, action, book.add, book.page, book.path, form, {})
    code = params["code"]
    path = f"{book.path_of(code)}/actions/{action}"
    entry, operation = await visit.api.get(book.service, book.path_of(code)), document.find("POST", path)
    if operation is None:
        raise HTTPException(404)
    form = Form(operation.schema, operation.schemas, kinds)
    number = visit.request.query_params.get("version", "") if action == "correct" else ""
    page = f"{book.entry(code)}/actions/{action}{f'?version={quote(number)}' if number else ''}"
    found, typed = _content(entry, number), {}
    if action in {"change", "correct"}:
        if not found:
            raise HTTPException(404)
        named = set(form.schema.get("properties", {})) - {"since", "reason", "supersedes"}
        typed = form.typed({name: value for name, value in found["content"].items() if name in named})
        if action == "correct":
            typed["since"] = [found["since"]]
    name = entry.body["content"]["name"]
    return Writing(book, action, page, book.entry(code), path, form, typed, entry.etag, name, number)


def _content(entry: Answer, number: str) -> Mapping[str, Any]:
    """The version with that number, or the newest that counts; empty if there is none."""
    versions = entry.body["versions"]
    if number:
        return next((one for one in versions if str(one["version"]) == number and not one["ended"]), {})
    counting = [one for one in versions if one["counts"]]
    newest: Mapping[str, Any] = max(counting, key=lambda one: (one["since"], one["version"]))
    return newest


def _form(
    visit: Visit,
    writing: Writing,
    faults: Sequence[Mapping[str, str]] = (),
    *,
    notice: str = "",
    problem: ProblemError | None = None,
    apart: Sequence[Apart] = (),
    status: int = 200,
) -> Response:
    fields = writing.form.fields(writing.typed, faults, without=ENVELOPE | {"supersedes"})
    return visit.render(
        "book_form.html",
        status,
        writing=writing,
        fields_=fields,
        errors=faults_of(fields, faults),
        notice=notice,
        apart=apart,
        problem=problem if not faults and not notice else None,
        key=visit.new_key(),
    )


_APPLICANT, _LAB, _STAFF = frozenset({Role.APPLICANT}), frozenset({Role.LAB}), frozenset({Role.STAFF})
OF_LABORATORY = ("people", "standards", "devices")
"""What each laboratory keeps."""


def _kept(register: str, side: frozenset[Role], home: str) -> Iterator[Page]:
    """The pages of a register for the side that keeps it."""
    page, entry = f"{home}/{register}", f"{home}/{register}/{{code}}"
    reads, writes, keeps = partial(show, register), partial(write, register), partial(written, register)
    yield Page(page, partial(show_list, register), side)
    yield Page(f"{home}/add/{register}", writes, side)
    yield Page(f"{home}/add/{register}", keeps, side, ("POST",))
    yield Page(entry, reads, side)
    yield Page(f"{entry}/actions/{{action}}", writes, side)
    yield Page(f"{entry}/actions/{{action}}", keeps, side, ("POST",))


def _loaded(register: str, side: frozenset[Role], home: str) -> Iterator[Page]:
    """The pages on which a list is taken from a file."""
    yield Page(f"{home}/import/{register}", partial(choose, register), side)
    yield Page(f"{home}/import/{register}", partial(take, register), side, ("POST",))


PAGES = (
    *_kept("mandates", _APPLICANT, "/my"),
    Page("/lab/laboratories", partial(show, "laboratories"), _LAB),
    *_kept("laboratories", _STAFF, "/office"),
    *_loaded("laboratories", _STAFF, "/office"),
    *_kept("experts", _STAFF, "/office"),
    *_loaded("experts", _STAFF, "/office"),
    *(
        page
        for register in OF_LABORATORY
        for theirs in (f"/office/laboratories/{{lab}}/{register}",)
        for page in (
            *_kept(register, _LAB, "/lab"),
            *(() if register in TYPED else _loaded(register, _LAB, "/lab")),
            Page(theirs, partial(show_list, register), _STAFF),
            Page(f"{theirs}/{{code}}", partial(show, register), _STAFF),
        )
    ),
)
