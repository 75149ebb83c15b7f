"""Which of the two languages a reader prefers (RFC 9110, 12.5.4). What is written in both needs no choice."""

from __future__ import annotations

from enum import StrEnum
from functools import lru_cache

from werkzeug.datastructures import LanguageAccept
from werkzeug.http import parse_accept_header


class Language(StrEnum):
    ZH = "zh"
    EN = "en"


@lru_cache(256)
def preferred(accepted: str | None) -> Language:
    """The language that the header `Accept-Language` puts first; Chinese where it names neither, or is no such header.

    Regions and scripts do not matter: who asks for `zh-TW` before `en` reads Chinese.
    """
    asked = parse_accept_header(accepted, LanguageAccept)
    primary = LanguageAccept((tag.replace("_", "-").partition("-")[0], quality) for tag, quality in asked)
    return Language(primary.best_match(list(Language), Language.ZH))
