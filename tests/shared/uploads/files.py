"""Small files of the kinds that are taken, and of kinds that are not."""

from __future__ import annotations

import struct
import zlib
from hashlib import sha256
from io import BytesIO
from typing import TYPE_CHECKING
from zipfile import ZipFile

if TYPE_CHECKING:
    from collections.abc import Callable

JPEG = b"\xff\xd8\xff\xe0JFIF\xff\xd9"
PNG = b"\x89PNG\r\n\x1a\n" + b"".join(
    struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    for kind, data in ((b"IHDR", bytes(13)), (b"IDAT", b"x"), (b"IEND", b""))
)


def pdf(text: bytes = b"", *, objects: bytes = b"") -> bytes:
    """A PDF whose catalogue has `text` and which has further objects."""
    return b"%%PDF-1.7\n1 0 obj <</Type /Catalog %b>> endobj\n%btrailer <</Root 1 0 R>>\n%%%%EOF\n" % (text, objects)


def packed(text: bytes, more: bytes = b"") -> bytes:
    """A PDF with that in a compressed object stream."""
    stream = zlib.compress(text)
    head = b"2 0 obj <</Type /ObjStm /Filter /FlateDecode %b/Length %d>> stream\r\n" % (more, len(stream))
    return pdf(objects=head + stream + b"\nendstream endobj\n")


def archive(*names: str) -> bytes:
    made = BytesIO()
    with ZipFile(made, "w") as parts:
        for name in names:
            parts.writestr(name, "x")
    return made.getvalue()


def workbook(*more: str) -> bytes:
    return archive("[Content_Types].xml", "xl/workbook.xml", *more)


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
