"""What a file must be before it is parsed as a workbook: small, without macros, links, entities and other contents."""

from __future__ import annotations

import re
import zipfile
from io import BytesIO
from zlib import error as ZlibError  # noqa: N812

from shared.metrology.plain_xml import unfit
from shared.metrology.spreadsheets.sheets import SheetFault, SpreadsheetError
from shared.text import Text

MOST_BYTES = 2 << 20
"""Size of a file."""
MOST_UNPACKED = 16 << 20
"""Size of all its parts; those of a template with 1000 points take a tenth of it."""
MOST_PARTS = 300
MOST_TAGS = 300_000
"""Of all its XML: parsers take many times the size of small elements in memory."""
_COMPOUND = b"\xd0\xcf\x11\xe0"
_MIB = 1 << 20
_FORBIDDEN = (
    (re.compile(r"vbaProject|macrosheets|dialogsheets|activeX|ctrlProps", re.IGNORECASE),
     "有宏或控件，请另存为不含宏的 .xlsx", "has macros or controls; save it as .xlsx without them"),
    (re.compile(r"externalLinks?/|connections\.xml|queryTables", re.IGNORECASE),
     "有外部链接，请断开链接后保存", "has links to other files; break the links and save it again"),
    (re.compile(r"embeddings/|oleObject", re.IGNORECASE),
     "有嵌入对象，请删除后保存", "has embedded objects; delete them and save it again"),
)  # fmt: skip


def check(data: bytes, name: str) -> None:
    """Raises SpreadsheetError for what no filled template is. Nothing is unpacked beyond the bounds."""
    if len(data) > MOST_BYTES:
        raise _refused(
            name,
            f"文件有 {len(data)} 字节，最多 {MOST_BYTES // _MIB} MiB",
            f"has {len(data)} bytes; at most {MOST_BYTES // _MIB} MiB are read",
        )
    if data.startswith(_COMPOUND):
        zh, en = "有密码或为旧的 .xls 格式", "has a password, or is of the old form .xls"
        raise _refused(name, f"{zh}，请另存为 .xlsx", f"{en}; save it as .xlsx without a password")
    try:
        with zipfile.ZipFile(BytesIO(data)) as parts:
            _bounds(parts, name)
            tags = 0
            for part in parts.infolist():
                if part.filename.endswith((".xml", ".rels")):
                    xml = parts.read(part)
                    if why := unfit(xml):
                        zh, en = f"部件 {part.filename} {why.zh}", f"has a part {part.filename} that {why.en}"
                        raise _refused(name, zh, en)
                    tags += xml.count(b"<")
            if tags > MOST_TAGS:
                raise _refused(name, "单元格过多", "has too many cells: divide it into several files")
    except (zipfile.BadZipFile, ZlibError, EOFError, NotImplementedError, RuntimeError, ValueError, OSError) as error:
        if isinstance(error, SpreadsheetError):
            raise
        raise _refused(name, "不是 .xlsx 文件或已损坏", f"is not a whole .xlsx file ({error})") from None


def _bounds(parts: zipfile.ZipFile, name: str) -> None:
    listed = parts.infolist()
    if len(listed) > MOST_PARTS or sum(one.file_size for one in listed) > MOST_UNPACKED:
        raise _refused(
            name,
            f"展开后过大，最多 {MOST_PARTS} 个部件、{MOST_UNPACKED // _MIB} MiB",
            f"is too large unpacked; at most {MOST_PARTS} parts and {MOST_UNPACKED // _MIB} MiB are read",
        )
    for one in listed:
        for pattern, zh, en in _FORBIDDEN:
            if pattern.search(one.filename):
                raise _refused(name, f"{zh}（{one.filename}）", f"{en} ({one.filename})")


def _refused(name: str, zh: str, en: str) -> SpreadsheetError:
    return SpreadsheetError([SheetFault(name, "", Text(zh, en))])
