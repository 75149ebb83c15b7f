"""A stand-in for clamd, and a real one with one signature."""

from __future__ import annotations

import socket
import subprocess
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.outside import program
from tests.support import wait_for

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


EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
"""What every scanner finds for trial; in two parts, so that none finds it here."""
MOST_MIB = 2
_SETTINGS = """\
LocalSocket {folder}/s
DatabaseDirectory {folder}
OfficialDatabaseOnly no
StreamMaxLength {most}M
Foreground yes
"""


@contextmanager
def clamd(folder: Path) -> Iterator[str]:
    """One that takes so many MiB and knows EICAR alone: the real signatures take over a gigabyte."""
    folder.joinpath("test.ndb").write_text(f"Test.Eicar:0:*:{EICAR[28:-5].hex()}\n")
    settings = folder / "clamd.conf"
    settings.write_text(_SETTINGS.format(folder=folder, most=MOST_MIB))
    with subprocess.Popen([program("clamd"), "--config-file", settings], stdout=subprocess.DEVNULL) as running:  # noqa: S603
        try:
            wait_for((folder / "s").exists, what="clamd to listen")
            yield str(folder / "s")
        finally:
            running.terminate()
