"""Text that people type: which characters it may have, and when two texts say the same.

Texts are kept and shown as they were typed. Wherever typed text is compared, `comparable` decides: PDF files, phones,
plates and Chinese input methods write one number or name in many ways.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_DASHES = dict.fromkeys(
    (
        *range(0x2010, 0x2016),  # hyphen, non-breaking hyphen, figure, en and em dash, bar
        0x02D7,  # modifier letter minus sign
        0x2043,  # hyphen bullet
        0x2212,  # minus sign
        0x2500,  # box drawing light horizontal, which Chinese input methods offer as a dash
        0x2796,  # heavy minus sign
        0x2E3A,
        0x2E3B,  # two-em and three-em dash
    ),
    "-",
)
"""Read as a hyphen. Not among them are characters that only look like one: the numeral U+4E00, the kana U+30FC."""
_BRACKETS = {ord(bracket): plain for pair, plain in (("[〔【〖", "("), ("]〕】〗", ")")) for bracket in pair}
"""Document numbers have their year in any of these."""
_FILLERS = frozenset({0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x2065, 0x2800, 0x3164, 0xFFA0})
"""Drawn as nothing, though by their category they are letters, marks and symbols."""
_SELECTORS = frozenset({*range(0x180B, 0x180E), 0x180F, *range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)})
"""Choose the form of the character before them."""
_UNASSIGNED = frozenset(
    {
        *(*range(0xFFF0, 0xFFF9), *range(0xE0000, 0xE1000)),
        *(*range(0xFDD0, 0xFDF0), *(plane << 16 | last for plane in range(17) for last in (0xFFFE, 0xFFFF))),
    }
)
"""Reserved for what is not seen; then what never is a character."""
_LINE_BREAKS = "\t\n\r"
_MARK_BEFORE = re.compile(r"(?:CPA|CMC):?(?=.)")
"""The mark that stands before a number on instruments and packages."""


@lru_cache(maxsize=8192)
def comparable(text: str) -> str:
    """What `text` is compared by: equal for texts that differ only in compatibility forms (`Ⅲ`, `ＡＣＳ`), kinds of
    dashes and brackets, blanks, letter case, or characters that are not seen. Not for showing."""
    if text.isascii() and text.isprintable():
        return "".join(text.translate(_BRACKETS).split()).casefold()
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold()).translate(
        _DASHES | _BRACKETS
    )
    # What was apart may now compose.
    return unicodedata.normalize("NFKC", "".join(char for char in folded if not (char.isspace() or is_unseen(char))))


def same(one: str, other: str) -> bool:
    """Whether two typed texts say the same."""
    return comparable(one) == comparable(other)


def as_numbered(text: str) -> str:
    """A document number as the office itself writes it: capitals and ASCII signs, without blanks, brackets and the mark
    before it. `cpa ２０１３f101–22` is 2013F101-22. Numbers that the office gives are of this form already."""
    plain = comparable(text).translate({ord("("): None, ord(")"): None}).upper()
    return _MARK_BEFORE.sub("", plain, count=1) if plain.startswith("C") else plain


def is_unseen(char: str) -> bool:
    """Whether the character is drawn as nothing or only changes how others are drawn or ordered. Blanks are seen."""
    code = ord(char)
    return (
        unicodedata.category(char) in {"Cc", "Cf", "Cs", "Zl", "Zp"}
        or code in _FILLERS
        or code in _SELECTORS
        or code in _UNASSIGNED
    )


def is_visible(text: str) -> bool:
    """Whether something of it is seen: not only blanks, or marks without a letter."""
    return any(unicodedata.category(char)[0] not in "ZM" and not is_unseen(char) for char in text)


def refused(text: str, *, lines: bool = False) -> str | None:
    """The first character that no text may have, as "U+202E RIGHT-TO-LEFT OVERRIDE, which …", and what to do about it;
    None if all are good.

    Refused is what reorders text or is not seen, since readers would take it for another text. With `lines` it may have
    line breaks and tabs. A variation selector may follow the ideograph whose form it chooses.
    """
    if text.isascii() and text.isprintable():
        return None
    for before, char in zip(" " + text, text, strict=False):
        if not is_unseen(char) or (lines and char in _LINE_BREAKS):
            continue
        if ord(char) in _SELECTORS and unicodedata.name(before, "").startswith("CJK"):
            continue
        return f"{named(char)}, which is not for such a text: leave it out"
    return None


def named(char: str) -> str:
    """The character by code point and name, as "U+200B ZERO WIDTH SPACE"."""
    return f"U+{ord(char):04X} {unicodedata.name(char, _CONTROLS.get(char, ''))}".rstrip()


_CONTROLS = {"\0": "NULL", "\t": "TAB", "\n": "LINE FEED", "\r": "CARRIAGE RETURN", "\x1b": "ESCAPE", "\x7f": "DELETE"}
"""Controls have no names of their own in Unicode."""
