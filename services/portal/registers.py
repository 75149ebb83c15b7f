"""The registers of the office (laboratories, experts), of a laboratory (people, standards, keys) and of a holder."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from starlette.exceptions import HTTPException

from services.portal.books import TYPED, Book, book_of
from services.portal.client import ProblemError, following
from services.portal.fields import faults_of
from services.portal.formats import read_day
from services.portal.forms import ENVELOPE, Form
from services.portal.kinds import kinds_of
from services.portal.posting import FormPage, Sent
from services.portal.referring import resolved
from services.portal.register_files import loading
from services.portal.values import Reader
from services.portal.web import Page, Visit
from shared.identity import Role

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

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
        short = " ".join(error.reasons)
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
    reader = Reader(document.schemas, visit.language, visit.t("page.yes"), visit.t("page.no"), kinds=kinds)
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


async def _written(visit: Visit, writing: Writing, sent: Sent) -> Response:
    """Keep it."""
    body = writing.form.read(sent.typed)
    if writing.number:
        body["supersedes"] = int(writing.number)
    etag = sent.version or writing.etag
    answer = await visit.api.post(writing.book.service, writing.path, body, etag=etag, key=sent.key)
    return visit.redirect(writing.book.entry(answer.body["content"]["code"]), done=writing.action)


def _apart(visit: Visit, fresh: Writing, typed: Typed) -> list[Apart]:
    """Where the entry as it is now differs from what was typed, of what is changed as a whole."""
    if fresh.action not in {"change", "correct"}:
        return []
    theirs, mine = fresh.form.read(fresh.typed), fresh.form.read(typed)
    yes, no = visit.t("page.yes"), visit.t("page.no")
    reader = Reader(fresh.form.schemas, visit.language, yes, no, kinds=fresh.form.kinds)
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


async def _form(visit: Visit, writing: Writing, sent: Sent | None) -> Response:
    """The form of a new entry, or of what is done to one; who was overtaken sees what is written there now."""
    typed = writing.typed
    if sent:
        typed = sent.reshaped(writing.form.fields(sent.typed))
    fields = writing.form.fields(typed, visit.faults, without=ENVELOPE | {"supersedes"})
    return visit.render(
        "book_form.html",
        writing=writing,
        etag=(sent and sent.version) or writing.etag,
        fields_=fields,
        errors=faults_of(fields, visit.faults),
        apart=_apart(visit, writing, typed) if visit.overtaken else (),
    )


_LAB, _STAFF = frozenset({Role.LAB}), frozenset({Role.STAFF})
OF_LABORATORY = ("people", "standards", "devices")
"""What each laboratory keeps."""


def _kept(register: str, side: Role, home: str) -> Iterator[Page]:
    """The pages of a register for the side that keeps it."""
    page, entry = f"{home}/{register}", f"{home}/{register}/{{code}}"
    form = FormPage(partial(_writing, register), _form, _written, "book.overtaken")
    yield Page(page, partial(show_list, register), frozenset({side}))
    yield from form.pages(f"{home}/add/{register}", side)
    yield Page(entry, partial(show, register), frozenset({side}))
    yield from form.pages(f"{entry}/actions/{{action}}", side)


PAGES = (
    *_kept("mandates", Role.APPLICANT, "/my"),
    Page("/lab/laboratories", partial(show, "laboratories"), _LAB),
    *_kept("laboratories", Role.STAFF, "/office"),
    *loading("laboratories").pages("/office/import/laboratories", Role.STAFF),
    *_kept("experts", Role.STAFF, "/office"),
    *loading("experts").pages("/office/import/experts", Role.STAFF),
    *(
        page
        for register in OF_LABORATORY
        for theirs in (f"/office/laboratories/{{lab}}/{register}",)
        for page in (
            *_kept(register, Role.LAB, "/lab"),
            *(() if register in TYPED else loading(register).pages(f"/lab/import/{register}", Role.LAB)),
            Page(theirs, partial(show_list, register), _STAFF),
            Page(f"{theirs}/{{code}}", partial(show, register), _STAFF),
        )
    ),
)
