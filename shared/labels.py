"""What a field is called, for documents of the API, forms and lists: declared with the field, in both languages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from shared.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping


LABELS = ("x-label", "x-hint", "x-choices")
"""Where schemas and parameters of documents have what they are called."""


def labelled(
    zh: str,
    en: str,
    *,
    hint: Text | None = None,
    choices: Mapping[str, Text] | None = None,
    unit: str = "",
    **more: Any,
) -> dict[str, Any]:
    """The metadata of a field that is called `zh` and `en`. `hint` is what more is to be known to fill it in or read
    it, `choices` what its values mean, `unit` the usual unit, in UCUM. `more` is the rest of the metadata, such as
    `example`. Tools that do not know our labels show the `description`, which is in English."""
    label = Text(zh, en)
    found: dict[str, Any] = {"description": f"{en}; {hint.en}" if hint else en, "x-label": both(label)}
    if hint:
        found["x-hint"] = both(hint)
    if choices:
        found["x-choices"] = {value: both(meaning) for value, meaning in choices.items()}
    if unit:
        found["x-unit"] = unit
    return {**found, **more}


def both(text: Text) -> dict[str, str]:
    """The text as JSON."""
    return text._asdict()
