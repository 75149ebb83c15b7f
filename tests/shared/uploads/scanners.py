"""A stand-in for clamd."""

from __future__ import annotations

import socket
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CLEAN, FOUND = b"stream: OK\0", b"stream: Eicar-Test FOUND\0"


@contextmanager
def scanner(path: Path, answer: bytes) -> Iterator[str]:
    """What speaks clamd's protocol, and says `answer` of everything."""
    with socket.socket(socket.AF_UNIX) as door:
        door.bind(str(path))
        door.listen()

        def serve() -> None:
            wire, _ = door.accept()
            with wire, wire.makefile("rb") as asked:
                assert asked.read(10) == b"zINSTREAM\0"
                while size := int.from_bytes(asked.read(4), "big"):
                    asked.read(size)
                wire.sendall(answer)

        thread = threading.Thread(target=serve)
        thread.start()
        yield str(path)
        thread.join()
    path.unlink()
