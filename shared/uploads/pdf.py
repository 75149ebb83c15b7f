"""What a PDF must not have: programs, and what hides them. Read in pieces, so that a large file takes little memory."""

from __future__ import annotations

import re
import zlib
from typing import TYPE_CHECKING, BinaryIO, NamedTuple

from shared.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterator

WINDOW_BYTES = 256 << 10
"""So short that other threads get their turn meanwhile."""
_OVERLAP = 64
_MOST_UNPACKED = 256 << 20
"""Of all object streams of a file together."""
_DICTIONARY_BYTES = 4096
_TAIL_BYTES = 2048
_ACTIVE = (b"JavaScript", b"Launch", b"Rendition", b"RichMedia", b"XFA")
"""What makes a viewer run something (ISO 32000-1, 12.6.4, 12.7.8, 13.7)."""
_NAMES = re.compile(
    rb"/(" + b"|".join((*_ACTIVE, b"ObjStm", b"Encrypt")) + rb")(?=[\s/<>\[\]()%]|\Z)"
    # An ASCII letter written as its number.
    rb"|/([A-Za-z]*#(?:[46][1-9A-Fa-f]|[57][0-9Aa])[A-Za-z0-9#]*)"
)
_ESCAPE = re.compile(rb"#([0-9A-Fa-f]{2})")
_STREAM = re.compile(rb"stream\r?\n")
_END = re.compile(rb"%%EOF[\s\0]*\Z")


class Finding(NamedTuple):
    code: str
    reason: Text


_SCRIPTED = Finding(
    "active", Text("含脚本或动作，请另存为不含脚本的文件", "has scripts or actions: save it without them")
)
_ENCRYPTED = Finding("encrypted", Text("已加密，请去除密码后上传", "is encrypted: remove its password"))
_HIDDEN = Finding("broken", Text("结构异常，请重新导出", "has an unusual structure: export it again"))
_CUT = Finding("broken", Text("不完整，或者末尾有其他内容", "is not whole, or something follows its end"))


def examined(file: BinaryIO) -> Finding | None:
    """What is wrong with a file that begins as a PDF; None if nothing is."""
    size = file.seek(0, 2)
    file.seek(max(0, size - _TAIL_BYTES))
    if not _END.search(file.read()):
        return _CUT
    left = _MOST_UNPACKED
    for place, name in _names(file):
        if name == b"Encrypt":
            return _ENCRYPTED
        if name in _ACTIVE:
            return _SCRIPTED
        if name != b"ObjStm":
            return _HIDDEN
        found, left = _in_object_stream(file, place, left)
        if found:
            return found
    return None


def _names(file: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """The names that matter, with their places; one that is written with escapes as `hidden`."""
    start, kept = 0, b""
    while True:
        file.seek(start + len(kept))
        read = file.read(WINDOW_BYTES)
        window = kept + read
        # What stands across the end is found in the next window.
        most = len(window) - _OVERLAP if read else len(window)
        for match in _NAMES.finditer(window):
            if match.start() < most and (name := _named(match)):
                yield start + match.start(), name
        if not read:
            return
        kept = window[max(most, 0) :]
        start += len(window) - len(kept)


def _named(match: re.Match[bytes]) -> bytes | None:
    if plain := match[1]:
        return plain
    written = _ESCAPE.sub(lambda one: bytes([int(one[1], 16)]), match[2])
    return b"hidden" if written in {*_ACTIVE, b"ObjStm", b"Encrypt"} else None


def _in_object_stream(file: BinaryIO, place: int, left: int) -> tuple[Finding | None, int]:
    """What is wrong in the object stream whose type stands at `place`, and how much may still be unpacked."""
    before = max(0, place - _DICTIONARY_BYTES)
    file.seek(before)
    around = file.read(place - before + _DICTIONARY_BYTES)
    began = _STREAM.search(around, place - before)
    dictionary = around[max(around.rfind(b"obj", 0, place - before), 0) : began.start() if began else None]
    if began is None or b"/DecodeParms" in dictionary or b"/FlateDecode" not in dictionary:
        return _HIDDEN, left
    file.seek(before + began.end())
    unpacked, kept = zlib.decompressobj(), b""
    while not unpacked.eof and (packed := unpacked.unconsumed_tail or file.read(WINDOW_BYTES // 4)):
        try:
            part = unpacked.decompress(packed, WINDOW_BYTES)
        except zlib.error:
            return _HIDDEN, left
        left -= len(part)
        if left < 0:
            return _HIDDEN, left
        kept = kept[-_OVERLAP:] + part
        for match in _NAMES.finditer(kept):
            if name := _named(match):
                return (_SCRIPTED if name in _ACTIVE else _HIDDEN), left
    return (None if unpacked.eof else _HIDDEN), left
