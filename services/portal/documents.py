"""Documents of an application: sent with a form that needs no script, shown in every version, fetched as they are."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

from starlette.background import BackgroundTask
from starlette.responses import StreamingResponse

from services.portal.case_documents import Papers
from services.portal.cases import asked_place, part
from services.portal.client import ProblemError, UnavailableError
from services.portal.multipart import Sent, TooLargeError
from services.portal.web import HOMES, Page, Visit, local
from shared.identity import Role

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.responses import Response

    from services.portal.cases import Place

_SENDING = (Role.APPLICANT, Role.STAFF)
"""The sides that send documents here."""
_MOST_IGNORED = 256 << 20
"""Of a file that is refused, so much is read before the page is shown."""
_FORM_BYTES = 64 << 10
"""More than a form takes besides its file."""
_SPENT = frozenset({"Content-Type", "Content-Length", "Content-Disposition", "ETag"})


async def documents_of(visit: Visit, place: Place) -> Papers | None:
    """The documents of the case; None while its service does not answer."""
    told = await part(visit, place.service, f"{place.path}/documents")
    return Papers(told) if told else None


async def show(visit: Visit) -> Response:
    """All kinds of documents that this side sends, each with what is there and a form to send more."""
    return await _page(visit, asked_place(visit))


async def _page(
    visit: Visit,
    place: Place,
    status: int = 200,
    *,
    kind: str = "",
    name: str = "",
    problem: ProblemError | None = None,
    why: str = "",
) -> Response:
    answer = await visit.api.get(place.service, place.path)
    told = await visit.api.get(place.service, f"{place.path}/documents")
    papers = Papers(told.body)
    back = _back(visit)
    return visit.render(
        "documents.html",
        status,
        place=place,
        case=answer.body,
        papers=papers,
        done=visit.request.query_params.get("done", ""),
        wrong=kind,
        refused=name,
        problem=problem,
        why=why,
        most=papers.told["most_bytes"] >> 20,
        key=visit.new_key(),
        form=back.get("back"),
        here=f"?{urlencode(back)}" if back else "",
    )


def _back(visit: Visit) -> dict[str, str]:
    """Where whoever came from a form goes back to, as the query has it."""
    back = visit.request.query_params.get("back")
    return {"back": local(back)} if back else {}


async def upload(visit: Visit) -> Response:
    """Take a file for a kind of document, or in the place of a version, and pass it on as it arrives."""
    place = asked_place(visit)
    sent = await Sent.read(visit.request)
    kind, replaced = sent.fields.get("kind", ""), sent.fields.get("replaces", "")
    key = visit.idempotency_key(sent.fields)
    most = (await visit.api.get(place.service, f"{place.path}/documents")).body["most_bytes"]
    refused = "form.expired" if not key else "documents.none" if not sent.name else ""
    if int(visit.request.headers.get("Content-Length", 0)) > most + _FORM_BYTES:
        refused = "documents.too_large"
    problem = None
    if not refused:
        refused, problem = await _passed_on(visit, place, sent, kind, replaced, key, most)
    if not refused and problem is None:
        return visit.redirect(f"{place.page}/documents", done=kind, **_back(visit))
    await sent.rest(_MOST_IGNORED)
    status = problem.status if problem else 422
    return await _page(visit, place, status, kind=kind, name=sent.name, problem=problem, why=refused)


async def _passed_on(
    visit: Visit, place: Place, sent: Sent, kind: str, replaced: str, key: str, most: int
) -> tuple[str, ProblemError | None]:
    """Send the file to the service; why it could not be taken, as the name of a text or as the service says it."""
    path = f"{place.path}/documents"
    method, path = ("PUT", f"{path}/{quote(replaced, safe='')}") if replaced else ("POST", path)
    query = {"name": sent.name} if replaced else {"kind": kind, "name": sent.name}
    try:
        await visit.api.pass_on(place.service, method, path, sent.content(most), sent.media, key=key, **query)
    except TooLargeError:
        return "documents.too_large", None
    except ProblemError as problem:
        return "", problem
    except UnavailableError:
        return "form.unavailable", None
    return "", None


async def remove(visit: Visit) -> Response:
    """Take a document back that is not part of the application yet."""
    place = asked_place(visit)
    sent = await visit.request.form(max_files=0)
    key, kind = visit.idempotency_key(sent), str(sent.get("kind", ""))
    path = f"{place.path}/documents/{quote(visit.request.path_params['document'], safe='')}"
    if not key:
        return await _page(visit, place, 422, kind=kind, why="form.expired")
    try:
        await visit.api.delete(place.service, path, key=key)
    except ProblemError as problem:
        return await _page(visit, place, problem.status, kind=kind, problem=problem)
    return visit.redirect(f"{place.page}/documents", done=kind, **_back(visit))


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
        async for piece in answer.aiter_raw():
            yield piece

    headers = {name: answer.headers[name] for name in _SPENT if name in answer.headers}
    return StreamingResponse(content(), headers=headers, background=BackgroundTask(answer.aclose))


PAGES = (
    *(
        page
        for side in _SENDING
        for path in (f"{HOMES[side]}/{{procedure}}/{{ref}}/documents",)
        for page in (
            Page(path, show, frozenset({side})),
            Page(path, upload, frozenset({side}), ("POST",)),
            Page(f"{path}/{{document}}/remove", remove, frozenset({side}), ("POST",)),
        )
    ),
    *(
        Page(f"{home}/{{procedure}}/{{ref}}/documents/{{document}}", fetch, frozenset({side}))
        for side, home in HOMES.items()
    ),
    *(
        Page(f"{home}/{{procedure}}/{{ref}}/export.zip", whole, frozenset({side}))
        for side, home in HOMES.items()
        if side is not Role.LAB
    ),
)
