"""What fields, their values and test items are called, as the services say it: `x-label`, `x-hint`, `x-written` and
`x-choices` of a schema (see shared.labels)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from services.portal.texts import LANGUAGES, has, text

if TYPE_CHECKING:
    from collections.abc import Mapping

_NO_HINT = {"zh": "", "en": ""}
_BETWEEN = {"zh": "；", "en": "; "}


@dataclass(frozen=True, slots=True)
class Words:
    """What a field is called, and what more is said of it, in each language."""

    label: Mapping[str, str]
    hint: Mapping[str, str]
    written: Mapping[str, str] = field(default_factory=lambda: _NO_HINT)
    """How its value is written, which is not asked of whoever chooses it."""

    @property
    def typed(self) -> Mapping[str, str]:
        """What more is said to whoever types it."""
        joined: dict[str, str] = {
            one: _BETWEEN[one].join(filter(None, (self.hint[one], self.written[one]))) for one in LANGUAGES
        }
        return _begun(joined)


def named(schema: Mapping[str, Any], name: str) -> Words:
    """What the field `name` with that schema is called; one that has no label is called by its name."""
    plain = name.replace("_", " ")
    label, hint = schema.get("x-label", {"zh": plain, "en": plain}), schema.get("x-hint", _NO_HINT)
    return Words(_begun(label), _begun(hint), schema.get("x-written", _NO_HINT))


def chosen(schema: Mapping[str, Any]) -> Mapping[str, Mapping[str, str]]:
    """What each value is called that a field may have, or that each item of it may have."""
    known = {**schema.get("items", {}).get("x-choices", {}), **schema.get("x-choices", {})}
    values = schema.get("enum") or schema.get("items", {}).get("enum") or known
    return {value: _begun(known[value]) if value in known else _called(value) for value in map(str, values)}


def _called(value: str) -> dict[str, str]:
    """What the portal calls a value; one that it does not know is shown as it can be read: III as it is, and
    section_head as Section head."""
    plain, key = value.replace("_", " "), f"value.{value}"
    if not has(key):
        return dict.fromkeys(LANGUAGES, capital(plain) if value.islower() else plain)
    return {language: text(key, language) for language in LANGUAGES}


def _begun(told: Mapping[str, str]) -> dict[str, str]:
    return {language: capital(said) for language, said in told.items()}


def capital(told: str) -> str:
    """As a name begins that stands alone."""
    return told[:1].upper() + told[1:]


def item_words(item: Mapping[str, Any]) -> Words:
    """What a test item is called, and what more is said of it."""
    return Words(_begun({language: item[language] for language in LANGUAGES}), _begun(item.get("hint", _NO_HINT)))
