"""Headers of every answer, which posts are refused, and how often visitors may ask."""

from __future__ import annotations

import math
import re
import time
from typing import TYPE_CHECKING

from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from starlette.datastructures import MutableHeaders
from starlette.responses import PlainTextResponse

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from services.portal.settings import Settings

MAX_BODY_BYTES = 1 << 20
MAX_LIST_BYTES = 3 << 20
"""Of a form with a list of up to 2 MiB that a register is filled from."""
_LISTS = re.compile(r"/(?:office|lab)/(?:import|historic)/\w+")
HEADERS = {
    # No script, no style and no picture but the portal's own, and no other site shows it in a frame.
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self';"
        " form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


def same_origin(request: Request, own: str) -> bool:
    """Whether a request that changes something comes from a page of ours. Browsers say so in one of two headers; who
    says neither is refused."""
    if site := request.headers.get("Sec-Fetch-Site"):
        return site in {"same-origin", "none"}
    return request.headers.get("Origin") == own


def _most(scope: Scope) -> int:
    """The most bytes that are read of a form."""
    return MAX_LIST_BYTES if _LISTS.fullmatch(scope["path"]) else MAX_BODY_BYTES


def _takes_file(scope: Scope) -> bool:
    """Whether a file is sent to a page that passes it on."""
    media = next((value for name, value in scope["headers"] if name == b"content-type"), b"")
    path = scope["path"].rstrip("/")
    return media.startswith(b"multipart/form-data") and path.startswith("/my/") and path.endswith("/documents")


class Visitors:
    """Counts what visitors ask for who are not signed in, per process; whoever is signed in the services count."""

    def __init__(self, settings: Settings) -> None:
        self._allowed, self._header = settings.rate_limit, settings.visitor_header
        self._counted = MovingWindowRateLimiter(MemoryStorage())

    def wait(self, request: Request) -> int:
        """The seconds that this visitor has to wait, who asked too often; 0 for who did not, and is counted."""
        told = request.headers.get(self._header, "") if self._header else ""
        visitor = told or (request.client.host if request.client else "")
        if self._allowed is None or self._counted.hit(self._allowed, visitor):
            return 0
        reset = self._counted.get_window_stats(self._allowed, visitor).reset_time
        return max(1, math.ceil(reset - time.time()))


class Guard:
    """Adds the headers, and refuses bodies that are too large before they are read."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app, self._production = app, not settings.development

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        length = next((value for name, value in scope["headers"] if name == b"content-length"), b"0")
        if _takes_file(scope):
            length = b"0"  # how large a file may be its page says, which reads it piece by piece
        chunked = any(name == b"transfer-encoding" for name, _ in scope["headers"])
        if chunked or not length.isdigit() or int(length) > _most(scope):
            await PlainTextResponse("提交的内容过大 What was sent is too large (1 MiB)\n", 413)(scope, receive, send)
            return

        async def told(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
                if self._production:
                    headers.setdefault("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
                headers.setdefault("Cache-Control", "no-cache")
            await send(message)

        await self._app(scope, receive, told)
