"""A file is read in pieces, and not waited for without end."""

from __future__ import annotations

import asyncio
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import pytest

from shared.http.incoming import PIECE_BYTES, Incoming, Spool, receive_file
from shared.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

MOST = 3 * PIECE_BYTES


def received(folder: Path, pieces: Iterable[bytes], *, announced: int = 0, ends: str = "http.request") -> Any:
    """What comes of these pieces; `ends` is what comes after them, or nothing for ever."""
    messages = [{"type": "http.request", "body": piece, "more_body": True} for piece in pieces]
    messages += [{"type": ends, "body": b"", "more_body": False}] if ends else []

    async def receive() -> Any:
        return messages.pop(0) if messages else await asyncio.Event().wait()

    async def run() -> Any:
        with Spool(folder, MOST).file("sun") as file:
            found = await receive_file(receive, file, announced, MOST, 30.0 if ends else 0.01)
            return found and (found, found.path.read_bytes())

    return asyncio.run(run())


def test_a_file_arrives_as_it_was_sent(tmp_path: Path) -> None:
    content = b"x" * MOST
    incoming, held = received(tmp_path, [content[start : start + 70_000] for start in range(0, MOST, 70_000)])
    assert held == content
    assert incoming == Incoming(incoming.path, MOST, sha256(content).hexdigest())
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("options", "kind"),
    [
        ({"pieces": [b"x"], "ends": ""}, "timeout"),
        ({"pieces": [b"x" * MOST, b"x"]}, "too_large"),
        ({"pieces": [], "announced": MOST + 1}, "too_large"),
    ],
)
def test_what_comes_too_slowly_or_is_too_large_leaves_nothing(
    tmp_path: Path, options: dict[str, Any], kind: str
) -> None:
    with pytest.raises(Problem) as caught:
        received(tmp_path, **options)
    assert caught.value.kind == kind
    assert list(tmp_path.iterdir()) == []


def test_who_goes_away_leaves_nothing(tmp_path: Path) -> None:
    assert received(tmp_path, [b"half"], ends="http.disconnect") is None
    assert list(tmp_path.iterdir()) == []


def test_without_a_folder_no_file_is_taken() -> None:
    with pytest.raises(Problem, match="QUANHENG_DOCUMENTS_FOLDER"), Spool(None, MOST).file("sun"):
        pass
