"""The registers of the office (laboratories, experts), of a laboratory (people, standards, keys) and of a holder."""

from __future__ import annotations

import asyncio
import base64
import binascii
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException

from services.portal.actions import MAX_FIELDS, typed_of
from services.portal.client import ProblemError, UnavailableError
from services.portal.fields import faults_of
from services.portal.formats import read_day
from services.portal.forms import ENVELOPE, Form
from services.portal.kinds import kinds_of
from services.portal.rows import reshaped
from services.portal.values import Reader
from services.portal.web import Page, Visit
from shared.identity import Role

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from starlette.responses import Response

    from services.portal.client import Answer, Document
    from services.portal.fields import Typed

KEEPER = "section_head"
"""The post that keeps the registers of the office."""
_TYPED = frozenset({"devices", "mandates"})
"""Registers that are taken from no file."""
_OFFICES = {"laboratories": "type_approval", "experts": "licensing"}
"""The registers of the office, by the service that has them."""
STATUSES = ("valid", "lapsed", "ended")
ACTIONS = ("change", "correct", "end", "restore")
_LISTED = 50
_CARRIED = 500_000
"""A file of so many bytes is kept in the page of its preview; a larger one is chosen again."""
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True, slots=True)
class Book:
    """A register as somebody reads it: where it is in the portal and at the service."""

    register: str
    lab: str
    page: str
    path: str
    mine: bool
    """Whether the reader may write in it."""
    service: str = "type_approval"

    @property
    def loads(self) -> bool:
        """Whether it is taken from files too."""
        return self.mine and self.register not in _TYPED

    def entry(self, code: str) -> str:
        return f"{self.page}/{quote(code, safe='')}"

    def path_of(self, code: str) -> str:
        if self.path == "/v1/lab/laboratory":
            return self.path
        return f"{self.path}/{quote(code, safe='')}"

    @property
    def add(self) -> str:
        """The page on which an entry is begun."""
        home, _, register = self.page.rpartition("/")
        return f"{home}/add/{register}"

    @property
    def load(self) -> str:
        home, _, register = self.page.rpartition("/")
        return f"{home}/import/{register}"


def _book(visit: Visit, register: str) -> Book:
    """The register that the address means. Raises HTTPException."""
    lab = visit.request.path_params.get("lab", "")
    if visit.side is Role.LAB:
        path = "/v1/lab/laboratory" if register == "laboratories" else f"/v1/lab/{register}"
        return Book(register, "", f"/lab/{register}", path, register != "laboratories")
    if visit.side is Role.APPLICANT:
        return Book(register, "", f"/my/{register}", f"/v1/{register}", mine=True)
    if register in _OFFICES:
        posts = visit.actor.posts if visit.actor else frozenset()
        path, service = f"/internal/v1/{register}", _OFFICES[register]
        return Book(register, "", f"/office/{register}", path, KEEPER in posts, service)
    at = f"laboratories/{quote(lab, safe='')}/{register}"
    return Book(register, lab, f"/office/{at}", f"/internal/v1/{at}", mine=False)


async def show_list(register: str, visit: Visit) -> Response:
    """A register as of a day, or what is found in it."""
    book, query = _book(visit, register), visit.request.query_params
    wanted, on = query.get("q", "").strip()[:100], read_day(query.get("on", "").strip())
    status = query.get("status", "")
    status = status if status in STATUSES else ""
    asked = {"q": wanted, "on": on, "status": status}
    short = ""
    items: list[dict[str, Any]] = []
    following = ""
    try:
        told = (await visit.api.get(book.service, book.path, **asked, limit=_LISTED, cursor=query.get("cursor"))).body
        items = told["items"]
        following = told.get("next", "").partition("cursor=")[2].partition("&")[0]
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
        following=f"{book.page}?{urlencode(chosen)}&cursor={following}" if following else "",
        statuses=STATUSES,
        done=query.get("done", ""),
    )


async def show(register: str, visit: Visit) -> Response:
    """An entry as of a day, with its history."""
    book, code = _book(visit, register), visit.request.path_params.get("code", "")
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
    found: Any = document.schemas[schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema
    content: Mapping[str, Any] = found["properties"]["content"]
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
    return _form(visit, await _writing(register, visit))


async def written(register: str, visit: Visit) -> Response:
    """What was typed: more rows, or kept."""
    sent = await visit.request.form(max_files=0, max_fields=MAX_FIELDS)
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
        notice = {"stale": "book.overtaken", "in_progress": "form.under_way"}.get(error.code, "")
        if error.code == "stale":
            writing = replace(writing, etag=(await _writing(register, visit)).etag)
        return _form(visit, writing, error.faults, notice=notice, problem=error, status=error.status)
    except UnavailableError:
        return _form(visit, writing, notice="form.unavailable", status=503)
    return visit.redirect(writing.book.entry(answer.body["content"]["code"]), done=writing.action)


async def _writing(register: str, visit: Visit) -> Writing:
    """What the address means. Raises HTTPException for who may not, or for what there is not."""
    params = visit.request.path_params
    book, action = _book(visit, register), params.get("action", "add")
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
        problem=problem if not faults and not notice else None,
        key=visit.new_key(),
    )


async def choose(register: str, visit: Visit) -> Response:
    """Where a file is chosen."""
    return await _import(register, visit)


async def take(register: str, visit: Visit) -> Response:
    """What a file would do, line by line; or it taken, whole or not at all."""
    sent = await visit.request.form(max_files=1)
    key, kept, file = visit.idempotency_key(sent), str(sent.get("_content", "")), sent.get("file")
    content = await file.read() if isinstance(file, UploadFile) else b""
    if not content and kept:
        try:
            content = base64.b64decode(kept, validate=True)
        except binascii.Error:
            content = b""
    if not key:
        return await _import(register, visit, notice="form.expired")
    if not content:
        return await _import(register, visit, notice="bench.no_file", status=422)
    since, preview = read_day(str(sent.get("since", "")).strip()), sent.get("_step") != "take"
    book = _book(visit, register)
    media = _XLSX if content.startswith(b"PK") else "text/csv"
    asked = {"since": since, "preview": "true" if preview else ""}
    once = "" if preview else key
    try:
        answer = await visit.api.send_file(
            book.service, f"{book.path}/import", content, media, etag="*", key=once or key, **asked
        )
    except ProblemError as error:
        return await _import(register, visit, problem=error, since=since, status=error.status)
    except UnavailableError:
        return await _import(register, visit, notice="form.unavailable", since=since, status=503)
    if not preview:
        return visit.redirect(book.page, done="import")
    carried = base64.b64encode(content).decode() if len(content) <= _CARRIED else ""
    return await _import(register, visit, report=answer.body, carried=carried, since=since)


async def _import(
    register: str,
    visit: Visit,
    *,
    report: Mapping[str, Any] | None = None,
    carried: str = "",
    since: str = "",
    notice: str = "",
    problem: ProblemError | None = None,
    status: int = 200,
) -> Response:
    book = _book(visit, register)
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
        since=since,
        notice=notice,
        problem=problem,
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
            *(() if register in _TYPED else _loaded(register, _LAB, "/lab")),
            Page(theirs, partial(show_list, register), _STAFF),
            Page(f"{theirs}/{{code}}", partial(show, register), _STAFF),
        )
    ),
)
