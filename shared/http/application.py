"""The application: what is asked, by whom, and what every answer looks like."""

from __future__ import annotations

import re
import time
from dataclasses import replace
from hashlib import blake2b
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, NamedTuple, cast

import orjson
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException, MethodNotAllowed
from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Request

from shared.http import health, problems
from shared.http.conditions import is_known
from shared.http.faults import FAULTS
from shared.http.language import preferred
from shared.http.limits import RateLimit
from shared.http.pages import pages
from shared.http.routes import JSON, ON_BEHALF, PUBLIC, Call, Door, Page, Reply, Route, Stored
from shared.identity import Actor, InvalidTokenError, Scope, Verifier
from shared.identity.keys import FixedKeys, IssuerKeys, KeysUnavailableError
from shared.messaging.envelope import new_id
from shared.observability import bind, get_logger, metrics
from shared.problems import Problem
from shared.runtime.time import legal_date
from shared.text import Text, refused

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping

    from shared.http.faces import Offer
    from shared.http.health import Health
    from shared.http.routes import Context
    from shared.runtime.config import Settings

log = get_logger(__name__)

INCOMING = "quanheng.incoming"
"""Where the environment of a request has the file that was sent."""
_BEGUN = "quanheng.begun"
_VARIABLE = re.compile("<[^>]*>")
_BODILESS = frozenset({HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED})
_OF_BODIES = frozenset({"Content-Type", "Content-Language", "Content-Length"})
_SECURITY_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
}


def _keys(settings: Settings) -> FixedKeys | IssuerKeys:
    """The keys from the settings, or else those of the issuer."""
    if settings.jwks is not None:
        return FixedKeys(settings.jwks)
    return IssuerKeys(settings.issuer, secure=not settings.development)


class Callers:
    """Who may call, and how often; the same on every port."""

    def __init__(self, settings: Settings) -> None:
        self._verifier = Verifier(_keys(settings), settings.issuer, settings.audience)
        self._rate = RateLimit(settings.rate_limit)

    def admit(self, request: Request, route: Route, twins: Iterable[Route] = ()) -> Actor | None:
        """Who is calling; None on a public route. Raises Problem where the route does not let them in, or not now.

        `twins` are what answers the same to other sides.
        """
        identity = None if route.access == PUBLIC else self._identify(request, route, twins)
        self._rate.admit(f"subject {identity.subject}" if identity else f"address {request.remote_addr}")
        return identity

    def _identify(self, request: Request, route: Route, twins: Iterable[Route]) -> Actor:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise Problem("unauthenticated", "send a token: Authorization: Bearer …")
        try:
            actor = self._verifier.actor(token.strip())
        except InvalidTokenError as error:
            raise Problem("unauthenticated", str(error)) from None
        except KeysUnavailableError as error:
            told = Text("签名密钥暂时无法获取：请稍后重发同一请求", f"{error}: send the same request again in a moment")
            raise Problem("unavailable", told) from None
        if not actor.may(route.access):
            held = ", ".join(sorted(f"{actor.role}:{post}" for post in actor.posts))
            theirs = (twin for twin in twins if actor.may(twin.access))
            there = [f"{twin.face}{request.path.removeprefix(route.face)}" for twin in theirs]
            instead = (
                Text(f"：请用{route.method} {there[0]}", f": use {route.method} {there[0]}") if there else Text("", "")
            )
            told = Text(
                f"此处供{route.access}使用，您是{held or actor.role}{instead.zh}",
                f"this is for {route.access}; you are {held or actor.role}{instead.en}",
            )
            raise Problem("forbidden", told)
        scope = Scope.READ if route.method == "GET" else Scope.WRITE
        if scope not in actor.scopes:
            told = Text(
                f"须有授权范围为{actor.role}:{scope}的令牌", f"this needs a token with the scope {actor.role}:{scope}"
            )
            raise Problem("forbidden", told)
        return actor


class Answer(NamedTuple):
    """What is sent."""

    status: int
    headers: Mapping[str, str]
    body: bytes | Stored

    @property
    def lines(self) -> list[tuple[bytes, bytes]]:
        """Its headers as they are sent."""
        return [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in self.headers.items()]


