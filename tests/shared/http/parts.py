"""Checks of refusals, a request to refuse, and a process with its own settings."""

from __future__ import annotations

import os
import subprocess
import sys
import urllib.error
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from deploy.local.process import free_ports
from tests.forkserver import Forked, fork_server
from tests.support import Answer, Office, applicant, credit_code, type_approval_form, wait_for

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from deploy.local.system import System

ROOT = Path(__file__).parents[3]
BLOCKED = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"


def refused(answer: Answer, status: int, code: str) -> dict[str, Any]:
    """The problem document, which must be one."""
    assert answer.status == status, answer.body.decode()
    assert answer.headers["Content-Type"] == "application/problem+json"
    problem: dict[str, Any] = answer.json
    assert (problem["status"], problem["code"], problem["type"]) == (status, code, f"/problems/{code}")
    assert problem["detail"]
    assert problem["correlation_id"] == answer.headers["X-Request-Id"]
    assert all(fault["title"] and fault["reason"] for fault in problem.get("invalid_params", []))
    return problem


def draft(office: Office, **changes: Any) -> Answer:
    code = credit_code()
    return office.caller("type_approval", applicant(code)).post("/v1/applications", type_approval_form(code, **changes))


@dataclass(frozen=True)
class Beside:
    """A process that runs beside those of the system."""

    url: str
    internal_url: str
    running: subprocess.Popen[bytes] | Forked


@contextmanager
def process(
    system: System,
    service: str,
    settings: Mapping[str, str] = MappingProxyType({}),
    *,
    doors: int = 1,
    roles: Sequence[str] = ("api",),
    module: str | None = None,
) -> Iterator[Beside]:
    """A process of `service`, with one port or with two; `module` is what is run, if it is not `services`."""
    ports = free_ports(2)
    names = ("QUANHENG_HTTP_PORT", "QUANHENG_INTERNAL_HTTP_PORT")[:doors]
    told = system.environment(service) | dict(zip(names, map(str, ports), strict=False)) | dict(settings)
    urls = [f"http://127.0.0.1:{port}" for port in ports]
    arguments, env = [service, *(f"--role={role}" for role in roles)], os.environ | told
    running: subprocess.Popen[bytes] | Forked
    if module is None:
        with Path(os.devnull).open("wb") as log:
            kind = "requests" if {"api", "press"} & {*roles} else "events"
            running = fork_server(kind).start(arguments, env, log)
    else:
        command = [sys.executable, "-m", module, *arguments]
        running = subprocess.Popen(command, cwd=ROOT, env=env, stderr=subprocess.DEVNULL)  # noqa: S603 - ours
    try:
        wait_for(lambda: ready(urls[doors - 1]), what="the process to be ready")
        yield Beside(urls[0], urls[doors - 1], running)
    finally:
        running.terminate()
        running.wait()


def ready(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/readyz", timeout=2) as answer:  # noqa: S310 - our own address
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False
