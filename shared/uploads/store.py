"""Where the contents of documents are kept: each once, by its SHA-256, in a folder or in S3-compatible storage."""

from __future__ import annotations

import os
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import TYPE_CHECKING, BinaryIO, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator

GRACE_SECONDS = 86_400.0
"""What is younger is left alone by sweeps: its row may be about to be committed."""
_INCOMING = "incoming"


class Contents(Protocol):
    """A store. `sha256` is in hexadecimal digits. Methods raise OSError where it does not answer."""

    incoming: Path
    """A folder of this machine for what is still arriving."""

    def put(self, path: Path, sha256: str) -> None:
        """Move the file, whose content is on disk, into the store; durable once this returns. A content that is there
        already counts as new for sweeps."""

    def open(self, sha256: str) -> BinaryIO:
        """The content, to be read from its beginning and closed. Raises FileNotFoundError."""

    def all(self) -> Iterator[str]:
        """All there is."""

    def old(self) -> Iterator[str]:
        """What was put longer ago than GRACE_SECONDS, so that it may be swept if nobody needs it."""

    def forget(self, sha256: str) -> bool:
        """Delete a content that is still old; whether it was."""

    def forget_unfinished(self) -> None:
        """Delete what stopped arriving long ago, since the process that took it was killed."""


class Folder:
    """Files named `ab/cd/abcd…` below `root`, and `incoming/` on the same disk for what is still arriving."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self.incoming = root / _INCOMING
        self.incoming.mkdir(parents=True, exist_ok=True)
        _now(self.incoming)

    def put(self, path: Path, sha256: str) -> None:
        to = self._path(sha256)
        to.parent.mkdir(parents=True, exist_ok=True)
        # Also where it is there already: from now on it counts as new.
        path.rename(to)
        for folder in (to.parent, to.parent.parent, self._root):
            _settle(folder)

    def open(self, sha256: str) -> BinaryIO:
        return self._path(sha256).open("rb")

    def all(self) -> Iterator[str]:
        return (path.name for path in self._root.glob("??/??/*"))

    def old(self) -> Iterator[str]:
        before = _now(self.incoming) - GRACE_SECONDS
        return (path.name for path in self._root.glob("??/??/*") if path.stat().st_mtime < before)

    def forget(self, sha256: str) -> bool:
        path = self._path(sha256)
        if path.stat().st_mtime >= _now(self.incoming) - GRACE_SECONDS:
            return False
        path.unlink()
        return True

    def forget_unfinished(self) -> None:
        for path in old_in(self.incoming):
            path.unlink(missing_ok=True)

    def _path(self, sha256: str) -> Path:
        return self._root / name_of(sha256)


def name_of(sha256: str) -> str:
    """Where a content is, below the store's own place."""
    return f"{sha256[:2]}/{sha256[2:4]}/{sha256}"


def old_in(folder: Path) -> Iterator[Path]:
    """The files of a folder that are older than GRACE_SECONDS, by the time of its disk."""
    before = _now(folder) - GRACE_SECONDS
    return (path for path in folder.iterdir() if path.stat().st_mtime < before)


def _now(folder: Path) -> float:
    """The time as the disk has it, which may be another machine's."""
    with NamedTemporaryFile(dir=folder) as marked:
        return Path(marked.name).stat().st_mtime


def _settle(folder: Path) -> None:
    """Have the names in the folder on disk."""
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
