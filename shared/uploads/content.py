"""Which files are taken, told by their content.

The ending of a name says what a file is to be. It must be that and nothing else: then all programs show the same.
"""

from __future__ import annotations

import codecs
import re
import struct
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, BinaryIO
from xml.parsers import expat

from shared.problems import Violation
from shared.text import Text
from shared.uploads import pdf
from shared.uploads.pdf import Finding

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

MAX_NAME = 120
_WINDOW_BYTES = 1 << 20
_HEAD_BYTES = 1024
_TAIL_BYTES = (1 << 16) + 22
"""Where the directory of a ZIP archive ends, if the file is one."""
_END_OF_ZIP = b"PK\x05\x06"
_MOST_PARTS, _MOST_LISTED, _MOST_UNPACKED = 5000, 1 << 20, 1 << 30
"""Of an office document: its parts, the bytes that list them, and the bytes they unpack to."""
_MACROS = re.compile(r"vbaProject|macrosheets|dialogsheets|activeX|ctrlProps", re.IGNORECASE)
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_MOST_TOLD = 4 << 20
"""Bytes of the parts that say of others what they are."""
_ACTIVE_PARTS = re.compile(
    r"macroEnabled|vbaProject|oleObject|activeX|/control$|macrosheet|/externalLink$", re.IGNORECASE
)
"""Types of parts and of relationships (ECMA-376) that make a program run something, or take values from another."""
_PROGRAMS = frozenset({"html", "svg", "script", "stylesheet"})
_LANGUAGES = ("http://www.w3.org/1999/xhtml", "http://www.w3.org/2000/svg", "http://www.w3.org/1999/XSL/Transform")
"""Namespaces of what a browser runs."""
_FORMULA = re.compile(r"[\r\n,;\t] *\"? *(?:[=@＝＠]|[+-] *[A-Za-z][^\r\n,;\t]{0,60}[|(!])")
_LONGEST_FORMULA = 80
"""Characters of its beginning, by which it is known."""
_MOST_PIXELS = 200_000_000
"""A sheet A0 at 300 dpi has 140 million."""
_SIZED = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
"""Markers of JPEG that begin a frame and give its size (ISO/IEC 10918-1, B.1.1.3)."""
_DATA_OF_JPEG = frozenset({0xD9, 0xDA})
_PNG = b"\x89PNG\r\n\x1a\n"
_JPEG = b"\xff\xd8\xff"

_BROKEN = Finding("broken", Text("已损坏或不完整，请重新导出", "is damaged or not whole: export it again"))
_FOLLOWED = Finding("broken", Text("不完整，或者末尾有其他内容", "is not whole, or something follows its end"))
_TWO = Finding("hidden", Text("同时是另一种文件，请重新导出", "is a file of another kind as well: export it again"))
_MACRO = Finding(
    "active",
    Text("含宏、控件或嵌入的程序，请去除后另存", "has macros, controls or embedded programs: save it without them"),
)
_LARGE = Finding("broken", Text("展开后过大", "is too large unpacked"))
_SCRIPT = Finding("active", Text("是网页或图形，或者含脚本", "is a page or drawing, or has scripts"))
_LINKED = Finding(
    "active",
    Text("引用了文件以外的内容，请嵌入或者断开链接", "shows contents from elsewhere: embed them, or break the links"),
)
_FORMULAS = Finding("active", Text("含公式，请改为其数值", "has formulas: write their values"))
_VAST = Finding("broken", Text("图片尺寸过大，请缩小", "has too many pixels: make it smaller"))
_DOCTYPE = Finding("active", Text("含有DOCTYPE，请去除", "has a DOCTYPE: leave it out"))


@dataclass(frozen=True, slots=True)
class Format:
    """A kind of file that is taken."""

    media: str
    endings: tuple[str, ...]
    zh: str
    en: str
    begins: tuple[bytes, ...]
    examine: Callable[[BinaryIO], Finding | None]