class Application:
    """What answers at the given doors. Once `draining`, routes answer that the process is stopping."""

    def __init__(
        self, offer: Offer, context: Context, callers: Callers, process: Health, doors: Collection[Door]
    ) -> None:
        self.draining = False
        self._context = context
        self._callers = callers
        self._mandates = offer.acting_for
        # No route has defaults for the parts of its path, so none leads to another.
        self._map = Map(redirect_defaults=False)
        self._files: list[tuple[str, re.Pattern[str]]] = []
        self._faults = {**FAULTS, **offer.faults}
        self._twins: dict[tuple[str, str], list[Route]] = {}
        for route in offer.routes:
            self._twins.setdefault(_act(route), []).append(route)
            if route.door in doors:
                self._map.add(Rule(route.path, methods=[route.method], endpoint=route))
                if route.accepts.spooled:
                    self._files.append((route.method, re.compile(_VARIABLE.sub("[^/]+", route.path))))
        shown = [*pages(offer, doors), *problems.pages(self._faults)]
        if Door.INTERNAL in doors:
            shown += health.probes(process)
        for page in shown:
            self._map.add(Rule(page.path, methods=["GET"], endpoint=page))
        # Threads that match at the same time would each do it.
        self._map.update()
        self._paths = self._map.bind("")

    def answer(self, environ: dict[str, Any]) -> Answer:
        return _answered(environ, self._answer)

    def most_bytes(self, method: str, path: str) -> int:
        """How long the body of a request may be."""
        try:
            endpoint, _ = self._paths.match(path, method)
        except HTTPException:
            return JSON.most_bytes
        return endpoint.accepts.most_bytes if isinstance(endpoint, Route) else JSON.most_bytes

    def takes_file(self, method: str, path: str) -> bool:
        """Whether the body of such a request is a file (see `admit`)."""
        return any(verb == method and form.fullmatch(path) for verb, form in self._files)

    def admit(self, environ: dict[str, Any]) -> Problem | None:
        """Whether the file may be sent; what is known of the request is kept in `environ` for the answer.

        Says why it may not, before anything of it is read.
        """
        request = Request(environ, populate_request=False)
        environ["HTTP_X_REQUEST_ID"] = correlation = _correlation_id(request)
        try:
            with bind(correlation_id=correlation):
                call = cast("Call", self._begun(request, correlation))
                if call.route.admits is not None:
                    call.route.admits(call)
        except Problem as problem:
            return problem
        except Exception as error:  # noqa: BLE001 - the last place that can answer
            return _failure(error)
        environ[_BEGUN] = call
        return None

    def caller(self, environ: Mapping[str, Any]) -> str:
        """Who sends an admitted file."""
        call: Call = environ[_BEGUN]
        return call.actor.account

    def refuse(self, problem: Problem, environ: dict[str, Any]) -> Answer:
        """Answer with `problem` what never became a request."""
        log.info("connection_refused", address=environ["REMOTE_ADDR"], code=problem.kind, detail=problem.detail)
        return _answered(environ, lambda request, _: self._problem(problem, request))

    def _answer(self, request: Request, correlation: str) -> Answer:
        try:
            status, headers, body = _written(self._reply(request, correlation))
        except Problem as problem:
            return self._problem(problem, request)
        except Exception as error:  # noqa: BLE001 - the last place that can answer
            return self._problem(_failure(error), request)
        if status == HTTPStatus.OK and request.method in {"GET", "HEAD"}:
            if isinstance(body, bytes) and "ETag" not in headers:
                headers = {**headers, "ETag": f'"{blake2b(body, digest_size=12).hexdigest()}"'}
            if is_known(headers.get("ETag", ""), request.headers.get("If-None-Match")):
                status = HTTPStatus.NOT_MODIFIED
        return Answer(status, headers, body)

    def _reply(self, request: Request, correlation: str) -> Reply:
        begun = request.environ.get(_BEGUN) or self._begun(request, correlation)
        if isinstance(begun, Reply):
            return begun
        call, route = begun, begun.route
        call.incoming = request.environ.get(INCOMING)
        call.raw_body = b"" if call.incoming else _body(request, route.accepts.most_bytes)
        reply = call.answered()
        return replace(reply, headers={**reply.headers, **route.retires.headers}) if route.retires else reply

    def _begun(self, request: Request, correlation: str) -> Call | Reply:
        """The call, before its body is read; a page is answered at once."""
        for typed in (request.path, *request.args.keys(), *request.args.values()):
            if why := refused(typed):
                raise Problem("malformed", f"the address has {why}")
        endpoint, params = self._match(request)
        if isinstance(endpoint, Page):
            return endpoint.answer(request, **params)
        if self.draining:
            raise Problem(
                "unavailable", Text("本进程正在停止：请重发请求", "this process is stopping: send the request again")
            )
        identity = self._callers.admit(request, endpoint, self._twins[_act(endpoint)])
        call = Call(
            route=endpoint,
            path=request.path,
            params=params,
            query=request.args,
            headers=request.headers,  # type: ignore[arg-type]
            raw_body=b"",
            context=self._context,
            correlation_id=correlation,
            identity=identity,
        )
        if identity is not None and (holder := request.headers.get(ON_BEHALF)) is not None:
            call.identity = self._acting_for(call, identity, holder)
        return call

    def _acting_for(self, call: Call, agent: Actor, holder: str) -> Actor:
        """The agent as who acts for the holder it names. Raises Problem without a mandate for that."""
        if self._mandates is None:
            raise Problem(
                "forbidden",
                Text(
                    f"请去掉请求头{ON_BEHALF}：本服务没有委托",
                    f"leave out the header {ON_BEHALF}: this service knows no mandates",
                ),
            )
        if call.route.in_person:
            raise Problem(
                "forbidden",
                Text(
                    "此项由持证人自己办理，代理人不能代办",
                    "the holder does this itself, not an agent on its behalf",
                ),
            )
        with call.store.reading() as tx:
            actor = self._mandates(tx, agent, holder, legal_date(call.now))
        if call.route.method != "GET" and Scope.WRITE not in actor.scopes:
            raise Problem(
                "forbidden",
                Text(f"{holder}的委托只可查阅，不可办理", f"the mandate of {holder} is to read, not to act"),
            )
        return actor

    def _match(self, request: Request) -> tuple[Page | Route, dict[str, Any]]:
        try:
            endpoint, params = self._paths.match(request.path, request.method)
        except MethodNotAllowed as error:
            allowed = ", ".join(sorted(error.valid_methods or ()))
            detail = f"{request.method} is not allowed here: use {allowed}"
            raise Problem("method_not_allowed", detail, extra={"allowed": allowed}) from None
        except HTTPException:
            raise Problem("not_found", Text(f"{request.path}没有内容", f"there is nothing at {request.path}")) from None
        return endpoint, dict(params)

    def _problem(self, problem: Problem, request: Request) -> Answer:
        language = preferred(request.headers.get("Accept-Language"))
        status, body = problems.document(problem, request.path, language, self._faults)
        headers = {
            "Content-Type": "application/problem+json",
            "Content-Language": language,
            "Vary": "Accept-Language",
        }
        if status == HTTPStatus.UNAUTHORIZED:  # RFC 9110 asks for the challenge
            headers["WWW-Authenticate"] = "Bearer"
        if "allowed" in problem.extra:
            headers["Allow"] = problem.extra["allowed"]
        if "retry_after" in problem.extra:
            headers["Retry-After"] = str(problem.extra["retry_after"])
        elif problem.kind in {"unavailable", "in_progress"}:
            headers["Retry-After"] = "1"
        return Answer(status, headers, orjson.dumps(body))


