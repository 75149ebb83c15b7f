"""Calls to the services on behalf of whoever looks at a page: theirs are the token, the language and the time."""

from __future__ import annotations

import json
import re
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Self, TypeVar

import aiohttp
import orjson

from services import SERVICES
from services.portal.timing import note
from shared.identity import Role
from shared.observability import get_logger

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping

    from services.portal.settings import Settings

log = get_logger(__name__)

TIMEOUT_SECONDS = 10.0
FILE_SECONDS = 300.0
"""What is taken from a file, or taken back, is entered line by line: 5,000 take minutes on a busy machine."""
FACES = {Role.APPLICANT: "/v1", Role.LAB: "/v1/lab", Role.EXPERT: "/v1/expert", Role.STAFF: "/internal/v1"}
"""How the paths of each side begin."""
_DOCUMENT_SECONDS = 60.0
_REMEMBERED_SECONDS = 60.0
_MOST_REMEMBERED = 100
_T = TypeVar("_T")
_UNAVAILABLE = frozenset({502, 503, 504})


class ProblemError(Exception):
    """A service refused: `told` is its problem (RFC 9457)."""

    def __init__(self, status: int, told: Mapping[str, Any], retry_after: str = "") -> None:
        super().__init__(f"{status} {told.get('code')}: {told.get('detail')}")
        self.status, self.told, self.retry_after = status, told, retry_after

    @property
    def code(self) -> str:
        return str(self.told.get("code", ""))

    @property
    def faults(self) -> list[dict[str, str]]:
        return list(self.told.get("invalid_params", []))

    @property
    def reasons(self) -> list[str]:
        """What it says is wrong: each fault, or the whole."""
        return [one["reason"] for one in self.faults] or [str(self.told.get("detail", ""))]


class UnavailableError(Exception):
    """A service did not answer, or could not just now. Nothing was changed, or the same may be sent again."""

    def __init__(self, service: str, retry_after: str = "") -> None:
        super().__init__(service)
        self.service, self.retry_after = service, retry_after


@dataclass(frozen=True, slots=True)
class Answer:
    """What a service answered."""

    status: int
    body: Any
    etag: str = ""
    location: str = ""
    raw: bytes = b""
    media: str = ""
    retry_after: str = ""

    @classmethod
    def of(cls, answer: aiohttp.ClientResponse, raw: bytes) -> Answer:
        headers = answer.headers
        media = headers.get("Content-Type", "")
        body = orjson.loads(raw) if raw and media.partition(";")[0].endswith("json") else None
        etag, location, retry_after = (headers.get(name, "") for name in ("ETag", "Location", "Retry-After"))
        return cls(answer.status, body, etag, location, raw, media, retry_after)

    def granted(self) -> Answer:
        """Raises ProblemError if it is a refusal."""
        if self.status >= HTTPStatus.BAD_REQUEST:
            raise ProblemError(self.status, self.body if isinstance(self.body, dict) else {}, self.retry_after)
        return self


@contextmanager
def _waiting_for(service: str, path: str) -> Iterator[None]:
    """Counts the time to `timed_calls`. Raises UnavailableError if the service does not answer."""
    began = time.perf_counter()
    try:
        yield
    except (aiohttp.ClientError, TimeoutError) as error:
        log.warning("service_unreachable", to=service, path=path, error=repr(error))
        raise UnavailableError(service) from error
    finally:
        note(time.perf_counter() - began)


def following(told: Mapping[str, Any]) -> str:
    """The cursor of the page behind this one of a list; empty at its end."""
    return str(told.get("next", "")).partition("cursor=")[2].partition("&")[0]


@dataclass(frozen=True, slots=True)
class Operation:
    """A command as its OpenAPI document describes it. `schema` is that of its body, `schemas` what it refers to."""

    schema: Mapping[str, Any]
    schemas: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Document:
    """The OpenAPI document of one service on one face."""

    whole: Mapping[str, Any]
    etag: str
    read_at: float
    operations: Mapping[tuple[str, str], Mapping[str, Any]] = field(default_factory=dict)

    @property
    def schemas(self) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self.whole["components"]["schemas"]
        return found

    def find(self, method: str, path: str) -> Operation | None:
        """The operation that answers `path`."""
        for (verb, template), told in self.operations.items():
            if verb == method and _matches(template, path):
                content = told.get("requestBody", {}).get("content", {}).get("application/json", {})
                schema = content.get("schema", {"type": "object", "properties": {}})
                return Operation(schema, self.schemas)
        return None

    def answered(self, method: str, path: str) -> Mapping[str, Any]:
        """The schema of the answer at `path`; empty where the document does not know."""
        for (verb, template), told in self.operations.items():
            if verb == method and _matches(template, path):
                for status, answer in told["responses"].items():
                    if status.startswith("2"):
                        found: Mapping[str, Any] = answer["content"]["application/json"]["schema"]
                        return found
        return {}


