"""The common base of broker and database: a server that is found, or started for this checkout."""

import json
import shutil
from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from signal import Signals
from typing import ClassVar

from deploy.local.errors import BackingError, UnusableError, say
from deploy.local.process import Process, wait_until

BOOT_SECONDS = 120


@dataclass(frozen=True)
class Private:
    """A running private server, as recorded for later runs."""

    process: Process
    url: str
    ports: dict[str, int] = field(default_factory=dict)


class Server(ABC):
    title: ClassVar[str]
    variable: ClassVar[str]  # the environment variable with the URL of another server
    schemes: ClassVar[tuple[str, ...]]  # its allowed URL schemes
    package: ClassVar[str]  # Debian's
    _stop_politely: ClassVar[Signals]

    def __init__(self, run: Path) -> None:
        self.folder = run / self.title.lower()
        self.home = self.folder / "home"  # the private server's own files; may be a link

    @abstractmethod
    def usual_urls(self) -> Iterator[str]:
        """The candidate URLs of this machine's own server."""

    @abstractmethod
    def knock(self, url: str) -> None:
        """Raises UnusableError unless a server responds there and accepts the login."""

    @abstractmethod
    def prepare(self, url: str, namespace: str, *, fresh: bool) -> str:
        """Create what the namespace needs, emptied first if `fresh`; returns the URL to use.

        Raises UnusableError if nobody responds, the login is refused, or creating is not allowed.
        """

    @abstractmethod
    def remove(self, url: str, namespace: str) -> None:
        """Delete what `prepare` created, as far as the server lets us."""

    @abstractmethod
    def installed(self) -> bool: ...

    @abstractmethod
    def _start(self) -> Private: ...

    def launch(self) -> None:
        """Start the private server unless it is running; use `await_answer` before the first request."""
        if self._private(alive=True):
            say(f"{self.title}: using the private one under {self.folder}")
            return
        self.stop()
        say(f"{self.title}: starting a private one under {self.folder}")
        self.folder.mkdir(parents=True, mode=0o700)
        record = self.folder / "server.json"
        record.touch(mode=0o600)
        record.write_text(json.dumps(asdict(self._start())))

    def await_answer(self) -> str:
        """Wait for the private server; returns its URL. Raises BackingError if it exits or takes too long."""
        private = self._private()
        if private is None:
            raise BackingError(
                f"{self.title}: the private server under {self.folder} was stopped by another run; try again"
            )
        wait_until(lambda: self._answers(private.url) or not private.process.alive(), BOOT_SECONDS)
        if self._answers(private.url):
            return private.url
        log = self.folder / "output.log"
        tail = "\n".join(log.read_text(errors="replace").splitlines()[-15:]) if log.exists() else ""
        raise BackingError(
            f"{self.title}: the private server under {self.folder} did not start; the end of its log:\n{tail}"
        )

    def keep(self, namespace: str) -> None:
        """Keep the private server running after its last user, until `let_go`."""
        (self.folder / f"kept-{namespace}").touch()

    def let_go(self, namespace: str) -> None:
        """Revert `keep`; `*` stands for every namespace."""
        for mark in self.folder.glob(f"kept-{namespace}"):
            mark.unlink()

    def kept(self) -> bool:
        return any(self.folder.glob("kept-*"))

    def stop(self) -> None:
        """Stop the private server, if there is one, and delete its files."""
        if private := self._private():
            if private.process.alive():
                say(f"{self.title}: stopping the private one")
            self._end(private)
        # Even without a record, in case the run that started it was interrupted.
        shutil.rmtree(self.home.resolve(), ignore_errors=True)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _end(self, private: Private) -> None:
        private.process.end(self._stop_politely)

    def _private(self, *, alive: bool = False) -> Private | None:
        try:
            found = json.loads((self.folder / "server.json").read_text())
        except (FileNotFoundError, ValueError):
            return None
        private = Private(Process(**found["process"]), found["url"], found["ports"])
        return None if alive and not private.process.alive() else private

    def _answers(self, url: str) -> bool:
        try:
            self.knock(url)
        except UnusableError:
            return False
        return True