def _png(file: BinaryIO) -> Finding | None:
    size = file.seek(0, 2)
    place, kind = len(_PNG), b""
    file.seek(place)
    begun = file.read(16)
    if begun[4:8] != b"IHDR":
        return _BROKEN
    if found := _of_size(*struct.unpack(">II", begun[8:])):
        return found
    while kind != b"IEND":
        file.seek(place)
        if len(head := file.read(8)) < 8:  # noqa: PLR2004 - length and type of a chunk
            return _FOLLOWED
        length, kind = struct.unpack(">I4s", head)
        place += length + 12
    return None if place == size else _FOLLOWED


def _jpeg(file: BinaryIO) -> Finding | None:
    if not _tail(file, _HEAD_BYTES).rstrip(b"\0").endswith(b"\xff\xd9"):
        return _FOLLOWED
    place, kind = 2, 0
    while kind not in _SIZED:
        file.seek(place)
        head = file.read(9)
        if len(head) < 9 or head[0] != 0xFF or (kind := head[1]) in _DATA_OF_JPEG:  # noqa: PLR2004 - up to the size of a frame
            return _BROKEN
        # A marker may be preceded by fill bytes.
        place += 1 if kind == 0xFF else 2 + int.from_bytes(head[2:4])  # noqa: PLR2004
    height, width = struct.unpack(">HH", head[5:])
    return _of_size(width, height)


def _of_size(width: int, height: int) -> Finding | None:
    """Of a picture in pixels: programs take memory for all of them at once."""
    return _BROKEN if 0 in {width, height} else _VAST if width * height > _MOST_PIXELS else None


def _office(main: str) -> Callable[[BinaryIO], Finding | None]:
    """Of an Office Open XML file with that main part."""

    def examine(file: BinaryIO) -> Finding | None:
        ended = _zip_end(file)
        if ended is None:
            return _FOLLOWED
        parts, listed = ended
        if parts > _MOST_PARTS or listed > _MOST_LISTED:
            return _LARGE
        try:
            with zipfile.ZipFile(file) as archive:
                return _of_parts(archive, main)
        except (zipfile.BadZipFile, zlib.error, EOFError, ValueError, OSError, NotImplementedError):
            return _BROKEN

    return examine


def _of_parts(archive: zipfile.ZipFile, main: str) -> Finding | None:
    found = archive.infolist()
    names = {one.filename.lower() for one in found}
    # Of two parts with one name, programs take one or the other.
    double, locked = len(names) < len(found), any(one.flag_bits & 1 for one in found)
    if double or locked or not {"[content_types].xml", main} <= names:
        return _BROKEN
    if any(_MACROS.search(name) for name in names):
        return _MACRO
    telling = [one for one in found if one.filename.lower().endswith((".rels", "[content_types].xml"))]
    if sum(one.file_size for one in found) > _MOST_UNPACKED or sum(one.file_size for one in telling) > _MOST_TOLD:
        return _LARGE
    return next((wrong for one in telling if (wrong := _told_of_parts(archive.read(one)))), None)


def _told_of_parts(xml: bytes) -> Finding | None:
    """What is wrong with the parts of an office document, by what it says of them (ECMA-376-2, 8 and 9)."""
    found: list[Finding] = []

    def begun(_name: str, told: Mapping[str, str]) -> None:
        kind = told.get("Type", told.get("ContentType", ""))
        if _ACTIVE_PARTS.search(kind):
            found.append(_MACRO)
        elif told.get("TargetMode") == "External" and not kind.endswith("/hyperlink"):
            found.append(_LINKED)

    return _parsed([xml], begun, found)