def _answered(environ: dict[str, Any], answer: Callable[[Request, str], Answer]) -> Answer:
    """What every answer has, whatever it is: its correlation id, careful headers, a figure and a line in the log."""
    request = Request(environ, populate_request=False)
    began = time.perf_counter()
    correlation = _correlation_id(request)
    with bind(correlation_id=correlation):
        status, own, body = answer(request, correlation)
        headers = {**_SECURITY_HEADERS, **own, "X-Request-Id": correlation}
        headers["Content-Length"] = str(body.size if isinstance(body, Stored) else len(body))
        if status in _BODILESS or request.method == "HEAD":
            if isinstance(body, Stored):
                body.content.close()
            body = b""
        if status in _BODILESS:
            headers = {name: value for name, value in headers.items() if name not in _OF_BODIES}
        seconds = time.perf_counter() - began
        metrics.requests.labels(status).inc()
        metrics.request_seconds.observe(seconds)
        if request.path.startswith(("/v1/", "/internal/")):
            log.info(
                "request_answered",
                method=request.method,
                path=request.path,
                status=int(status),
                milliseconds=round(seconds * 1000, 1),
            )
        return Answer(int(status), headers, body)


def _act(route: Route) -> tuple[str, str]:
    """What a route does, on whichever face."""
    return route.method, route.path.removeprefix(route.face)


def _body(request: Request, most: int) -> bytes:
    """The request's body. Raises Problem when it is larger than allowed."""
    if (request.content_length or 0) <= most:
        body = bytes(request.environ["wsgi.input"].read(most + 1)) if _has_body(request) else b""
        if len(body) <= most:
            return body
    raise Problem("too_large", Text(f"请求内容不得超过{most}字节", f"the body may have {most} bytes at most"))


def _has_body(request: Request) -> bool:
    return bool(request.content_length) or "chunked" in request.headers.get("Transfer-Encoding", "")


def _failure(error: Exception) -> Problem:
    """The problem that answers an internal error."""
    outage = isinstance(error, (OperationalError, PoolTimeout)) or (
        isinstance(error, DBAPIError) and error.connection_invalidated
    )
    if outage:
        log.warning("database_unavailable", error=repr(error))
        return Problem(
            "unavailable",
            Text(
                "数据库暂时无法使用：请稍后重发同一请求",
                "the database cannot be used just now: send the same request again in a moment",
            ),
        )
    log.error("request_failed", exc_info=error)
    return Problem(
        "internal",
        Text(
            "未作任何变更；请将本应答的correlation_id告知运维",
            "nothing was changed; tell the operators the correlation_id of this answer",
        ),
    )


def _correlation_id(request: Request) -> str:
    """The caller's X-Request-Id where it is usable, else a new one."""
    given = request.headers.get("X-Request-Id", "")
    usable = 0 < len(given) <= 128 and given.isascii() and given.isprintable()  # noqa: PLR2004 - generous
    return given if usable else new_id()


def _written(reply: Reply) -> Answer:
    """The reply with its body as it is sent."""
    body, headers = reply.body, reply.headers
    if body is None:
        return Answer(reply.status, headers, b"")
    if isinstance(body, Stored):
        return Answer(reply.status, headers, body)
    if "Content-Type" in headers:
        return Answer(reply.status, headers, body.encode() if isinstance(body, str) else body)
    return Answer(reply.status, {"Content-Type": "application/json", **headers}, orjson.dumps(body))
