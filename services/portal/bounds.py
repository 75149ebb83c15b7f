"""The bounds of a laboratory's scope as people read them: a characteristic by its name, and within what it lies."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from services.portal.fields import BOUND, Choice
from services.portal.labels import chosen, named
from services.portal.texts import LANGUAGES
from shared.text import comparable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from services.portal.fields import Field

_LISTED = re.compile(r"\s*[,，、;；]\s*")
_BETWEEN = {"zh": "、", "en": ", "}


class Bounds:
    """Of instruments of one family, whose characteristics are the schema with that title."""

    def __init__(self, schemas: Mapping[str, Any], family: str | None) -> None:
        titled = (one["properties"] for one in schemas.values() if family and one.get("title") == family)
        # Registers have them by their names in forms, by symbols or in words of either language.
        self._parts = {
            comparable(written): (name, part)
            for name, part in next(titled, {}).items()
            for written in (name, part.get("x-symbol", name), *named(part, name).label.values())
        }

    def characteristic(self, written: str) -> Mapping[str, str]:
        """What the characteristic is called; one that is not known stays as it is written."""
        name, part = self._parts.get(comparable(written), ("", None))
        return dict.fromkeys(LANGUAGES, written) if part is None else named(part, name).label

    def within(self, characteristic: str, written: str) -> Mapping[str, str]:
        """The values, a range or a list, with what those are called that have a name."""
        _, part = self._parts.get(comparable(characteristic), ("", None))
        if part is None or "x-choices" not in part:
            return dict.fromkeys(LANGUAGES, written)
        called = {comparable(value): words for value, words in chosen(part).items()}
        values = [(one, called.get(comparable(one), {})) for one in _LISTED.split(written) if one]
        return {
            language: _BETWEEN[language].join(words.get(language, one) for one, words in values)
            for language in LANGUAGES
        }


def as_read(rows: Sequence[Field], schemas: Mapping[str, Any], family: str | None) -> list[Field]:
    """Rows of a form; bounds with how each field is read where it is not open to be typed into."""
    if not rows or tuple(one.name.rpartition(".")[2] for one in rows[0].children) != BOUND:
        return [*rows]
    known, found = Bounds(schemas, family), []
    for row in rows:
        name, within = row.children
        told = (known.characteristic(name.value), known.within(name.value, within.value))
        cells = (
            replace(one, choices=(Choice.called(one.value, words, chosen=True),)) if one.value else one
            for one, words in zip(row.children, told, strict=True)
        )
        found.append(replace(row, children=tuple(cells)))
    return found