def _csv(file: BinaryIO) -> Finding | None:
    """Text in UTF-8 or GB 18030, as offices in China save it."""
    for encoding in ("utf-8-sig", "gb18030"):
        decoder, kept = codecs.getincrementaldecoder(encoding)(), "\n"
        try:
            for window in _windows(file):
                text = decoder.decode(window)
                if _CONTROLS.search(text):
                    return _BROKEN
                if _FORMULA.search(kept + text):
                    return _FORMULAS
                kept = (kept + text)[-_LONGEST_FORMULA:]
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            continue
        return None
    return _BROKEN


def _xml(file: BinaryIO) -> Finding | None:
    found: list[Finding] = []

    def begun(name: str, _attributes: object) -> None:
        language, _, local = name.rpartition(" ")
        if local.lower() in _PROGRAMS or language in _LANGUAGES:
            found.append(_SCRIPT)

    return _parsed(_windows(file), begun, found)


def _parsed(
    windows: Iterable[bytes], begun: Callable[[str, Mapping[str, str]], None], found: list[Finding]
) -> Finding | None:
    """The first that is found in XML by `begun`, which is called for each element and its attributes, or by itself."""
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = begun
    parser.StartDoctypeDeclHandler = lambda *_: found.append(_DOCTYPE)
    parser.ProcessingInstructionHandler = lambda name, _: found.append(_SCRIPT) if name == "xml-stylesheet" else None
    try:
        for window in windows:
            parser.Parse(window)
            if found:
                return found[0]
        parser.Parse(b"", True)  # noqa: FBT003 - expat has no names
    except expat.ExpatError as error:
        return found[0] if found else Finding("broken", Text("不是完整的XML", f"is not a whole XML ({error})"))
    return None


_ZIP = (b"PK\x03\x04",)
FORMATS = (
    Format("application/pdf", ("pdf",), "PDF", "PDF", (b"%PDF-",), pdf.examined),
    Format("image/png", ("png",), "PNG图片", "PNG picture", (_PNG,), _png),
    Format("image/jpeg", ("jpg", "jpeg"), "JPEG图片", "JPEG picture", (_JPEG,), _jpeg),
    Format(
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        ("xlsx",), "Excel表格", "spreadsheet", _ZIP, _office("xl/workbook.xml"),
    ),
    Format(
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        ("docx",), "Word文档", "Word document", _ZIP, _office("word/document.xml"),
    ),
    Format("text/csv", ("csv",), "CSV文本", "CSV", (), _csv),
    Format("application/xml", ("xml",), "XML", "XML", (b"<", b"\xef\xbb\xbf<"), _xml),
)  # fmt: skip
"""All that is taken."""
ENDINGS = tuple(ending for one in FORMATS for ending in one.endings)
_OTHERS = (
    (b"PK", "ZIP压缩文件", "a ZIP archive"),
    (b"Rar!", "RAR压缩文件", "a RAR archive"),
    (b"7z\xbc\xaf", "7z压缩文件", "a 7z archive"),
    (b"\x1f\x8b", "gzip压缩文件", "a gzip archive"),
    (b"MZ", "可执行程序", "a program"),
    (b"\x7fELF", "可执行程序", "a program"),
    (b"\xd0\xcf\x11\xe0", "旧版Office文件", "an Office file of the old form"),
    (b"%PDF-", "PDF", "a PDF"),
    (_PNG, "PNG图片", "a PNG picture"),
    (_JPEG, "JPEG图片", "a JPEG picture"),
    (b"GIF8", "GIF图片", "a GIF picture"),
    (b"<", "网页或XML", "a page or XML"),
)
"""What files begin with that are often given a wrong name."""


