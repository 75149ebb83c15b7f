"""A client for the services over HTTP, with a token, and with retries if no response arrives."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from types import MappingProxyType
from typing import TYPE_CHECKING, Any
from urllib.parse import quote
from uuid import uuid4

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

PATIENCE_SECONDS = 60.0
PAUSE_SECONDS = 0.02
AGAIN = ("unavailable", "in_progress")
"""Transient problems: the same request is sent again."""


class Refused(Exception):  # noqa: N818 - what happened, from the caller's side
    """The service answered with a problem; `problem` is its problem+json."""

    def __init__(self, status: int, problem: dict[str, Any]) -> None:
        faults = "".join(f"\n  {fault['name']}: {fault['reason']}" for fault in problem.get("invalid_params", []))
        super().__init__(f"{status} {problem.get('code')}: {problem.get('detail')}{faults}")
        self.status = status
        self.problem = problem

    @property
    def codes(self) -> set[str]:
        """The codes of all faults."""
        return {fault["code"] for fault in self.problem.get("invalid_params", [])}


class Client:
    """One user of one service. A request without a response is sent again with the same Idempotency-Key."""

    def __init__(self, url: str, token: str | None = None, patience: float = PATIENCE_SECONDS) -> None:
        self._url = url
        self._token = token
        self._patience = patience

    def get(self, path: str, now: datetime | None = None) -> dict[str, Any]:
        return self._insist("GET", path, None, now)

    def find(self, path: str) -> dict[str, Any] | None:
        """The resource at `path`, or None if there is none."""
        try:
            return self.get(path)
        except Refused as refused:
            if refused.status != 404:  # noqa: PLR2004 - Not Found
                raise
            return None

    def post(self, path: str, body: Mapping[str, Any], now: datetime | None = None) -> dict[str, Any]:
        return self._insist("POST", path, body, now)

    def act(self, case: str, action: str, body: Mapping[str, Any], now: datetime | None = None) -> dict[str, Any]:
        """Carry out `action` on the current version of the case at the path `case`."""
        version = self.get(case)["version"]
        return self._insist("POST", f"{case}/actions/{action}", body, now, {"If-Match": f'"{version}"'})

    def upload(self, path: str, content: bytes, media: str) -> dict[str, Any]:
        """Send a file."""
        return self._insist("POST", path, content, None, {"Content-Type": media})

    def text(self, path: str) -> str:
        return self.file(path).decode()

    def file(self, path: str) -> bytes:
        """What is at `path`, as it is."""
        with urllib.request.urlopen(self._url + quote(path, safe="/?=&"), timeout=10) as answer:  # noqa: S310 - as above
            return bytes(answer.read())

    def _insist(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | bytes | None,
        now: datetime | None,
        headers: Mapping[str, str] = MappingProxyType({}),
    ) -> dict[str, Any]:
        url = self._url + quote(path, safe="/?=&")
        request = urllib.request.Request(url, method=method, headers=dict(headers))  # noqa: S310
        if body is not None:
            request.data = body if isinstance(body, bytes) else json.dumps(body).encode()
            if not isinstance(body, bytes):
                request.add_header("Content-Type", "application/json")
            request.add_header("Idempotency-Key", str(uuid4()))
        if self._token:
            request.add_header("Authorization", f"Bearer {self._token}")
        if now is not None:
            request.add_header("Quanheng-Now", now.isoformat())
        deadline = time.monotonic() + self._patience
        while True:
            try:
                with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310 - our own address
                    return dict(json.load(answer))
            except urllib.error.HTTPError as error:
                problem = json.load(error)
                if problem.get("code") not in AGAIN or time.monotonic() > deadline:
                    raise Refused(error.code, problem) from None
            except OSError:
                if time.monotonic() > deadline:
                    raise
            time.sleep(PAUSE_SECONDS)


def wait_for(what: str, found: Callable[[], Any]) -> Any:
    """Poll until the result is neither None nor False. Raises TimeoutError that names `what`."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        answer = found()
        if answer:
            return answer
        if time.monotonic() > deadline:
            raise TimeoutError(f"waited {PATIENCE_SECONDS:.0f} s for {what}")
        time.sleep(PAUSE_SECONDS)
