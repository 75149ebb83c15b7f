"""Small files of the kinds that are taken, and of kinds that are not."""

from __future__ import annotations

import struct
import warnings
import zlib
from hashlib import sha256
from io import BytesIO
from typing import TYPE_CHECKING
from zipfile import ZipFile

if TYPE_CHECKING:
    from collections.abc import Callable

CONTENT_TYPES = "[Content_Types].xml"


def jpeg(width: int = 1, height: int = 1, before: bytes = b"") -> bytes:
    """A picture of that size, with `before` between its segments."""
    frame = struct.pack(">BHHB", 8, height, width, 1) + b"\x01\x11\0"
    segments = b"\xff\xe0\0\x06JFIF" + before + b"\xff\xc0" + struct.pack(">H", len(frame) + 2) + frame
    return b"\xff\xd8" + segments + b"\xff\xda\0\x02x\xff\xd9"


def png(width: int = 1, height: int = 1) -> bytes:
    chunks = ((b"IHDR", struct.pack(">II5x", width, height)), (b"IDAT", b"x"), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks
    )


JPEG, PNG = jpeg(), png()


def pdf(text: bytes = b"", *, objects: bytes = b"") -> bytes:
    """A PDF whose catalogue has `text` and which has further objects."""
    return b"%%PDF-1.7\n1 0 obj <</Type /Catalog %b>> endobj\n%btrailer <</Root 1 0 R>>\n%%%%EOF\n" % (text, objects)


def packed(text: bytes, more: bytes = b"") -> bytes:
    """A PDF with that in a compressed object stream."""
    stream = zlib.compress(text)
    head = b"2 0 obj <</Type /ObjStm /Filter /FlateDecode %b/Length %d>> stream\r\n" % (more, len(stream))
    return pdf(objects=head + stream + b"\nendstream endobj\n")


def attached(name: bytes, more: bytes = b"") -> bytes:
    """What names a file that is attached to a PDF."""
    return b"/Type /Filespec /UF %b /EF <</F 5 0 R>> %b" % (name, more)


def archive(*names: str, **contents: str) -> bytes:
    """With parts of these names, and of those that have this content."""
    made = BytesIO()
    with ZipFile(made, "w") as parts, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of two with one name
        for name, content in (*((name, "<x/>") for name in names), *contents.items()):
            parts.writestr(name, content)
    return made.getvalue()


def workbook(*more: str, **contents: str) -> bytes:
    return archive(*{CONTENT_TYPES, "xl/workbook.xml"} - contents.keys(), *more, **contents)


def related(kind: str, mode: str = "") -> str:
    """What says of another part, or of what is elsewhere, that it belongs to a document."""
    mode = f' TargetMode="{mode}"' if mode else ""
    return f'<Relationships><Relationship Type="http://x/relationships/{kind}" Target="x"{mode}/></Relationships>'


def changed(archive: bytes, name: str, change: Callable[[bytes], bytes]) -> bytes:
    """The archive with another content of this file, which its manifest lists as it is then."""
    with ZipFile(BytesIO(archive)) as bag:
        files = {one: bag.read(one) for one in bag.namelist()}
    (path,) = (one for one in files if one.endswith(name))
    before, files[path] = files[path], change(files[path])
    assert files[path] != before
    old, new = (sha256(content).hexdigest().encode() for content in (before, files[path]))
    files["manifest-sha256.txt"] = files["manifest-sha256.txt"].replace(old, new)
    with ZipFile(out := BytesIO(), "w") as bag:
        for one, content in files.items():
            bag.writestr(one, content)
    return out.getvalue()
