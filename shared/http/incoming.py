"""Files that are sent to the services: read by the event loop into a temporary file, hashed on the way.

No thread waits for a sender, and no more than some pieces of a file are in memory.
"""

from __future__ import annotations

import asyncio
import os
import re
from base64 import b64encode
from collections import Counter
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import TYPE_CHECKING, Any, NamedTuple

from shared.problems import Problem
from shared.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

AT_ONCE, AT_ONCE_BY_CALLER = 32, 4
"""Files that a port takes at the same time, in all and from one caller."""
SLOWEST = 64 << 10
"""Bytes a second that a sender must keep up, once the time for a body is over."""
PIECE_BYTES = 256 << 10


class Incoming(NamedTuple):
    """A file that has arrived and is on disk: whoever keeps it moves it away, else it is deleted."""

    path: Path
    size: int
    sha256: str
    """Hexadecimal."""

    def compare(self, announced: str) -> None:
        """Raises Problem for a file that is not the one with the SHA-256 that Content-Digest (RFC 9530) announced."""
        said = next((one.strip() for one in announced.split(",") if one.strip().startswith("sha-256=")), None)
        if said is None:
            return
        found = _DIGEST.fullmatch(said)
        if found is None:
            zh, en = "请写为sha-256=:base64:", "write sha-256=:base64:"
            raise Problem("malformed", Text(f"Content-Digest“{said}”不是摘要：{zh}", f"{said!r} is not a digest: {en}"))
        arrived = b64encode(bytes.fromhex(self.sha256)).decode()
        if found[1] != arrived:
            raise Problem(
                "malformed",
                Text(
                    f"收到的文件摘要为sha-256=:{arrived}:，与Content-Digest所述不同：请重新发送",
                    f"what arrived has sha-256=:{arrived}:, and Content-Digest says another: send the file again",
                ),
            )


_DIGEST = re.compile("sha-256=:([A-Za-z0-9+/=]*):")


class Spool:
    """A folder for what is arriving, and how large a file may be, in bytes."""

    def __init__(self, folder: Path | None, most: int) -> None:
        self._folder, self.most = folder, most
        self._open: Counter[str] = Counter()

    @contextmanager
    def file(self, caller: str) -> Iterator[Any]:
        """A temporary file for `caller`, which is gone afterwards unless it was moved. Raises Problem."""
        if self._folder is None:
            raise Problem(
                "unavailable",
                Text(
                    "此处不接收文件：未设置QUANHENG_DOCUMENTS_FOLDER",
                    "no files are taken here: QUANHENG_DOCUMENTS_FOLDER is not set",
                ),
            )
        if self._open[caller] >= AT_ONCE_BY_CALLER or self._open.total() >= AT_ONCE:
            told = Text(
                f"同一来源同时最多发送{AT_ONCE_BY_CALLER}个文件，合计最多{AT_ONCE}个：请等待其中一个送达",
                f"a caller sends {AT_ONCE_BY_CALLER} files at the same time, all together {AT_ONCE}: wait until one has"
                " arrived",
            )
            raise Problem("rate_limited", told, extra={"retry_after": 5})
        self._open[caller] += 1
        try:
            with NamedTemporaryFile(dir=self._folder, delete=False) as file:
                try:
                    yield file
                finally:
                    Path(file.name).unlink(missing_ok=True)
        except OSError as error:
            raise Problem(
                "unavailable",
                Text(f"文件暂时无法保存（{error.strerror}）", f"the file cannot be kept just now ({error.strerror})"),
            ) from error
        finally:
            self._open[caller] -= 1
            self._open += Counter()  # without those that have none


async def receive_file(
    receive: Callable[[], Any], file: Any, announced: int, most: int, seconds: float
) -> Incoming | None:
    """Read the body of a request, of which so many bytes were announced, into `file`; None where the connection was
    lost.

    `most` is how large it may be, `seconds` the time for a small one. Raises Problem, OSError.
    """
    loop = asyncio.get_running_loop()
    began, digest, size = loop.time(), sha256(), 0
    pieces, held = [], 0
    if announced > most:
        raise _too_large(most)

    def keep(piece: bytes) -> None:
        digest.update(piece)
        file.write(piece)

    def settle() -> None:
        file.flush()
        os.fsync(file.fileno())

    more = True
    try:
        async with asyncio.timeout(None) as deadline:
            while more:
                deadline.reschedule(began + seconds + size / SLOWEST)
                message = await receive()
                if message["type"] != "http.request":
                    return None
                more = message["more_body"]
                pieces.append(message["body"])
                size += len(message["body"])
                held += len(message["body"])
                if size > most:
                    raise _too_large(most)
                if not more or held >= PIECE_BYTES:
                    await loop.run_in_executor(None, keep, b"".join(pieces))
                    pieces, held = [], 0
    except TimeoutError:
        told = f"{size} bytes arrived; after {seconds:g} s a file must arrive at {SLOWEST >> 10} KiB/s at least"
        raise Problem("timeout", told) from None
    await loop.run_in_executor(None, settle)
    return Incoming(Path(file.name), size, digest.hexdigest())


def _too_large(most: int) -> Problem:
    return Problem(
        "too_large", Text(f"文件不得超过{most >> 20} MiB", f"a file may have {most >> 20} MiB ({most} bytes)")
    )
