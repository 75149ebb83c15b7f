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
_OVERLAP = 1024
"""What stands across the end of a window is found in the next one, if it is no longer than this."""
_MOST_UNPACKED = 256 << 20
"""Of all object streams of a file together."""
_DICTIONARY_BYTES = 4096
_TAIL_BYTES = 2048
_ACTIVE = (b"JavaScript", b"Launch", b"Rendition", b"RichMedia", b"XFA", b"SubmitForm", b"ImportData", b"GoToE")
"""What makes a viewer run, send or open something (ISO 32000-1, 12.6.4, 12.7.5, 12.7.8, 13.7)."""
_FILE = b"EF"
"""What makes the name of a file one that is attached (7.11.3)."""
_NAMES = re.compile(
    rb"/(" + b"|".join((*_ACTIVE, b"ObjStm", b"Encrypt")) + rb")(?=[\s/<>\[\]()%]|\Z)"
    # So short a name stands by chance in compressed data: what follows it makes it one.
    rb"|/(EF)(?=\s*(?:<<|\d+\s+\d+\s+R\b))"
    # An ASCII letter written as its number.
    rb"|/([A-Za-z]*#(?:[46][1-9A-Fa-f]|[57][0-9Aa])[A-Za-z0-9#]*)"
)
_NAME_OF_FILE = re.compile(
    rb"/EF\s*<<[^<>]*>>"
    rb"|/(?:UF|F|DOS|Mac|Unix)\s*(?:(\((?:[^\\()]|\\.)*\))|<([0-9A-Fa-f\s]*)>|(\d+\s+\d+\s+R\b|\())",
    re.DOTALL,
)
"""A name written here in full or not, but for the contents themselves, which are referred to in the same words."""
_CHARACTER = re.compile(rb"\\(?:([0-7]{1,3})|(.))", re.DOTALL)
"""Of a string, written with a backslash."""
_DATA = frozenset({"csv", "json", "jws", "txt", "xml"})
"""What may be attached: data that belong to the page, as this office and those that send invoices attach them."""
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
_ATTACHED = Finding("hidden", Text("附有其他文件，请单独上传", "has other files attached: send each by itself"))
_HIDDEN = Finding("broken", Text("结构异常，请重新导出", "has an unusual structure: export it again"))
_CUT = Finding("broken", Text("不完整，或者末尾有其他内容", "is not whole, or something follows its end"))
_WRONG = {**dict.fromkeys(_ACTIVE, _SCRIPTED), b"Encrypt": _ENCRYPTED, b"hidden": _HIDDEN}


def examined(file: BinaryIO) -> Finding | None:
    """What is wrong with a file that begins as a PDF; None if nothing is."""
    size = file.seek(0, 2)
    file.seek(max(0, size - _TAIL_BYTES))
    if not _END.search(file.read()):
        return _CUT
    left = _MOST_UNPACKED
    for place, name in _names(file):
        found = _WRONG.get(name)
        if name == _FILE:
            found = None if _only_data(_object_around(file, place)) else _ATTACHED
        elif name == b"ObjStm":
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
        most = len(window) - _OVERLAP if read else len(window)
        for match in _NAMES.finditer(window):
            if match.start() < most and (name := _named(match)):
                yield start + match.start(), name
        if not read:
            return
        kept = window[max(most, 0) :]
        start += len(window) - len(kept)


def _named(match: re.Match[bytes]) -> bytes | None:
    if plain := match[1] or match[2]:
        return plain
    written = _ESCAPE.sub(lambda one: bytes([int(one[1], 16)]), match[3])
    return b"hidden" if written in {*_ACTIVE, b"ObjStm", b"Encrypt", _FILE, b"F", b"UF"} else None


def _object_around(file: BinaryIO, place: int) -> bytes:
    """The object that has the name at `place`; nothing where it is too long to be the name of a file."""
    before = max(0, place - _DICTIONARY_BYTES)
    file.seek(before)
    around = file.read(place - before + _DICTIONARY_BYTES)
    began, ended = around.rfind(b"obj", 0, place - before), around.find(b"endobj", place - before)
    return around[began:ended] if 0 <= began < ended else b""


def _only_data(text: bytes) -> bool:
    """Whether files are named there, and all are data."""
    names = [*_names_of_files(text)]
    return bool(names) and all(map(_is_data, names))


def _names_of_files(text: bytes) -> Iterator[re.Match[bytes]]:
    return (match for match in _NAME_OF_FILE.finditer(text) if match.lastindex)


def _is_data(match: re.Match[bytes]) -> bool:
    """Whether a string (7.9.2) names data; one that is not written here in full does not."""
    if match[3]:
        return False
    if match[1]:
        written = _CHARACTER.sub(lambda one: bytes([int(one[1], 8) & 255]) if one[1] else one[2], match[1][1:-1])
    else:
        digits = b"".join(match[2].split()).decode()
        written = bytes.fromhex(digits + "0" * (len(digits) % 2))
    name = written.decode("utf-16" if written.startswith((b"\xfe\xff", b"\xff\xfe")) else "latin-1", "replace")
    return name.rpartition(".")[2].lower() in _DATA


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
        kept += part
        most = len(kept) if unpacked.eof else max(0, len(kept) - _OVERLAP)
        if found := _in_objects(kept, most):
            return found, left
        kept = kept[most:]
    return (None if unpacked.eof else _HIDDEN), left


def _in_objects(text: bytes, most: int) -> Finding | None:
    """What is wrong in the objects of a stream, as far as it begins before `most`."""
    names = (_named(match) for match in _NAMES.finditer(text) if match.start() < most)
    if wrong := next((name for name in names if name and name != _FILE), None):
        return _SCRIPTED if wrong in _ACTIVE else _HIDDEN
    # To which object a name belongs is not looked at: all files that are named there are data.
    files = (match for match in _names_of_files(text) if match.start() < most)
    return None if all(map(_is_data, files)) else _ATTACHED
