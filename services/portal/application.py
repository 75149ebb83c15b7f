"""The portal as an ASGI application: its table of pages, and what every request goes through."""

from __future__ import annotations

import contextlib
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anyio
from sqlalchemy.exc import SQLAlchemyError
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from services import SERVICES
from services.portal import (
    abolition,
    account,
    acting,
    actions,
    bench,
    calendar,
    cases,
    contact,
    counting,
    desk,
    documents,
    drafts,
    historic,
    lists,
    messages,
    office,
    papers,
    people,
    public,
    published,
    registers,
    serving,
    system,
    times,
    verifying,
)
from services.portal.client import ProblemError, Services, UnavailableError
from services.portal.guard import Guard, Visitors, same_origin
from services.portal.sessions import Sessions
from services.portal.signing_in import Issuer, SigningInError
from services.portal.timing import timed_calls
from services.portal.web import (
    LANGUAGE_COOKIE,
    SESSION_COOKIE,
    Page,
    Portal,
    Visit,
    language_of,
    now,
)
from shared.observability import bind, get_logger
from shared.observability import metrics as figures

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

    from starlette.requests import Request

    from services.portal.sessions import Session
    from services.portal.settings import Settings
    from shared.identity import Actor

log = get_logger(__name__)

STATIC = Path(__file__).with_name("static")
KEYS_PATH = "/.well-known/jwks.json"
_KINDS = {404: "not_found", 405: "not_found", 413: "too_large"}
PAGES: Sequence[Page] = (
    *public.PAGES,
    *papers.PAGES,
    *published.PAGES,
    *counting.PAGES,
    *verifying.PAGES,
    *account.PAGES,
    *acting.PAGES,
    *drafts.PAGES,
    *documents.PAGES,
    *office.PAGES,
    *calendar.PAGES,
    *times.PAGES,
    *people.PAGES,
    *system.PAGES,
    *registers.PAGES,
    *historic.PAGES,
    *abolition.PAGES,
    *messages.PAGES,
    *contact.PAGES,
    *serving.PAGES,
    *desk.PAGES,
    *bench.PAGES,
    *actions.PAGES,
    *cases.PAGES,
    *lists.PAGES,
)


def pages_of(settings: Settings) -> list[Page]:
    """The pages of the face that this process has: of the other's there is nothing to find."""
    sides = settings.face.sides
    return [page for page in PAGES if not page.sides or page.sides & sides]


def application(settings: Settings) -> Starlette:
    """The whole portal."""
    sessions = Sessions(settings.database_url, settings.session_key)
    portal = Portal(settings, Services(settings), sessions, Issuer(settings), Visitors(settings))

    @contextlib.asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        async with portal.services:
            yield
        portal.sessions.engine.dispose()

    routes: list[Any] = [
        Route(page.path, _endpoint(portal, page), methods=[*page.methods]) for page in pages_of(settings)
    ]
    routes.append(Route(KEYS_PATH, _keys(settings)))
    routes.append(Mount("/static", StaticFiles(directory=STATIC)))
    if settings.internal_http_port is None:
        routes += probes(portal)
    made = Starlette(
        routes=routes,
        lifespan=lifespan,
        exception_handlers={HTTPException: _refuser(portal), Exception: _refuser(portal)},
    )
    made.state.portal = portal
    made.add_middleware(Guard, settings=settings)
    return made


def _keys(settings: Settings) -> Callable[[Request], Awaitable[Response]]:
    """Answers with the public half of the key with which the portal proves itself to the issuer (private_key_jwt)."""
    published = {"keys": [settings.client_key.as_dict(private=False)]}

    async def keys(_request: Request) -> Response:
        return JSONResponse(published, headers={"Cache-Control": "max-age=300"})

    return keys


def probes(portal: Portal) -> list[Route]:
    """What Kubernetes and Prometheus ask."""

    async def livez(_request: Request) -> Response:
        return PlainTextResponse("ok\n")

    async def readyz(_request: Request) -> Response:
        try:
            await anyio.to_thread.run_sync(portal.sessions.alive)
            reached = await portal.services.alive()
        except SQLAlchemyError:
            reached = False
        return PlainTextResponse("ok\n") if reached else PlainTextResponse("not ready\n", 503)

    async def metrics(_request: Request) -> Response:
        return PlainTextResponse(figures.exposition().decode())

    return [Route("/livez", livez), Route("/readyz", readyz), Route("/metrics", metrics)]


