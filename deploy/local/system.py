"""The services as processes on this machine, and the keys and tokens that let people in."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import suppress
from tempfile import NamedTemporaryFile
from typing import TYPE_CHECKING, Protocol, Self

from deploy.local import typefaces
from deploy.local.errors import BackingError
from deploy.local.folders import ROOT, run_folder
from deploy.local.process import free_ports
from deploy.local.signing import development_signing
from services import SERVICES
from shared.identity import AUDIENCE, DEVELOPMENT_ISSUER, Actor, issue, new_key, public_keys

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path
    from types import TracebackType
    from typing import IO

    from deploy.local import backing

RUN = run_folder()
DATABASE_POOL = 2
"""Idle connections that each process keeps: several systems share a PostgreSQL that admits 100 connections."""
OUTSIDE = ("QUANHENG_SMTP_URL", "QUANHENG_MAIL_FROM", "QUANHENG_CLAMD", "QUANHENG_UPLOAD_MIB")
"""What of the caller's environment is handed on: programs beside ours, and how large a file may be."""
START_SECONDS = 60
STOP_SECONDS = 15


class Running(Protocol):
    """What a started service can be asked: a `subprocess.Popen`, or what stands for several of them."""

    @property
    def pid(self) -> int: ...
    def poll(self) -> int | None: ...
    def wait(self, timeout: float | None = None) -> int: ...
    def send_signal(self, sig: int, /) -> None: ...
    def kill(self) -> None: ...


