"""Text in two languages, days included; and typed text: which characters are allowed, and when two texts are equal.

Typed texts are stored and shown as typed. Comparisons of them use `comparable`, because PDF files, phones, name plates
and Chinese input methods write the same number or name in many ways.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

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
"""Read as a hyphen. Excluded are characters that only look like one: the numeral U+4E00, the kana U+30FC."""
_BRACKETS = {ord(bracket): plain for pair, plain in (("[〔【〖", "("), ("]〕】〗", ")")) for bracket in pair}
"""Document numbers write the year in any of these brackets."""
_FILLERS = frozenset({0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x2065, 0x2800, 0x3164, 0xFFA0})
"""Invisible, although their category is letter, mark or symbol."""
_SELECTORS = frozenset({*range(0x180B, 0x180E), 0x180F, *range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)})
"""Variation selectors: they choose the form of the character before them."""
_UNASSIGNED = frozenset(
    {
        *(*range(0xFFF0, 0xFFF9), *range(0xE0000, 0xE1000)),
        *(*range(0xFDD0, 0xFDF0), *(plane << 16 | last for plane in range(17) for last in (0xFFFE, 0xFFFF))),
    }
)
"""Reserved for invisible characters, and noncharacters."""
_LINE_BREAKS = "\t\n\r"
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_DAY_WITHIN = re.compile(r"(?<![0-9A-Za-z-])\d{4}-\d{2}-\d{2}(?![0-9A-Za-z-])")
_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_MARK_BEFORE = re.compile(r"(?:CPA|CMC):?(?=.)")
"""The mark before a number on instruments and packages."""


class Text(NamedTuple):
    """What people read, in both languages; each reads one of them."""

    zh: str
    en: str

    @classmethod
    def plain(cls, text: str) -> Text:
        """What both read alike: numbers, codes, what somebody typed."""
        return cls(text, text)

    def told(self, language: str) -> str:
        return self.en if language == "en" else self.zh

    def __str__(self) -> str:
        """Both, for logs and terminals; once where they are the same."""
        return self.zh if self.zh == self.en else f"{self.zh} {self.en}"


def joined(told: Iterable[Text]) -> Text:
    """Several statements as one, for what has room for one."""
    each = [*told]
    return Text("；".join(one.zh for one in each), "; ".join(one.en for one in each))


def in_each(name: str, told: Text | Sequence[Text]) -> dict[str, Any]:
    """A text, or a list of texts, of the name as data: `name` has both languages, for who knows that field alone;
    `name_zh` and `name_en` have one each."""
    if isinstance(told, Text):
        return {name: str(told), f"{name}_zh": told.zh, f"{name}_en": told.en}
    return {
        name: [str(one) for one in told],
        f"{name}_zh": [one.zh for one in told],
        f"{name}_en": [one.en for one in told],
    }


def written(day: date) -> Text:
    """The day as people write it: 2013年9月25日, 25 September 2013."""
    return Text(f"{day.year}年{day.month}月{day.day}日", f"{day.day} {_MONTHS[day.month - 1]} {day.year}")


def written_month(month: str) -> Text:
    """The month 2013-09 as people write it: 2013年9月, September 2013."""
    year, number = map(int, month.split("-"))
    return Text(f"{year}年{number}月", f"{_MONTHS[number - 1]} {year}")


def shown(value: object) -> Text:
    """A value in a text: a day, also one of JSON data, as people write it; anything else as it is."""
    text = str(value)
    try:
        return written(date.fromisoformat(text)) if _DAY.fullmatch(text) else Text.plain(text)
    except ValueError:
        return Text.plain(text)  # such as 30 February


def with_days(told: Text) -> Text:
    """The text with each day in it as people write it."""
    return Text(
        _DAY_WITHIN.sub(lambda found: shown(found[0]).zh, told.zh),
        _DAY_WITHIN.sub(lambda found: shown(found[0]).en, told.en),
    )


@lru_cache(maxsize=8192)
def comparable(text: str) -> str:
    """A key for comparisons: equal for texts that differ only in compatibility forms (`Ⅲ`, `ＡＣＳ`), kinds of dashes
    and brackets, spaces, letter case, or invisible characters. Not for display."""
    if text.isascii() and text.isprintable():
        return "".join(text.translate(_BRACKETS).split()).casefold()
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold()).translate(
        _DASHES | _BRACKETS
    )
    # Characters that were separated may compose now.
    return unicodedata.normalize("NFKC", "".join(char for char in folded if not (char.isspace() or is_unseen(char))))


def same(one: str, other: str) -> bool:
    """Whether two typed texts are equal under `comparable`."""
    return comparable(one) == comparable(other)


def as_numbered(text: str) -> str:
    """The normal form of a document number, as issued by the office: capitals and ASCII punctuation, without spaces,
    brackets and the mark before it. `cpa ２０１３f101–22` becomes 2013F101-22."""
    plain = comparable(text).translate({ord("("): None, ord(")"): None}).upper()
    return _MARK_BEFORE.sub("", plain, count=1) if plain.startswith("C") else plain


def is_unseen(char: str) -> bool:
    """Whether the character is invisible, or only changes how others are drawn or ordered. Spaces count as visible."""
    code = ord(char)
    return (
        unicodedata.category(char) in {"Cc", "Cf", "Cs", "Zl", "Zp"}
        or code in _FILLERS
        or code in _SELECTORS
        or code in _UNASSIGNED
    )


def is_visible(text: str) -> bool:
    """Whether the text has a visible character other than spaces and combining marks."""
    return any(unicodedata.category(char)[0] not in "ZM" and not is_unseen(char) for char in text)


def refused(text: str, *, lines: bool = False) -> str | None:
    """Describe the first forbidden character, for example "U+202E RIGHT-TO-LEFT OVERRIDE, which …", and how to fix it;
    None if there is none.
    """
    char = forbidden(text, lines=lines)
    return f"{char}, which is not for such a text: leave it out" if char else None


def forbidden(text: str, *, lines: bool = False) -> str | None:
    """The first forbidden character by its name, for example "U+202E RIGHT-TO-LEFT OVERRIDE"; None if there is none.

    Forbidden are invisible characters and those that reorder text, because readers would take the text for another one.
    `lines` allows line breaks and tabs. A variation selector may follow an ideograph.
    """
    if text.isascii() and text.isprintable():
        return None
    for before, char in zip(" " + text, text, strict=False):
        if not is_unseen(char) or (lines and char in _LINE_BREAKS):
            continue
        if ord(char) in _SELECTORS and unicodedata.name(before, "").startswith("CJK"):
            continue
        return named(char)
    return None


def named(char: str) -> str:
    """The character's code point and name, for example "U+200B ZERO WIDTH SPACE"."""
    return f"U+{ord(char):04X} {unicodedata.name(char, _CONTROLS.get(char, ''))}".rstrip()


_CONTROLS = {"\0": "NULL", "\t": "TAB", "\n": "LINE FEED", "\r": "CARRIAGE RETURN", "\x1b": "ESCAPE", "\x7f": "DELETE"}
"""Unicode has no names for control characters."""
