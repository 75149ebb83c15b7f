"""An HTTP client for tests that returns every response, also errors."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

if TYPE_CHECKING:
    from email.message import Message

TIMEOUT_SECONDS = 30


@dataclass(frozen=True)
class Answer:
    """A response."""

    status: int
    headers: Message
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

    def post(self, path: str, body: Any = None, **headers: str) -> Answer:
        return self.send("POST", path, json.dumps({} if body is None else body).encode(), **headers)

    def put(self, path: str, body: Any, **headers: str) -> Answer:
        return self.send("PUT", path, json.dumps(body).encode(), **headers)

    def send(self, method: str, path: str, body: bytes | None, **headers: str) -> Answer:
        """Send `body` unchanged; write header names with underscores, as in `If_Match`."""
        request = urllib.request.Request(  # noqa: S310 - the test's own address
            self.url + quote(path, safe="/?=&%"), data=body, method=method
        )
        if body is not None:
            request.add_header("Content-Type", "application/json")
        if self.token is not None:
            request.add_header("Authorization", f"Bearer {self.token}")
        if self.now is not None:
            request.add_header("Quanheng-Now", self.now)
        for name, value in {"Accept-Language": "en", **headers}.items():
            request.add_header(name.replace("_", "-"), value)
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as answer:  # noqa: S310 - as above
                return Answer(answer.status, answer.headers, answer.read())
        except urllib.error.HTTPError as error:
            with error:
                return Answer(error.code, error.headers, error.read())
