"""Where the contents of documents are kept: each once, by its SHA-256.

A folder is the one kind of store there is; another kind has the same methods.
"""

from __future__ import annotations

import fcntl
import os
from contextlib import contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import TYPE_CHECKING, BinaryIO, Protocol

from shared.runtime.config import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from shared.runtime.config import Settings

GRACE_SECONDS = 86_400.0
"""What is younger is left alone by sweeps: its row may be about to be committed."""
_INCOMING = "incoming"


class Store(Protocol):
    """`sha256` is in hexadecimal digits."""

    def put(self, path: Path, sha256: str) -> None:
        """Take over the file, whose content is on disk, and so is its name when this returns. What is there already
        counts as new for sweeps."""

    def open(self, sha256: str) -> BinaryIO:
        """The content. Raises FileNotFoundError."""

    def old(self) -> Iterator[str]:
        """What was put longer ago than GRACE_SECONDS, so that it may be swept if nobody needs it."""

    def forget(self, sha256: str) -> bool:
        """Delete a content that is still old; whether it was."""


def store_of(settings: Settings) -> Folder | None:
    """The store of this service; None where the settings name none. Raises ConfigurationError."""
    if settings.documents is None:
        return None
    try:
        return Folder(settings.documents)
    except OSError as error:
        why = f"cannot write in {settings.documents}: {error.strerror}"
        raise ConfigurationError(f"QUANHENG_DOCUMENTS_FOLDER: {why}") from None


class Folder:
    """Files named `ab/cd/abcd…` below `root`, and `incoming/` on the same disk for what is still arriving."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self.incoming = root / _INCOMING
        self.incoming.mkdir(parents=True, exist_ok=True)
        self._now()

    def put(self, path: Path, sha256: str) -> None:
        to = self._path(sha256)
        to.parent.mkdir(parents=True, exist_ok=True)
        with self._held(fcntl.LOCK_SH):
            # Also where it is there already: from now on it counts as new.
            path.rename(to)
        for folder in (to.parent, to.parent.parent, self._root):
            _settle(folder)

    def open(self, sha256: str) -> BinaryIO:
        return self._path(sha256).open("rb")

    def old(self) -> Iterator[str]:
        before = self._now() - GRACE_SECONDS
        return (path.name for path in self._root.glob("??/??/*") if path.stat().st_mtime < before)

    def forget(self, sha256: str) -> bool:
        before, path = self._now() - GRACE_SECONDS, self._path(sha256)
        # Somebody may have put it again meanwhile.
        with self._held(fcntl.LOCK_EX):
            if path.stat().st_mtime >= before:
                return False
            path.unlink()
            return True

    def forget_unfinished(self) -> None:
        """Delete what stopped arriving long ago, since the process that took it was killed."""
        before = self._now() - GRACE_SECONDS
        for path in self.incoming.iterdir():
            if path.stat().st_mtime < before:
                path.unlink(missing_ok=True)

    @contextmanager
    def _held(self, how: int) -> Iterator[None]:
        with (self._root / ".lock").open("ab") as lock:
            fcntl.flock(lock, how)
            yield

    def _path(self, sha256: str) -> Path:
        return self._root / sha256[:2] / sha256[2:4] / sha256

    def _now(self) -> float:
        """The time as the disk has it, which may be another machine's."""
        with NamedTemporaryFile(dir=self.incoming) as marked:
            return Path(marked.name).stat().st_mtime


def _settle(folder: Path) -> None:
    """Have the names in the folder on disk."""
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
