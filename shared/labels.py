"""What a field is called, for documents of the API, forms and lists: declared with the field, in both languages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from shared.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping


LABELS = ("x-label", "x-hint", "x-written", "x-choices")
"""Where schemas and parameters of documents have what they are called."""


def labelled(
    zh: str,
    en: str,
    *,
    hint: Text | None = None,
    written: Text | None = None,
    choices: Mapping[str, Text] | None = None,
    unit: str = "",
    **more: Any,
) -> dict[str, Any]:
    """The metadata of a field that is called `zh` and `en`. `hint` is what more is to be known to fill it in or read
    it, `written` how its value is written, such as by a code, which whoever is offered a choice need not know;
    `choices` what its values mean, `unit` the usual unit, in UCUM. `more` is the rest of the metadata, such as
    `example`. Tools that do not know our labels show the `description`, which is in English."""
    label = Text(zh, en)
    described = "; ".join(part.en for part in (label, hint, written) if part)
    found: dict[str, Any] = {"description": described, "x-label": both(label)}
    if hint:
        found["x-hint"] = both(hint)
    if written:
        found["x-written"] = both(written)
    if choices:
        found["x-choices"] = {value: both(meaning) for value, meaning in choices.items()}
    if unit:
        found["x-unit"] = unit
    return {**found, **more}


def both(text: Text) -> dict[str, str]:
    """The text as JSON."""
    return text._asdict()