class Services:
    """The connections to all services, and their OpenAPI documents: one for the process."""

    def __init__(self, settings: Settings) -> None:
        self._addresses = {name: settings.services[name].rstrip("/") for name in SERVICES}
        self._documents: dict[tuple[str, str], Document] = {}
        self._remembered: dict[str, tuple[float, Any]] = {}

    async def __aenter__(self) -> Self:
        self._http = aiohttp.ClientSession(
            cookie_jar=aiohttp.DummyCookieJar(),
            # Nothing is compressed on the way within a cluster, so a file can be passed on as it comes.
            headers={"Accept-Encoding": "identity"},
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._http.close()

    async def ask(self, service: str, method: str, path: str, **options: Any) -> Answer:
        """The answer, whatever it is. Raises UnavailableError."""
        with _waiting_for(service, path):
            async with await self._request(service, method, path, **options) as answer:
                return Answer.of(answer, await answer.read())

    async def open(self, service: str, path: str, headers: Mapping[str, str]) -> aiohttp.ClientResponse:
        """The answer, whatever it is, of which only the head has been read: whoever asks reads the rest and closes it.

        Raises UnavailableError.
        """
        with _waiting_for(service, path):
            return await self._request(service, "GET", path, headers=headers)

    async def _request(
        self,
        service: str,
        method: str,
        path: str,
        *,
        timeout: float = TIMEOUT_SECONDS,  # noqa: ASYNC109 - of the client, which says what it waited for
        **options: Any,
    ) -> aiohttp.ClientResponse:
        # Each wait has its limit, the whole has none: a file takes as long as it takes.
        waits = aiohttp.ClientTimeout(total=None, connect=timeout, sock_read=timeout)
        url = self._addresses[service] + path
        answer = await self._http.request(method, url, timeout=waits, allow_redirects=False, **options)
        if answer.status in _UNAVAILABLE:
            answer.close()
            raise UnavailableError(service, answer.headers.get("Retry-After", ""))
        return answer

    async def document(self, service: str, side: Role) -> Document:
        """What the service offers that side, at most a minute old; older while it does not answer.

        Raises UnavailableError.
        """
        known = self._documents.get((service, side))
        if known and time.monotonic() - known.read_at < _DOCUMENT_SECONDS:
            return known
        headers = {"If-None-Match": known.etag} if known else {}
        try:
            answer = await self.ask(service, "GET", f"{FACES[side]}/openapi.json", headers=headers)
        except UnavailableError:
            if known:
                return known
            raise
        if answer.status == HTTPStatus.NOT_MODIFIED and known:
            whole = known.whole
        elif answer.status == HTTPStatus.OK:
            whole = answer.body
        else:
            raise UnavailableError(service)
        operations = {
            (method.upper(), path): told for path, item in whole["paths"].items() for method, told in item.items()
        }
        found = Document(whole, answer.etag, time.monotonic(), operations)
        self._documents[service, side] = found
        return found

    async def remembered(self, key: str, ask: Callable[[], Awaitable[_T]]) -> _T:
        """What `ask` finds, which is the same for everybody, at most a minute old. Raises what `ask` raises."""
        at, found = self._remembered.get(key, (float("-inf"), None))
        if time.monotonic() - at < _REMEMBERED_SECONDS:
            kept: _T = found
            return kept
        fresh = await ask()
        if len(self._remembered) >= _MOST_REMEMBERED:
            self._remembered.clear()
        self._remembered[key] = time.monotonic(), fresh
        return fresh

    async def alive(self) -> bool:
        """Whether one service at least answers: with one down, the others' pages go on."""
        for service in SERVICES:
            try:
                await self.ask(service, "GET", "/problems/not_found", headers={"Accept": "application/json"})
            except UnavailableError:
                continue
            return True
        return False


@dataclass(frozen=True, slots=True)
class Api:
    """The services, as one person sees them during one request."""

    services: Services
    side: Role | None
    headers: Mapping[str, str]

    @property
    def face(self) -> str:
        return FACES[self.side] if self.side else "/v1"

    async def get(self, service: str, path: str, **query: Any) -> Answer:
        """Raises ProblemError, UnavailableError."""
        return await self._call(service, "GET", path, params={k: v for k, v in query.items() if v not in (None, "")})

    async def post(
        self,
        service: str,
        path: str,
        body: Any = None,
        *,
        etag: str = "",
        key: str = "",
        dry_run: bool = False,
        timeout: float = TIMEOUT_SECONDS,  # noqa: ASYNC109 - of the client, which says what it waited for
    ) -> Answer:
        """Do something. `etag` is the version that it is decided on; sent again with the same `key` it is done once.
        `timeout` is in seconds.

        Raises ProblemError, UnavailableError.
        """
        return await self._send("POST", service, path, body, etag=etag, key=key, dry_run=dry_run, timeout=timeout)

    async def put(self, service: str, path: str, body: Any, *, etag: str = "", key: str = "") -> Answer:
        """Raises ProblemError, UnavailableError."""
        return await self._send("PUT", service, path, body, etag=etag, key=key, dry_run=False, timeout=TIMEOUT_SECONDS)

    async def send_file(
        self, service: str, path: str, content: bytes, media: str, *, etag: str, key: str, **query: str
    ) -> Answer:
        """Send a file; sent again with the same `key` it is taken once. Raises ProblemError, UnavailableError."""
        headers = {"Content-Type": media, "If-Match": etag, "Idempotency-Key": key}
        params = {name: value for name, value in query.items() if value}
        more = {"params": params, "headers": headers, "data": content}
        return await self._call(service, "POST", path, **more, timeout=FILE_SECONDS)

    async def pass_on(
        self, service: str, method: str, path: str, content: AsyncIterator[bytes], media: str, *, key: str, **query: str
    ) -> Answer:
        """Send a file as it arrives; sent again with the same `key` it is taken once.

        Raises ProblemError, UnavailableError, and what `content` raises.
        """
        headers = {"Content-Type": media or "application/octet-stream", "Idempotency-Key": key}
        failed: list[Exception] = []

        async def watched() -> AsyncIterator[bytes]:
            try:
                async for piece in content:
                    yield piece
            except Exception as error:
                failed.append(error)
                raise

        try:
            return await self._call(service, method, path, params=query, headers=headers, data=watched())
        except UnavailableError:
            # The client takes what goes wrong with the content for a lost connection.
            if failed:
                raise failed[0] from None
            raise

    async def delete(self, service: str, path: str, *, key: str = "") -> Answer:
        """Raises ProblemError, UnavailableError."""
        return await self._call(service, "DELETE", path, headers={"Idempotency-Key": key} if key else {})

    async def open(self, service: str, path: str) -> aiohttp.ClientResponse:
        """A file, to be read as it comes and closed then. Raises ProblemError, UnavailableError."""
        answer = await self.services.open(service, path, self.headers)
        if answer.status >= HTTPStatus.BAD_REQUEST:
            async with answer:
                Answer.of(answer, await answer.read()).granted()
        return answer

    async def document(self, service: str) -> Document:
        return await self.services.document(service, self.side or Role.APPLICANT)

    async def _send(
        self,
        method: str,
        service: str,
        path: str,
        body: Any,
        *,
        etag: str,
        key: str,
        dry_run: bool,
        timeout: float,  # noqa: ASYNC109 - as `post`
    ) -> Answer:
        headers = {"Content-Type": "application/json"}
        if etag:
            headers["If-Match"] = etag
        params = {"dry_run": "true"} if dry_run else {}
        content = json.dumps({} if body is None else body, ensure_ascii=False).encode()
        if key and not dry_run:
            # Whoever goes back and changes what they sent sends something else: whether it still may be done, its
            # version says. What states no version is done once, whatever it says.
            headers["Idempotency-Key"] = f"{key}-{sha256(content).hexdigest()[:16]}" if etag else key
        more = {"params": params, "headers": headers, "data": content}
        return await self._call(service, method, path, **more, timeout=timeout)

    async def _call(self, service: str, method: str, path: str, **options: Any) -> Answer:
        headers = {**self.headers, **options.pop("headers", {})}
        return (await self.services.ask(service, method, path, headers=headers, **options)).granted()


def _matches(template: str, path: str) -> bool:
    return re.fullmatch(re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(template)), path) is not None
