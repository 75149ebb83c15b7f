"""A route is data: method, path, who may call it, and the function that answers."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from enum import StrEnum
from typing import TYPE_CHECKING, Any, BinaryIO
from urllib.parse import urlencode

import orjson
from marshmallow import ValidationError
from werkzeug.http import http_date

from shared.http.idempotency import Once
from shared.law import LawError
from shared.problems import Problem
from shared.runtime.time import legal_date
from shared.schemas import Instant, instance, load
from shared.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from marshmallow import Schema
    from sqlalchemy import Connection

    from shared.http.incoming import Incoming
    from shared.identity import Actor
    from shared.law import RuleSet
    from shared.runtime.config import Settings
    from shared.runtime.database import Store
    from shared.runtime.time import TimeSource
    from shared.uploads.store import Contents

ON_BEHALF = "Quanheng-On-Behalf-Of"
"""The header in which an agent names the holder for whom it calls."""
PUBLIC = "public"
"""Access of a route that needs no token."""
_INSTANT = Instant()
MAX_DEPTH = 32
"""How deep arrays and objects of a body may be nested. No form needs as much; JSON writers fail at 255."""


@dataclass(frozen=True, slots=True)
class Media:
    """A type of bodies: as `Content-Type` says it, `also` in these words, and how long one may be.

    What is `spooled` arrives in a temporary file (`Call.incoming`), of any type, and as long as the settings allow.
    """

    type: str
    most_bytes: int
    also: tuple[str, ...] = ()
    spooled: bool = False


JSON = Media("application/json", 1 << 20, ("application/merge-patch+json",))
XLSX = Media("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", 2 << 20)
XML = Media("application/xml", 2 << 20, ("text/xml",))
FILE = Media("application/octet-stream", 50 << 20, spooled=True)


class Door(StrEnum):
    """The ports of a process, where staff have one of their own."""

    PUBLIC = "public"
    INTERNAL = "internal"


@dataclass(frozen=True, slots=True)
class Stored:
    """The content of an answer that is sent piece by piece and closed then; `size` in bytes."""

    content: BinaryIO
    size: int


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer. `body` is JSON data, or what the `Content-Type` of the headers says, or None for no content."""

    body: Any
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Retirement:
    """A route is going away: this was said on the day `since`, it answers through the day `until` (both UTC), and
    `successor` is the path to use instead."""

    since: date
    until: date
    successor: str

    @property
    def headers(self) -> dict[str, str]:
        """What its answers say of it (RFC 9745, RFC 8594, RFC 5829)."""
        said = datetime.combine(self.since, time.min, UTC)
        return {
            "Deprecation": f"@{said.timestamp():.0f}",
            "Sunset": http_date(datetime.combine(self.until, time(23, 59, 59), UTC)),
            "Link": f'<{self.successor}>; rel="successor-version"',
        }


@dataclass(frozen=True, slots=True)
class Route:
    """`access` is `public`, a role, or `staff:` and a post (see Actor.may). The rest tells readers what to expect."""

    method: str
    path: str
    answer: Callable[[Call], Reply]
    access: str
    summary: Text
    takes: type[Schema] | None = None
    """The body."""
    accepts: Media = JSON
    """The type of the body; with any other than JSON `takes` is nothing, and the body is a file."""
    asks: type[Schema] | None = None
    """The query parameters."""
    gives: type[Schema] | None = None
    """The body of the answer."""
    media: str = "application/json"
    """The type of the answer; with any other than JSON `gives` is nothing."""
    status: int = 200
    """The status of the answer."""
    problems: tuple[str, ...] = ()
    """Kinds of problems (`problems.KINDS`) it may answer, besides those that any route of its kind may."""
    versioned: bool = False
    """What it is about has versions: the answer's ETag is one, and a command names the one it means in If-Match."""
    about: str = ""
    """More than the summary says."""
    leaves: Mapping[str, Any] = field(default_factory=dict, hash=False)
    """Values of the example answer that differ from the example of `gives`: the state after the action."""
    admits: Callable[[Call], object] | None = None
    """Raises Problem for who may not send a file, before it is read."""
    in_person: bool = False
    """Not done by agents: what would outlast their mandate, or change it."""
    operations: tuple[Route, ...] | None = None
    """What documents list in its place, where the last part of the path decides what is done."""

    @property
    def face(self) -> str:
        """How the paths of all routes for that side begin; empty where it is of none."""
        return next((face for face in _FACES if self.path.startswith(f"{face}/")), "")

    @property
    def door(self) -> Door:
        return Door.INTERNAL if self.path.startswith("/internal/") else Door.PUBLIC

    by: tuple[str, ...] = ()
    """Everybody who may, where several posts may."""
    retires: Retirement | None = None
    """That it goes away."""

    @property
    def doers(self) -> tuple[str, ...]:
        """Who may call it."""
        return self.by or (self.access,)


_FACES = ("/internal/v1", "/v1/lab", "/v1/expert", "/v1")
"""The office's, the laboratories', the experts' and everybody else's, the longer before what they begin with."""


@dataclass(frozen=True, slots=True)
class Page:
    """What every process answers: to anybody, and to GET alone."""

    path: str
    answer: Callable[..., Reply]
    """Called with the request and what stands in the variables of the path."""


@dataclass(frozen=True, slots=True)
class Context:
    """What a process has for the functions that answer."""

    time: TimeSource
    store: Store
    rules: RuleSet
    settings: Settings
    files: Contents | None = None
    """Where what applicants send is kept."""


