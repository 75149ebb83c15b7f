"""XML from strangers: whether it may be given to a parser at all."""

from __future__ import annotations

from dataclasses import dataclass

_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Unfit:
    """Why it may not, in both languages."""

    zh: str
    en: str


def unfit(xml: bytes) -> Unfit | None:
    """None for XML in UTF-8 without a document type, in which nothing expands and nothing is loaded.

    What honest files of the kinds read here never have is refused before parsing, whatever the parser would do.
    """
    text = xml.removeprefix(_BOM)
    try:
        readable = text.lstrip().startswith(b"<") and "\0" not in text.decode("utf-8")
    except UnicodeDecodeError:
        readable = False
    if not readable:
        return Unfit("不是 UTF-8 编码的 XML", "is not XML in UTF-8")
    if b"<!DOCTYPE" in text or b"<!ENTITY" in text:
        return Unfit("含文档类型声明", "has a document type, in which entities can be declared")
    return None