def faults_of_name(name: str) -> list[Violation]:
    """What is wrong with the name of a file; invisible characters are refused before."""
    if len(name) > MAX_NAME:
        return [
            Violation(
                "name",
                "form",
                Text(
                    f"文件名最多{MAX_NAME}个字符，现为{len(name)}",
                    f"a file name may have {MAX_NAME} characters, not {len(name)}",
                ),
            )
        ]
    if re.search(r'[/\\:*?"<>|]', name) or name.strip(" .") != name:
        reason = Text(
            '文件名不含路径和/\\:*?"<>|', 'give the name alone: no / \\ : * ? " < > |, no dots or blanks around it'
        )
        return [Violation("name", "form", reason)]
    if _claimed(name) is None:
        kinds = "、".join(ENDINGS)
        return [
            Violation(
                "name", "kind_of_file", Text(f"只接受{kinds}", f"taken are files that end in {', '.join(ENDINGS)}")
            )
        ]
    return []


def examine(file: BinaryIO, name: str, media: str) -> tuple[str, list[Violation]]:
    """The media type of the file called `name`, whose name has no faults, and everything that is wrong with it.

    `media` is what the sender says it is; empty or `application/octet-stream` says nothing.
    """
    claimed = _claimed(name)
    if claimed is None:
        raise ValueError(f"{name!r} is the name of no file that is taken")
    if media not in {"", "application/octet-stream", claimed.media, *_ALSO.get(claimed.media, ())}:
        reason = Text(
            f"Content-Type为{media}，文件名为{claimed.zh}：请改正有误的一处",
            f"Content-Type says {media}, the name {claimed.en}: correct the one that is wrong",
        )
        return claimed.media, [Violation("content", "contradictory", reason)]
    if finding := _finding(file, claimed):
        reason = Text(f"文件{finding.reason.zh}", f"the file {finding.reason.en}")
        return claimed.media, [Violation("content", finding.code, reason)]
    return claimed.media, []


_ALSO = {"application/xml": ("text/xml",), "text/csv": ("text/plain", "application/vnd.ms-excel"),
         "image/jpeg": ("image/jpg",)}  # fmt: skip
"""What browsers call the same."""


def _claimed(name: str) -> Format | None:
    ending = PurePosixPath(name.lower()).suffix.removeprefix(".")
    return next((one for one in FORMATS if ending in one.endings), None)


def _finding(file: BinaryIO, claimed: Format) -> Finding | None:
    file.seek(0)
    head = file.read(_HEAD_BYTES)
    if not head:
        return Finding("empty", Text("是空文件", "is empty"))
    other = next(((zh, en) for begins, zh, en in _OTHERS if head.startswith(begins)), ("另一种文件", "something else"))
    text = not claimed.begins
    if (not head.startswith(claimed.begins or ()) and not text) or (text and head.startswith(_STARTS)):
        zh, en = f"名为{claimed.zh}，内容却是{other[0]}", f"is named as {claimed.en}, but is {other[1]}"
        return Finding("kind_of_file", Text(zh, en))
    # Readers of PDF look for its beginning in the first 1024 bytes, readers of ZIP for its end in the last 65 KiB.
    if (claimed.media != "application/pdf" and b"%PDF-" in head) or (claimed.begins != _ZIP and _zip_end(file)):
        return _TWO
    return claimed.examine(file)


_STARTS = tuple(begins for begins, *_ in _OTHERS)


def _zip_end(file: BinaryIO) -> tuple[int, int] | None:
    """How many parts the ZIP archive that ends with the file has, and in how many bytes it lists them."""
    tail = _tail(file, _TAIL_BYTES)
    place = tail.rfind(_END_OF_ZIP)
    while place >= 0:
        end = tail[place : place + 22]
        if len(end) == 22 and place + 22 + int.from_bytes(end[20:22], "little") == len(tail):  # noqa: PLR2004
            return int.from_bytes(end[10:12], "little"), int.from_bytes(end[12:16], "little")
        place = tail.rfind(_END_OF_ZIP, 0, place)
    return None


def _tail(file: BinaryIO, most: int) -> bytes:
    size = file.seek(0, 2)
    file.seek(max(0, size - most))
    return file.read()


def _windows(file: BinaryIO) -> Iterator[bytes]:
    file.seek(0)
    while window := file.read(_WINDOW_BYTES):
        yield window