class System:
    """Starts each service in all its roles, from this checkout, on the given broker and database.

    Without `documents` no press runs: what permits are to be printed on waits in the database.
    """

    def __init__(
        self,
        found: backing.Backing,
        *,
        given_time: bool,
        ports: dict[str, int] | None = None,
        documents: bool = False,
        papers: str | None = None,
        outlives: bool = False,
    ) -> None:
        """`papers` is where the QR codes of documents lead; None: to the service. A system that `outlives` this program
        goes on after `leave`; another ends with it, however that ends."""
        self.backing = found
        self._kin = [] if outlives else ["--parent", str(os.getpid())]
        self._papers = papers
        self._documents = documents
        self._given_time = given_time
        self.ports = ports or dict(zip(SERVICES, free_ports(len(SERVICES)), strict=True))
        self._key = development_key()
        self._tokens: dict[Actor, str] = {}
        self.directory = RUN / found.namespace
        self.processes: dict[str, Running] = {}
        self._logs: dict[str, IO[bytes]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def url(self, service: str) -> str:
        return f"http://127.0.0.1:{self.ports[service]}"

    def token(self, actor: Actor) -> str:
        """A token that lets `actor` in, the same for a whole run."""
        if actor not in self._tokens:
            self._tokens[actor] = issue(self._key, actor)
        return self._tokens[actor]

    def environment(self, service: str) -> dict[str, str]:
        """What a service process is told; nothing of ours is left over from the caller's environment."""
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("QUANHENG_")}
        seal = development_signing(RUN)
        signing = {
            "QUANHENG_SIGNING_KEY_FILE": str(seal.private),
            "QUANHENG_CHECKPOINT_KEY_FILE": str(seal.checkpoints),
        }
        papers = {"QUANHENG_PUBLIC_URL": self._papers} if self._papers else {}
        outside = {name: os.environ[name] for name in OUTSIDE if name in os.environ}
        return {
            **inherited,
            **outside,
            **(signing if self._documents else {}),
            **papers,
            "QUANHENG_PUBLISHED_KEYS_FILE": str(seal.published),
            "QUANHENG_DOCUMENTS_FOLDER": str(RUN / "documents"),
            **self.backing.environment(),
            "QUANHENG_DATABASE_URL": self.backing.runner_url,
            "QUANHENG_DATABASE_POOL": str(DATABASE_POOL),
            "QUANHENG_PROFILE": "development",
            "QUANHENG_TIME": "given" if self._given_time else "wall",
            "QUANHENG_HTTP_ADDRESS": "127.0.0.1",
            "QUANHENG_HTTP_PORT": str(self.ports[service]),
            "QUANHENG_JWKS": json.dumps(public_keys(self._key)),
            "QUANHENG_ISSUER": DEVELOPMENT_ISSUER,
            "QUANHENG_AUDIENCE": AUDIENCE,
            "QUANHENG_WEBHOOK_PRIVATE": "yes",
            "PYTHONWARNINGS": "ignore::DeprecationWarning",
        }

    def owning(self, environment: Mapping[str, str]) -> dict[str, str]:
        """What a process is told that migrates: the account that owns the tables, if that is another."""
        if self.backing.runner_url == self.backing.database_url:
            return dict(environment)
        return {**environment, "QUANHENG_DATABASE_OWNER_URL": self.backing.database_url}

    def migrate(self) -> None:
        """Bring all databases and queues up to date, all services at once. Raises BackingError."""
        running = {service: self._launch(service, "migrate") for service in SERVICES}
        for service, process in running.items():
            self._await_end(service, process)

    def run(self, name: str, module: Sequence[str], environment: Mapping[str, str]) -> None:
        """Run a program beside the services to its end. Raises BackingError."""
        self._await_end(name, self._spawn(name, module, environment))

    def launch(self, name: str, module: Sequence[str], environment: Mapping[str, str]) -> None:
        """Start a program that runs beside the services and ends with them."""
        self.processes[name] = self._spawn(name, module, environment)

    def start(self, *services: str) -> None:
        """Start these services, or all, and wait until they are ready. Raises BackingError."""
        if self._documents:
            typefaces.ensure()
        for service in services or SERVICES:
            self.processes[service] = self._launch(service, "serve")
        for service in services or SERVICES:
            self._await_ready(service)

    def kill(self, service: str) -> None:
        """End a service with SIGKILL, as a crash would."""
        process = self.processes.pop(service)
        process.kill()
        process.wait()

    def stop(self) -> None:
        """Ask all services to leave, and see to it that they do."""
        for process in self.processes.values():
            process.send_signal(signal.SIGTERM)
        for process in self.processes.values():
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self.leave()

    def leave(self) -> None:
        """Forget the services without ending them."""
        self.processes.clear()
        for log in self._logs.values():
            log.close()
        self._logs.clear()

    def log(self, service: str) -> Path:
        return self.directory / f"{service}.log"

    def ready(self, service: str) -> bool:
        """Whether all roles of the service are ready."""
        return all(map(_says_ready, self._probed(service)))

    def await_ready(self, name: str, url: str) -> None:
        """Wait until the process called `name` says at `url` that it is ready. Raises BackingError."""
        self._await(name, lambda: _says_ready(url))

    def _probed(self, service: str) -> list[str]:
        """The addresses of the service's processes."""
        return [self.url(service)]

    def _launch(self, service: str, command: str) -> Running:
        environment = self.environment(service)
        told = self.owning(environment) if command == "migrate" else environment
        return self._spawn(service, ["services", service, command, *self._kin], told)

    def _spawn(self, name: str, module: Sequence[str], environment: Mapping[str, str]) -> Running:
        log = self._opened_log(name)
        return subprocess.Popen(
            [sys.executable, "-m", *module],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            # Its own session: Ctrl-C reaches us alone, and we end it in order.
            start_new_session=True,
        )

    def _opened_log(self, service: str) -> IO[bytes]:
        if service not in self._logs:
            self.directory.mkdir(parents=True, exist_ok=True)
            self._logs[service] = self.log(service).open("ab")
        return self._logs[service]

    def _await_ready(self, service: str) -> None:
        self._await(service, lambda: self.ready(service))

    def _await(self, name: str, ready: Callable[[], bool]) -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self.processes[name].poll() is None:
            if ready():
                return
            time.sleep(0.1)
        raise BackingError(f"{name} did not become ready, see {self.log(name)}")

    def _await_end(self, name: str, process: Running) -> None:
        if process.wait(START_SECONDS):
            raise BackingError(f"{name}: its database could not be migrated, see {self.log(name)}")


def _says_ready(url: str) -> bool:
    try:
        urllib.request.urlopen(f"{url}/readyz", timeout=2).close()  # noqa: S310 - our own address
    except (urllib.error.URLError, OSError):
        return False
    return True


def development_key() -> dict[str, object]:
    """The signing key of this checkout's own issuer."""
    return kept_key("issuer")


def kept_key(owner: str, make: Callable[[], dict[str, object]] = new_key) -> dict[str, object]:
    """The key of this checkout's own `owner`, made at first use and kept under `.run/`."""
    path = RUN / f"{owner}.json"
    if not path.exists():
        RUN.mkdir(parents=True, exist_ok=True)
        with NamedTemporaryFile("w", dir=RUN, encoding="utf-8") as made:
            json.dump(make(), made)
            made.flush()
            # Whole from the start, and the same for all: of several that begin at once, the first has made it.
            with suppress(FileExistsError):
                os.link(made.name, path)
    return dict(json.loads(path.read_text(encoding="utf-8")))
