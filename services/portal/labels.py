"""The words of the API's documents, taken apart.

A description there has its Chinese before its English: `电子邮箱 e-mail, to which messages go`. What a value means is
said in the same way: `结论: pass 合格, fail 不合格 whether the type passed`. Of it forms make labels and choices.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from services.portal.texts import LANGUAGES, has, text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_CHINESE = "\u2e80-\u9fff\uf900-\ufaff\uff01-\uff60\u3000-\u303f"
_LEADING = re.compile(rf"^(?:[A-Z]{{2,}})?[{_CHINESE}](?:[{_CHINESE}]|[A-Za-z0-9%“”‘’·()/ ]*(?=[{_CHINESE}]))*")
_TRAILING = re.compile(rf"\s*[{_CHINESE}][^a-z]*$")
_LONGEST_SYMBOL = 6
_KEPT = 4096
"""Texts that are taken apart once: the documents have some thousand."""
_HAS_CHINESE = re.compile(f"[{_CHINESE}]")


@dataclass(frozen=True, slots=True)
class Words:
    """What a field is called, and what more is said of it, in each language."""

    label: Mapping[str, str]
    hint: Mapping[str, str]


@lru_cache(_KEPT)
def split(written: str) -> dict[str, str]:
    """A text with both languages, taken apart; one language stands for both where the other is missing."""
    written = written.strip()
    if leading := _LEADING.match(written):
        zh, en = leading.group(), written[leading.end() :]
    elif trailing := _TRAILING.search(written):
        zh, en = trailing.group(), written[: trailing.start()]
    else:
        zh, en = ("", written) if not _HAS_CHINESE.search(written) else (written, "")
    zh, en = zh.strip(" 。:：;；"), en.strip(" :;.")
    return {"zh": zh or en, "en": capital(en or zh)}


_SUBJECT = re.compile(r"(?P<number>\S+) (?P<zh>.+?) (?P=number):? (?P<en>.+)")


def subject(written: str) -> dict[str, str]:
    """The subject of a message, which names its case in each language, taken apart."""
    found = _SUBJECT.fullmatch(written)
    if found is None:
        return {"zh": written, "en": written}
    return {language: f"{found['number']} {found[language]}" for language in ("zh", "en")}


def named(schema: Mapping[str, Any], name: str) -> Words:
    """What the field `name` with that schema is called: as its `x-label` says, else as its description does."""
    values = [str(value) for value in schema.get("enum", ())]
    if (label := schema.get("x-label")) is None:
        return words(schema.get("description", ""), name, values)
    en, more = _cut(label["en"])
    return Words({"zh": label["zh"], "en": capital(en)}, {"zh": "", "en": "" if values else more})


def chosen(schema: Mapping[str, Any], name: str) -> Mapping[str, Mapping[str, str]]:
    """What each value is called that the field `name` may have; a symbol is called as it is."""
    values = [str(value) for value in schema.get("enum", ())]
    if "x-label" not in schema:
        return choices(schema.get("description", ""), values)
    return {value: _called(f"choice.{name}-{value}", f"value.{value}", value) for value in values}


def _called(own: str, common: str, value: str) -> dict[str, str]:
    key = own if has(own) else common
    return {language: text(key, language) if has(key) else value for language in LANGUAGES}


def words(description: str, name: str, values: Sequence[str] = ()) -> Words:
    """What a field called `name` with that description is called. `values` are those it may have."""
    return _words(description, name, tuple(values))


@lru_cache(_KEPT)
def _words(description: str, name: str, values: tuple[str, ...]) -> Words:
    plain = capital(name.replace("_", " "))
    # Symbols of a family's characteristics stand before what they mean: `class 准确度等级 accuracy class`.
    symbol, blank, meaning = description.partition(" ")
    if blank and (len(symbol) <= _LONGEST_SYMBOL or symbol == name) and _HAS_CHINESE.match(meaning):
        description = meaning if not _HAS_CHINESE.search(symbol) else description
    if values:
        return Words(_named(description, values, plain), {"zh": "", "en": ""})
    told = split(description.strip(" :："))
    en, more = _cut(told["en"])
    zh, _, more_zh = told["zh"].partition("；")
    return Words({"zh": zh or plain, "en": en if en != zh else plain}, {"zh": more_zh, "en": more})


def choices(description: str, values: Sequence[str]) -> Mapping[str, Mapping[str, str]]:
    """What each of the values means."""
    return _choices(description, tuple(values))


@lru_cache(_KEPT)
def _choices(description: str, values: tuple[str, ...]) -> Mapping[str, Mapping[str, str]]:
    said = _meanings(description, values)
    # What stands behind the last alone is said of all of them: whether the type passed.
    of_all = len(values) > 1 and said[values[-1]]["en"] and not said[values[0]]["en"]
    found = {}
    for value in values:
        plain = _plain(value)
        en = "" if of_all and value == values[-1] else said[value]["en"]
        found[value] = {"zh": said[value]["zh"] or plain, "en": capital(en) or plain}
    return found


def _named(description: str, values: Sequence[str], plain: str) -> dict[str, str]:
    """What a field is called that has a meaning for each of its values."""
    starts = [start for start, _ in _places(description, values).values()]
    before = description[: min(starts)] if starts else description
    told = split(before.strip(" :：")) if before.strip(" :：") else {"zh": "", "en": ""}
    if told["en"] != told["zh"]:
        return {"zh": told["zh"], "en": _cut(told["en"])[0]}
    said = _meanings(description, values)
    of_all = said[values[-1]]["en"] if len(values) > 1 and not said[values[0]]["en"] else ""
    return {"zh": told["zh"] or plain, "en": capital(of_all) or plain}


def _meanings(description: str, values: Sequence[str]) -> dict[str, dict[str, str]]:
    places = _places(description, values)
    found = {value: {"zh": "", "en": ""} for value in values}
    for value, (start, end) in places.items():
        # A meaning goes on until another value is named, or something is said of all of them.
        until = min((other for other, _ in places.values() if other > start), default=len(description))
        told = split(_OF_ALL.split(description[end:until])[0].strip(" ,，、`"))
        found[value] = {"zh": told["zh"], "en": told["en"] if told["en"] != told["zh"] else ""}
    return found


_OF_ALL = re.compile("[;:；]")


def _places(description: str, values: Sequence[str]) -> dict[str, tuple[int, int]]:
    """Where each value is named, and where its meaning begins: in Chinese, if it has any."""
    found = {}
    for value in values:
        named = rf"(?<!\w)`?{re.escape(value)}`? "
        place = re.search(rf"{named}(?=[A-Z]*[{_CHINESE}])", description) or re.search(named, description)
        if place:
            found[value] = place.span()
    return found


def _plain(value: str) -> str:
    """A value whose meaning nobody says, as it can be read: section_head is Section head, III stays."""
    return capital(value.replace("_", " ")) if value.islower() else value.replace("_", " ")


def _cut(told: str) -> tuple[str, str]:
    """The name, and what is said of it behind the first comma, colon or semicolon."""
    found = re.search(r"[,;:] ", told)
    return (told[: found.start()], capital(told[found.end() :])) if found else (told, "")


def capital(told: str) -> str:
    """As a name begins that stands alone."""
    return told[:1].upper() + told[1:]


def item_words(item: Mapping[str, Any]) -> Words:
    """What a test item is called, and what more is said of it: that has its place behind a colon."""
    told = {language: item[language].partition("：" if language == "zh" else ": ") for language in ("zh", "en")}
    return Words(
        {language: name[:1].upper() + name[1:] for language, (name, _, _) in told.items()},
        {language: more[:1].upper() + more[1:] for language, (_, _, more) in told.items()},
    )
