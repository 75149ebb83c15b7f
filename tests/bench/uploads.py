"""A large document sent and fetched: how much memory the process for HTTP takes more while it does."""

from __future__ import annotations

import http.client
import os
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import orjson

from deploy.local.process import free_ports
from deploy.local.system import development_key
from shared.identity import Actor, Role, issue
from tests.bench.part import Part
from tests.bench.reads import world
from tests.bench.systems import ISSUER, SOURCE, process
from tests.support.forms import type_approval_form

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.bench.systems import Contest

MIB = 200
SIZE = 40
"""Cases that there are."""
_MAKER = Actor("maker-1", "孙", Role.APPLICANT, "91220101MA0Y1X2Y3X")
_BEGINS, _ENDS = b"%PDF-1.7\n", b"\n%%EOF\n"
_PIECE = os.urandom(1 << 20)
_TEXT = """\
An applicant sends a PDF of {mib} MiB over one connection and fetches it again. Measured is the most memory that the
process for HTTP held meanwhile, over what it held before (`VmHWM`, `VmRSS`).
"""


def measure(contest: Contest) -> Part:
    with world(contest, SIZE, "uploads", ()) as system, TemporaryDirectory() as folder:
        (port,) = free_ports(1)
        api = process(system.system, "uploads.api", SOURCE, port, "--role", "api")
        more = {"QUANHENG_UPLOAD_MIB": str(MIB + 1), "QUANHENG_DOCUMENTS_FOLDER": folder}
        system.stack.start([replace(api, env={**api.env, **more})])
        pid = system.stack.pid("uploads.api")
        applicant = _Applicant(port)
        form = orjson.dumps(type_approval_form(_MAKER.organisation))
        case = applicant.ask("POST", "/v1/applications", form)["id"]
        documents = f"/v1/applications/{case}/documents"
        applicant.send(documents, 1)  # what it loads for the first one stays
        sent: dict[str, Any] = {}
        figures = {
            "uploads.send_mib": _held(pid, lambda: sent.update(applicant.send(documents, MIB))),
            "uploads.fetch_mib": _held(pid, lambda: applicant.fetch(f"{documents}/{sent['id']}")),
        }
    return Part("uploads", figures, _TEXT.format(mib=MIB))


def _held(pid: int, doing: Callable[[], None]) -> float:
    """MiB."""
    Path(f"/proc/{pid}/clear_refs").write_text("5")
    before = _kib(pid, "VmRSS")
    doing()
    return (_kib(pid, "VmHWM") - before) / 1024


def _kib(pid: int, name: str) -> int:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{name}:"))


class _Applicant:
    def __init__(self, port: int) -> None:
        self._port = port
        self._token = issue(development_key(), _MAKER, issuer=ISSUER)

    def send(self, path: str, mib: int) -> Any:
        length = len(_BEGINS) + mib * len(_PIECE) + len(_ENDS)
        about = {"Content-Type": "application/pdf", "Content-Length": str(length)}
        return self.ask("POST", f"{path}?kind=user_manual&name={mib}.pdf", _file(mib), **about)

    def fetch(self, path: str) -> None:
        answer = self._answer("GET", path)
        while answer.read(len(_PIECE)):
            pass

    def ask(self, method: str, path: str, body: Any, **headers: str) -> Any:
        return orjson.loads(self._answer(method, path, body, **headers).read())

    def _answer(self, method: str, path: str, body: Any = None, **headers: str) -> http.client.HTTPResponse:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=120)
        told = {"Content-Type": "application/json", "Authorization": f"Bearer {self._token}", "Idempotency-Key": path}
        connection.request(method, path, body, told | headers)
        answer = connection.getresponse()
        if answer.status >= http.client.BAD_REQUEST:
            raise RuntimeError(f"{path} was answered {answer.status}: {answer.read().decode()}")
        return answer


def _file(mib: int) -> Iterator[bytes]:
    yield _BEGINS
    for _ in range(mib):
        yield _PIECE
    yield _ENDS
