"""An HTTP client for tests that returns every response, also errors."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import urllib3

if TYPE_CHECKING:
    from collections.abc import Iterator

TIMEOUT_SECONDS = 30
_FOLLOWING = urllib3.Retry(total=None, connect=0, read=0, status=0, other=0, redirect=3)
_CONNECTIONS = urllib3.PoolManager(timeout=TIMEOUT_SECONDS, retries=_FOLLOWING, maxsize=64)
"""Kept open from one request to the next, as a client of a program's own would."""


@dataclass(frozen=True)
class Answer:
    """A response."""

    status: int
    headers: urllib3.HTTPHeaderDict
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def faults(self) -> dict[str, str]:
        """The fault codes, by name of the field."""
        return {fault["name"]: fault["code"] for fault in self.json.get("invalid_params", [])}


@dataclass(frozen=True)
class Caller:
    """A client of one service, who reads English; anonymous without `token`. `now` is sent as Quanheng-Now."""

    url: str
    token: str | None = None
    now: str | None = None

    def get(self, path: str, **headers: str) -> Answer:
        return self.send("GET", path, None, **headers)

    def items(self, path: str, **headers: str) -> Iterator[Any]:
        """The items of a list, page after page: other tests' cases are in it too."""
        page: dict[str, Any] = {"items": [True], "next": path}
        # The feed names the place after its last event too: more may come.
        while page["items"] and page.get("next"):
            answer = self.get(page["next"], **headers)
            if answer.status != 200:
                raise AssertionError(answer.body.decode())
            page = answer.json
            yield from page["items"]

    def post(self, path: str, body: Any = None, **headers: str) -> Answer:
        return self.send("POST", path, json.dumps({} if body is None else body).encode(), **headers)

    def put(self, path: str, body: Any, **headers: str) -> Answer:
        return self.send("PUT", path, json.dumps(body).encode(), **headers)

    def send(self, method: str, path: str, body: bytes | None, **headers: str) -> Answer:
        """Send `body` unchanged; write header names with underscores, as in `If_Match`."""
        sent = {"Accept-Language": "en"}
        if body is not None:
            sent["Content-Type"] = "application/json"
        if self.token is not None:
            sent["Authorization"] = f"Bearer {self.token}"
        if self.now is not None:
            sent["Quanheng-Now"] = self.now
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        answer = _CONNECTIONS.request(method, self.url + quote(path, safe="/?=&%"), body=body, headers=sent)
        return Answer(answer.status, answer.headers, answer.data)
