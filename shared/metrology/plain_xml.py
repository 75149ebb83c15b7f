"""XML from outside: whether it may be given to a parser at all."""

from __future__ import annotations

from shared.text import Text

_BOM = b"\xef\xbb\xbf"


def unfit(xml: bytes) -> Text | None:
    """Why it may not; None for XML in UTF-8 without a document type, in which nothing expands and nothing is loaded.

    What honest files of the kinds read here never have is refused before parsing, whatever the parser would do.
    """
    text = xml.removeprefix(_BOM)
    try:
        readable = text.lstrip().startswith(b"<") and "\0" not in text.decode("utf-8")
    except UnicodeDecodeError:
        readable = False
    if not readable:
        return Text("不是 UTF-8 编码的 XML", "is not XML in UTF-8")
    if b"<!DOCTYPE" in text or b"<!ENTITY" in text:
        return Text("含文档类型声明", "has a document type, in which entities can be declared")
    return None