@dataclass(slots=True)
class Call:
    """One request, as the functions that answer see it."""

    route: Route
    path: str
    params: Mapping[str, str]
    query: Mapping[str, str]
    headers: Mapping[str, str]
    raw_body: bytes
    context: Context
    correlation_id: str
    identity: Actor | None = None
    incoming: Incoming | None = None
    """The file that was sent, on a route that takes one."""
    _tx: Connection | None = field(init=False, default=None)

    def answered(self) -> Reply:
        """What the route's function answers. Raises Problem."""
        try:
            key = self.headers.get("Idempotency-Key")
            # What nobody in particular asks for changes nothing.
            if key is None or self.route.method == "GET" or self.route.access == PUBLIC:
                return self.route.answer(self)
            asked = urlencode(sorted(self.query.items()))
            sent = self.incoming.sha256.encode() if self.incoming else self.raw_body
            request = f"{self.route.method} {self.path}?{asked}\n".encode() + sent
            once = Once.of(self.actor.account, key, request)
            return self.route.answer(self) if self.dry_run else self._answered_once(once)
        except LawError as error:
            if "Quanheng-Now" not in self.headers:
                raise
            raise Problem(
                "malformed", Text(f"请求头Quanheng-Now：{error.told.zh}", f"Quanheng-Now: {error.told.en}")
            ) from None

    def _answered_once(self, once: Once) -> Reply:
        with self.transaction() as tx:
            if earlier := once.earlier(tx):
                return Reply(*earlier)
            self._tx = tx
            reply = self.route.answer(self)
            once.keep(tx, reply.body, reply.status, reply.headers)
            return reply

    @property
    def time(self) -> TimeSource:
        return self.context.time

    @property
    def store(self) -> Store:
        return self.context.store

    @property
    def rules(self) -> RuleSet:
        return self.context.rules

    @property
    def settings(self) -> Settings:
        return self.context.settings

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """The transaction of a command: undone where it raises or was only a dry run.

        Under an `Idempotency-Key` the answer is kept in the same transaction.
        """
        if self._tx is not None:
            yield self._tx
            return
        with self.store.transaction(dry_run=self.dry_run) as tx:
            yield tx

    @property
    def actor(self) -> Actor:
        """Who is calling. The route's access has been checked; a public route has no actor."""
        if self.identity is None:
            raise Problem("unauthenticated", "send a token: Authorization: Bearer …")
        return self.identity

    @property
    def now(self) -> datetime:
        """The instant of this call, UTC: that of the time source, or what the caller gave where that is allowed."""
        given = self.headers.get("Quanheng-Now")
        if given is None:
            return self.time.now()
        if not getattr(self.time, "accepts_given", False):
            raise Problem("time_refused", "leave out the header Quanheng-Now: this system keeps real time")
        try:
            instant = _INSTANT.deserialize(given)
            legal_date(instant)
        except (ValidationError, OverflowError):
            raise Problem(
                "malformed",
                f"Quanheng-Now: {given!r} is not an instant with offset; write for example 2013-09-17T09:00:00+08:00",
            ) from None
        return self.time.now(instant)

    @property
    def dry_run(self) -> bool:
        given = self.query.get("dry_run", "false")
        if given not in {"true", "false"}:
            raise Problem("malformed", f"dry_run={given!r}: write true or false")
        return given == "true"

    @property
    def json(self) -> Any:
        """The body as JSON data; an empty body is an empty object. Raises Problem."""
        if not self.raw_body:
            return {}
        self._refuse_other_media()
        if b"\\u0000" in self.raw_body:
            raise Problem("malformed", "the body has the character U+0000, which no text can hold")
        try:
            data = orjson.loads(self.raw_body)
        except orjson.JSONDecodeError as error:
            raise Problem("malformed", f"the body is not JSON: {error}") from None
        # Most bodies have so few brackets that nobody need look how they stand.
        if self.raw_body.count(b"{") + self.raw_body.count(b"[") > MAX_DEPTH and _deeper(data, MAX_DEPTH):
            raise Problem("malformed", f"the body is nested deeper than {MAX_DEPTH} levels")
        return data

    @property
    def file(self) -> bytes:
        """The body of a route that takes a file. Raises Problem."""
        self._refuse_other_media()
        if not self.raw_body:
            raise Problem("malformed", f"there is no body: send {self.route.accepts.type}")
        return self.raw_body

    def _refuse_other_media(self) -> None:
        accepts = self.route.accepts
        stated = self.headers.get("Content-Type", accepts.type)
        if stated.partition(";")[0].strip().lower() not in (accepts.type, *accepts.also):
            raise Problem("unsupported_media_type", f"Content-Type is {stated!r}: send {accepts.type}")

    @property
    def asked(self) -> dict[str, Any]:
        """The query, as the route's `asks` reads it. Raises Problem with every fault at once."""
        if self.route.asks is None:
            raise TypeError(f"{self.route.method} {self.route.path} asks for nothing")
        try:
            asked = {name: text for name, text in self.query.items() if self.route.method == "GET" or name != "dry_run"}
            return load(instance(self.route.asks), asked)
        except Problem as problem:
            raise Problem("malformed", problem.detail, problem.violations) from None

    def body(self, schema: Schema, *, partial: bool = False) -> dict[str, Any]:
        """The body, checked against `schema`. Raises Problem with every fault at once."""
        return load(schema, self.json, partial=partial)


def _deeper(data: Any, limit: int) -> bool:
    """Whether arrays and objects are nested deeper than `limit`."""
    level = [data]
    for _ in range(limit):
        values = (value for each in level for value in (each.values() if isinstance(each, dict) else each))
        level = [value for value in values if isinstance(value, dict | list)]
    return bool(level)
