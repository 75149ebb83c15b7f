"""Language negotiation (RFC 9110, 12.5.4) for texts that exist in Chinese and in English."""

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
    """The preferred language in the header `Accept-Language`; Chinese if it names neither, or is absent or malformed.

    Regions and scripts are ignored: `zh-TW` before `en` means Chinese.
    """
    asked = parse_accept_header(accepted, LanguageAccept)
    primary = LanguageAccept((tag.replace("_", "-").partition("-")[0], quality) for tag, quality in asked)
    return Language(primary.best_match(list(Language), Language.ZH))
