"""Documents whose shell lines are run as they are printed, and whose answers are what really comes.

A block marked `console` is commands for bash; the block after it, if it is marked `json` or `http`, is what they print:
`…` stands for anything.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass
from threading import Timer
from typing import TYPE_CHECKING, Self

from markdown_it import MarkdownIt

from deploy.local import packages
from deploy.local.folders import ROOT
from deploy.local.system import RUN

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from types import TracebackType

APPLICANT = "91220101MA0Y000086"
"""Who applies in the documents and examples."""
_END = "--- the end of a block:"
_LONGEST_SECONDS = 120
"""A loop that waits for what never comes ends then."""
_CONSOLE = f"""#!/bin/sh
exec {sys.executable} -W ignore -c 'from services.console import main; main()' "$@"
"""


@dataclass(frozen=True)
class Block:
    """Commands, the line they stand on, and what they are said to print, if it is said."""

    line: int
    commands: str
    printed: str | None


def blocks(document: Path) -> Iterator[Block]:
    """The commands of a document, in order."""
    tokens = MarkdownIt("commonmark").parse(document.read_text(encoding="utf-8"))
    for place, token in enumerate(tokens):
        if token.type == "fence" and token.info == "console":
            follows = tokens[place + 1] if place + 1 < len(tokens) else token
            answer = follows.content.strip() if follows.type == "fence" and follows.info in {"json", "http"} else None
            yield Block((token.map or [0])[0] + 1, token.content, answer)


class Shell:
    """A bash in the folder `folder`, as if it were this checkout; variables stay from block to block.

    In the examples `maker` is the code of the applicant.
    """

    def __init__(self, folder: Path, maker: str) -> None:
        packages.provide({"curl": lambda: shutil.which("curl") is not None})
        (folder / RUN.name).symlink_to(RUN)
        examples = folder / "docs/examples"
        examples.mkdir(parents=True)
        for example in (ROOT / "docs/examples").iterdir():
            written = example.read_text(encoding="utf-8").replace(APPLICANT, maker)
            (examples / example.name).write_text(written, encoding="utf-8")
        console = folder / ".venv" / "bin" / "quanheng"
        console.parent.mkdir(parents=True)
        console.write_text(_CONSOLE, encoding="utf-8")
        console.chmod(0o700)
        self._bash = subprocess.Popen(
            # Aliases as in a shell that people type into.
            ["bash", "-O", "expand_aliases"],  # noqa: S607 - whichever is installed
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            # What it leaves running in the background ends with it.
            start_new_session=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self._bash.pid, signal.SIGKILL)
        self._bash.communicate()

    def run(self, commands: str) -> str:
        """What the commands print, errors too. Raises AssertionError when the last of them fails, or they take too
        long."""
        assert self._bash.stdin is not None
        assert self._bash.stdout is not None
        self._bash.stdin.write(f'{commands}\necho "\n{_END} $?"\n')
        self._bash.stdin.flush()
        printed = ""
        limit = Timer(_LONGEST_SECONDS, os.killpg, (self._bash.pid, signal.SIGKILL))
        limit.start()
        try:
            for line in self._bash.stdout:
                if line.startswith(_END):
                    assert line == f"{_END} 0\n", f"{commands}\n{printed}"
                    return printed
                printed += line
        finally:
            limit.cancel()
        raise AssertionError(f"bash ended in:\n{commands}\n{printed}")


def is_as_printed(answer: str, printed: str) -> bool:
    """Whether the parts of `printed` between the `…` are in the answer, in this order."""
    place = 0
    for part in printed.split("…"):
        found = answer.replace("\r\n", "\n").find(part.strip("\n"), place)
        if found < 0:
            return False
        place = found + len(part.strip("\n"))
    return True