def _endpoint(portal: Portal, page: Page) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        began = time.perf_counter()
        visit = Visit(portal, request, language_of(request))
        with bind(correlation_id=visit.request_id), timed_calls() as calls:
            response = await _answered(visit, page)
            response.headers["X-Request-Id"] = visit.request_id
            if page.sides or visit.session or visit.cookies:
                response.headers.setdefault("Cache-Control", "no-store")
            if request.query_params.get("lang") == visit.language:
                visit.cookies.setdefault(LANGUAGE_COOKIE, visit.language)
            for name, value in visit.cookies.items():
                secure = name.startswith("__Host-")
                response.set_cookie(name, value, path="/", httponly=True, samesite="lax", secure=secure)
            seconds = time.perf_counter() - began
            if portal.settings.development:
                # Browsers show it beside the page.
                rendering = time.thread_time() - calls.answered
                response.headers["Server-Timing"] = (
                    f"calls;desc={calls.count}, slowest;dur={1000 * calls.slowest:.2f},"
                    f" rendering;dur={1000 * rendering:.2f}, page;dur={1000 * seconds:.2f}"
                )
            figures.requests.labels(response.status_code).inc()
            figures.request_seconds.observe(seconds)
            log.info(
                "page_answered",
                method=request.method,
                page=page.path,
                status=response.status_code,
                seconds=round(seconds, 4),
                calls=calls.count,
                slowest_call=round(calls.slowest, 4),
            )
        return response

    return answer


async def _answered(visit: Visit, page: Page) -> Response:
    """The page, or the one that says why it cannot be."""
    request = visit.request
    if request.method not in {"GET", "HEAD"} and not same_origin(request, visit.portal.settings.url):
        log.warning("foreign_post_refused", page=page.path, origin=request.headers.get("Origin", ""))
        return refused(visit, 403, "foreign")
    try:
        return await _admitted(visit, page)
    except (HTTPException, ProblemError, UnavailableError, SQLAlchemyError) as error:
        if not isinstance(error, ProblemError) or error.status != 401:  # noqa: PLR2004 - Unauthorized
            return _excused(visit, error)
    # The token came to its end on the way.
    await anyio.to_thread.run_sync(visit.portal.sessions.end, visit.session.key if visit.session else "")
    return await account.to_sign_in(visit, page)


def _excused(visit: Visit, error: Exception) -> Response:
    """The page for what went wrong, of what may."""
    match error:
        case HTTPException():
            return refused(visit, error.status_code, _KINDS.get(error.status_code, "malformed"))
        case ProblemError():
            return refused(visit, *_kind(error), problem=error)
        case UnavailableError():
            return refused(visit, 503, "unavailable", service=error.service)
    log.error("session_store_failed", exc_info=error)
    return refused(visit, 503, "unavailable")


async def _admitted(visit: Visit, page: Page) -> Response:
    await _recognise(visit)
    if visit.actor is None and (wait := visit.portal.visitors.wait(visit.request)):
        answer = refused(visit, 429, "often")
        answer.headers["Retry-After"] = str(wait)
        return answer
    if page.sides and visit.actor is None:
        return await account.to_sign_in(visit, page)
    if page.sides and visit.side not in page.sides:
        return refused(visit, 404, "not_found")
    return await page.answer(visit)


async def _recognise(visit: Visit) -> None:
    """Who is signed in, with a token that still has some time to live."""
    key = visit.request.cookies.get(SESSION_COOKIE)
    if not key:
        return
    sessions, issuer = visit.portal.sessions, visit.portal.issuer

    def find() -> tuple[Session | None, Actor | None]:
        session = sessions.find(key, now())
        if session is None or session.stale(now()):
            return session, None
        return session, issuer.actor(session.tokens)

    try:
        session, actor = await anyio.to_thread.run_sync(find)
        if session is None:
            return
        if actor is None:
            session = await anyio.to_thread.run_sync(sessions.renew, session, await issuer.renewed(session.tokens))
            actor = await anyio.to_thread.run_sync(issuer.actor, session.tokens)
    except SigningInError as error:
        log.info("session_ended", reason=str(error))
        return
    if actor.role in visit.portal.settings.face.sides:
        visit.session, visit.actor = session, actor


def refused(
    visit: Visit, status: int, kind: str, *, problem: ProblemError | None = None, service: str | None = None
) -> Response:
    """The page for what could not be shown or done: nothing was changed, and what to do about it."""
    name = visit.t(f"service.{service}") if service in SERVICES else ""
    return visit.render("refused.html", status, kind=kind, problem=problem, service=name)


def _kind(error: ProblemError) -> tuple[int, str]:
    if error.status == 404:  # noqa: PLR2004 - Not Found
        return 404, "not_found"
    if error.status == 429:  # noqa: PLR2004 - Too Many Requests
        return 429, "often"
    return (error.status, "problem") if error.status < 500 else (502, "internal")  # noqa: PLR2004 - theirs, not ours


def _refuser(portal: Portal) -> Callable[[Request, Exception], Awaitable[Response]]:
    async def answer(request: Request, error: Exception) -> Response:
        visit = Visit(portal, request, language_of(request))
        if isinstance(error, HTTPException):
            return refused(visit, error.status_code, _KINDS.get(error.status_code, "malformed"))
        log.error("page_failed", exc_info=error, correlation_id=visit.request_id)
        return refused(visit, 500, "internal")

    return answer
