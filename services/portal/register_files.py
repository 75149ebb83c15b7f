"""Registers taken from a file: what it would do, line by line, and then all of it or nothing."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from starlette.exceptions import HTTPException

from services.portal.books import Book, book_of
from services.portal.chosen import chosen_file, import_of
from services.portal.fields import Choice, Field, faults_of, own_field
from services.portal.formats import read_day
from services.portal.forms import ENVELOPE, Form
from services.portal.kinds import kinds_of
from services.portal.posting import FormPage, Sent

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from starlette.responses import Response

    from services.portal.web import Visit


class Loading(NamedTuple):
    """A register that is taken from files, the columns that they may have, and the kinds of instruments that they name
    by their codes."""

    book: Book
    columns: tuple[Field, ...]
    kinds: Sequence[Choice]


_WITH_KINDS = frozenset({"kinds", "scope"})
"""Columns that name kinds of instruments."""


async def _loading(register: str, visit: Visit) -> Loading:
    """Raises HTTPException for who may not, and for a register that is taken from no file."""
    book = book_of(visit, register)
    operation = (await visit.api.document(book.service)).find("POST", book.path)
    if operation is None or not book.loads:
        raise HTTPException(404)
    columns = Form(operation.schema, operation.schemas).fields({}, without=ENVELOPE | {"since"})
    naming = not _WITH_KINDS.isdisjoint(one.name for one in columns)
    return Loading(book, columns, (await kinds_of(visit)).choices if naming else ())


async def _page(
    visit: Visit, loading: Loading, sent: Sent | None, report: Mapping[str, Any] | None = None, **more: str
) -> Response:
    """Where a file is chosen; in another language what was found in one, too."""
    if sent and report is None and visit.trouble is None and (await chosen_file(sent.form)).content:
        return await _take(visit, loading, sent)
    typed = read_day(sent.told("since").strip()) if sent else ""
    since = own_field("since", "book.since_label", typed, kind="date", required=False, faults=visit.faults)
    return visit.render(
        "book_import.html",
        book=loading.book,
        columns=loading.columns,
        kinds=loading.kinds,
        labels={one.name: one.label[visit.language] for one in loading.columns},
        since=since,
        errors=faults_of([since], visit.faults),
        report=report,
        carried=more.get("carried", ""),
        previewed=more.get("previewed", ""),
    )


async def _take(visit: Visit, loading: Loading, sent: Sent) -> Response:
    """What a file would do, line by line; or it taken, whole or not at all."""
    chosen, preview, told = await import_of(sent, "since")
    book, since = loading.book, read_day(told)
    asked = {"since": since, "preview": "true" if preview else ""}
    answer = await visit.api.send_file(
        book.service, f"{book.path}/import", chosen.content, chosen.media, etag="*", key=sent.key, **asked
    )
    if not preview:
        return visit.redirect(book.page, done="import")
    return await _page(visit, loading, sent, answer.body, carried=chosen.carried, previewed=since)


def loading(register: str) -> FormPage[Loading]:
    """The page on which a list is taken from a file."""
    return FormPage(partial(_loading, register), _page, _take, files=1)
