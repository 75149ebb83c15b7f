"""From the event loop, which reads requests and sends answers, to the threads that run the application, and back."""

from __future__ import annotations

import asyncio
from contextlib import ExitStack, suppress
from functools import partial
from io import BytesIO
from queue import SimpleQueue
from threading import Semaphore, Thread
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar
from urllib.parse import unquote_to_bytes

from shared.http.application import INCOMING
from shared.http.incoming import PIECE_BYTES, Spool, receive_file
from shared.http.routes import JSON
from shared.problems import Problem

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop, Future
    from collections.abc import Callable, Mapping

    from shared.http.application import Answer, Application

_T = TypeVar("_T")
CLOSE = (b"connection", b"close")
HELD_UP_SECONDS = 0.02
PROBES = frozenset({"/livez", "/readyz", "/metrics"})


def environ_of(scope: Mapping[str, Any], body: bytes) -> dict[str, Any]:
    """What werkzeug reads of a request (the environment of PEP 3333), from its ASGI scope."""
    host, port = scope.get("server") or ("localhost", 0)
    environ = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(scope["raw_path"]).decode("latin-1"),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "SERVER_NAME": host,
        "SERVER_PORT": str(port),
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": (scope["client"] or ("",))[0],
        "wsgi.url_scheme": "http",
        "wsgi.input": BytesIO(body),
    }
    for name, value in scope["headers"]:
        key = name.decode("latin-1").upper().replace("-", "_")
        if key not in {"CONTENT_TYPE", "CONTENT_LENGTH"}:
            key = f"HTTP_{key}"
        text = value.decode("latin-1")
        environ[key] = f"{environ[key]},{text}" if key in environ else text
    return environ


class Threads:
    """`count` threads that do work for the event loop, and `more` that help while those are held up: each takes one
    piece of work when something waits and nothing was begun for HELD_UP_SECONDS.

    A process that ends does not wait for them: a transaction that is not committed by then is undone.
    """

    def __init__(self, name: str, count: int, more: int = 0) -> None:
        self._work: SimpleQueue[tuple[AbstractEventLoop, Future[Any], Callable[[], Any]]] = SimpleQueue()
        self._begun = self._begun_before = 0
        self._watched = not more
        self._help = Semaphore(0)
        for number in range(count + more):
            run = self._run if number < count else self._run_when_held_up
            Thread(target=run, name=f"{name}-{number}", daemon=True).start()

    async def do(self, work: Callable[[], _T]) -> _T:
        """The result of `work`, done in the next free thread. Raises what it raises."""
        loop = asyncio.get_running_loop()
        result: Future[_T] = loop.create_future()
        self._work.put((loop, result, work))
        if not self._watched:
            self._watched, self._begun_before = True, self._begun
            loop.call_later(HELD_UP_SECONDS, self._watch, loop)
        return await result

    def _watch(self, loop: AbstractEventLoop) -> None:
        if self._work.empty():
            self._watched = False
            return
        if self._begun == self._begun_before:
            self._help.release()
        self._begun_before = self._begun
        loop.call_later(HELD_UP_SECONDS, self._watch, loop)

    def _run(self) -> None:
        while True:
            self._do_next()

    def _run_when_held_up(self) -> None:
        while True:
            self._help.acquire()
            self._do_next()

    def _do_next(self) -> None:
        loop, result, work = self._work.get()
        self._begun += 1
        try:
            settle, value = _succeed, work()
        except Exception as error:  # noqa: BLE001 - raised where the result is awaited
            settle, value = _fail, error  # type: ignore[assignment]
        with suppress(RuntimeError):  # the loop has ended
            loop.call_soon_threadsafe(settle, result, value)


def _succeed(result: Future[Any], value: Any) -> None:
    if not result.done():
        result.set_result(value)


def _fail(result: Future[Any], error: Exception) -> None:
    if not result.done():
        result.set_exception(error)


class Pools(NamedTuple):
    """Threads by what they answer. Probes are answered while all others are busy.

    To read is mostly work in Python, one thread at a time, and with each further thread the interpreter is handed over
    more often; a change mostly waits for PostgreSQL to lock and to commit (ADR 8).
    """

    writers: Threads
    readers: Threads
    probes: Threads

    def of(self, method: str, path: str) -> Threads:
        if path in PROBES:
            return self.probes
        return self.readers if method in {"GET", "HEAD"} else self.writers


class Gateway:
    """The ASGI application of a port. It reads a complete body, within `body_seconds`, before a thread is taken for it.

    What is sent as a file goes into `spool`, once a thread has looked who sends it.
    """

    def __init__(self, application: Application, pools: Pools, body_seconds: float, spool: Spool) -> None:
        self._application = application
        self._pools = pools
        self._body_seconds = body_seconds
        self._spool = spool

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        answer = self._application.answer
        if self._application.takes_file(scope["method"], scope["path"]):
            await self._take_file(scope, receive, send)
            return
        try:
            async with asyncio.timeout(self._body_seconds):
                body, whole = await _body(scope, receive, self._too_long)
        except TimeoutError:
            body, whole = b"", False
            late = Problem("timeout", f"the body did not arrive within {self._body_seconds:g} s")
            answer = partial(self._application.refuse, late)
        if body is None:
            return
        environ = environ_of(scope, body)
        threads = self._pools.of(scope["method"], scope["path"])
        await self._send(send, await threads.do(lambda: answer(environ)), last=not whole)

    async def _take_file(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer a request whose body is a file."""
        answer = self._application.answer
        environ = environ_of(scope, b"")
        threads = self._pools.writers
        problem, whole = await threads.do(lambda: self._application.admit(environ)), False
        with ExitStack() as held:
            if problem is None:
                try:
                    file = held.enter_context(self._spool.file(self._application.caller(environ)))
                    announced = int(environ.get("CONTENT_LENGTH") or 0)
                    incoming = await receive_file(receive, file, announced, self._spool.most, self._body_seconds)
                    if incoming is None:
                        return
                    environ[INCOMING], whole = incoming, True
                except Problem as error:
                    problem = error
            if problem is not None:
                answer = partial(self._application.refuse, problem)
            await self._send(send, await threads.do(lambda: answer(environ)), last=not whole)

    async def _send(self, send: Any, answer: Answer, *, last: bool) -> None:
        """Send the answer; the connection is closed after the `last`."""
        headers, body = answer.lines, answer.body
        if self._application.draining or last:
            headers.append(CLOSE)
        await send({"type": "http.response.start", "status": answer.status, "headers": headers})
        if isinstance(body, bytes):
            await send({"type": "http.response.body", "body": body})
            return
        loop = asyncio.get_running_loop()
        with body.content as content:
            while piece := await loop.run_in_executor(None, content.read, PIECE_BYTES):
                await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body", "body": b""})

    def _too_long(self, scope: Any, size: int) -> bool:
        # Routes are only looked for where the body is longer than most may be.
        return size > JSON.most_bytes and size > self._application.most_bytes(scope["method"], scope["path"])


async def _body(scope: Any, receive: Any, too_long: Callable[[Any, int], bool]) -> tuple[bytes | None, bool]:
    """The body as far as it was read, and whether it is complete; None where the connection was lost. Of a body that
    is too large no more is read than shows it."""
    for name, value in scope["headers"]:
        if name == b"content-length" and too_long(scope, int(value)):
            return b"", False
    parts, size = [], 0
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return None, False
        parts.append(message["body"])
        size += len(message["body"])
        if not message["more_body"] or too_long(scope, size):
            return b"".join(parts), not message["more_body"]
