"""Documents of an application: sent with a form that needs no script, shown in every version, fetched as they are."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import quote, urlencode

from starlette.datastructures import FormData
from starlette.responses import StreamingResponse

from services.portal import multipart
from services.portal.case_documents import Papers
from services.portal.places import asked_place, part
from services.portal.posting import FormPage, Sent
from services.portal.trouble import TroubleError
from services.portal.web import HOMES, Page, Visit, local
from shared.identity import Role

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from starlette.responses import Response

    from services.portal.places import Place

_MOST_IGNORED = 256 << 20
"""Of a file that is refused, so much is read before the page is shown."""
_FORM_BYTES = 64 << 10
"""More than a form takes besides its file."""
_SPENT = frozenset({"Content-Type", "Content-Length", "Content-Disposition", "ETag"})


async def documents_of(visit: Visit, place: Place) -> Papers | None:
    """The documents of the case; None while its service does not answer."""
    told = await part(visit, place.service, f"{place.path}/documents")
    return Papers(told) if told else None


class Filing(NamedTuple):
    """A case whose documents are sent: what it is, and which there are."""

    place: Place
    case: Mapping[str, Any]
    papers: Papers

    @property
    def most(self) -> int:
        """Bytes that a file may have."""
        return int(self.papers.told["most_bytes"])


async def _filing(visit: Visit) -> Filing:
    place = asked_place(visit)
    answer, told = await asyncio.gather(
        visit.api.get(place.service, place.path), visit.api.get(place.service, f"{place.path}/documents")
    )
    return Filing(place, answer.body, Papers(told.body))


async def _page(visit: Visit, filing: Filing, sent: Sent | None) -> Response:
    """All kinds of documents that this side sends, each with what is there and a form to send more."""
    back = _back(visit)
    return visit.render(
        "documents.html",
        **filing._asdict(),
        done=visit.request.query_params.get("done", ""),
        wrong=sent.told("kind") if sent and visit.trouble else "",
        refused=sent.told("_name") if sent else "",
        most=filing.most >> 20,
        form=back.get("back"),
        here=f"?{urlencode(back)}" if back else "",
    )


def _back(visit: Visit) -> dict[str, str]:
    """Where whoever came from a form goes back to, as the query has it."""
    back = visit.request.query_params.get("back")
    return {"back": local(back)} if back else {}


class _Uploads(FormPage[Filing]):
    """The page where a file is sent, for a kind of document or in the place of a version, and passed on as it
    arrives."""

    async def take(self, visit: Visit) -> Response:
        file = await multipart.Sent.read(visit.request)
        form = FormData([*file.fields.items(), ("_name", file.name)])
        sent = Sent(form, {}, visit.idempotency_key(form))
        answer = await replace(self, do=partial(_passed_on, file)).taken(visit, sent)
        # A browser looks for an answer only when all is sent.
        await file.rest(_MOST_IGNORED)
        return answer


async def _passed_on(file: multipart.Sent, visit: Visit, filing: Filing, sent: Sent) -> Response:
    """Send the file to the service."""
    if not file.name:
        raise TroubleError("documents.none")
    if int(visit.request.headers.get("Content-Length", 0)) > filing.most + _FORM_BYTES:
        raise TroubleError("documents.too_large")
    place, kind, replaced = filing.place, sent.told("kind"), sent.told("replaces")
    path = f"{place.path}/documents"
    method, path = ("PUT", f"{path}/{quote(replaced, safe='')}") if replaced else ("POST", path)
    query = {"name": file.name} if replaced else {"kind": kind, "name": file.name}
    try:
        await visit.api.pass_on(
            place.service, method, path, file.content(filing.most), file.media, key=sent.key, **query
        )
    except multipart.TooLargeError as error:
        raise TroubleError("documents.too_large") from error
    return visit.redirect(f"{place.page}/documents", done=kind, **_back(visit))


async def _remove(visit: Visit, filing: Filing, sent: Sent) -> Response:
    """Take a document back that is not part of the application yet."""
    place, document = filing.place, quote(visit.request.path_params["document"], safe="")
    await visit.api.delete(place.service, f"{place.path}/documents/{document}", key=sent.key)
    return visit.redirect(f"{place.page}/documents", done=sent.told("kind"), **_back(visit))


async def fetch(visit: Visit) -> Response:
    """A document as it was sent, passed on as it comes."""
    place = asked_place(visit)
    path = f"{place.path}/documents/{quote(visit.request.path_params['document'], safe='')}"
    return await passed(visit, place, path)


async def whole(visit: Visit) -> Response:
    """All of a case in one file."""
    place = asked_place(visit)
    return await passed(visit, place, f"{place.path}/export.zip")


async def passed(visit: Visit, place: Place, path: str) -> Response:
    """The file that the service has at `path`."""
    answer = await visit.api.open(place.service, path)

    async def content() -> AsyncIterator[bytes]:
        async with answer:
            async for piece in answer.content.iter_any():
                yield piece

    headers = {name: answer.headers[name] for name in _SPENT if name in answer.headers}
    return StreamingResponse(content(), headers=headers)


_FORM = _Uploads(_filing, _page, _remove)
PAGES = tuple(
    page
    for side, home in HOMES.items()
    for case in (f"{home}/{{procedure}}/{{ref}}",)
    for page in (
        *_FORM.pages(f"{case}/documents", side),
        FormPage(_filing, _page, _remove).posts(
            f"{case}/documents/{{document}}/remove", side, form=f"{case}/documents"
        ),
        Page(f"{case}/documents/{{document}}", fetch, frozenset({side})),
        *((Page(f"{case}/export.zip", whole, frozenset({side})),) if side not in {Role.LAB, Role.EXPERT} else ()),
    )
)
