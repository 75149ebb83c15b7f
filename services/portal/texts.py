"""Every text of the portal's own, in both languages, from `texts.toml`: none is missing, and none is in a template."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

Language = Literal["zh", "en"]
LANGUAGES: tuple[Language, ...] = ("zh", "en")
_FILE = Path(__file__).with_name("texts.toml")


class TextError(LookupError):
    """The catalogue lacks a text, or half of one."""


@cache
def catalogue() -> Mapping[str, Mapping[Language, str]]:
    """All texts: by `section.name`, in each language. Raises TextError for one that is not in both."""
    found: dict[str, Mapping[Language, str]] = {}
    for section, texts in tomllib.loads(_FILE.read_text(encoding="utf-8")).items():
        for name, written in texts.items():
            if len(written) != len(LANGUAGES) or not all(text.strip() for text in written):
                raise TextError(f"{_FILE.name}: {section}.{name} must be Chinese and English: [zh, en]")
            found[f"{section}.{name}"] = dict(zip(LANGUAGES, written, strict=True))
    return found


def text(key: str, language: Language, **facts: Any) -> str:
    """The text called `key`, with `facts` in their places. Raises TextError."""
    try:
        return catalogue()[key][language].format(**facts)
    except KeyError as error:
        raise TextError(f"{key}: {error} is missing") from None


def both(key: str) -> Mapping[str, str]:
    """The text called `key` in each language. Raises KeyError."""
    return {str(language): written for language, written in catalogue()[key].items()}


def has(key: str) -> bool:
    return key in catalogue()
