"""Rows of data files: texts in both languages, and what is wrong with a row."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from marshmallow import ValidationError, fields

from shared.schemas import is_legible, says_something
from shared.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


class Both(fields.Field[Text]):
    """A text in both languages: ["中文", "English"]."""

    def _deserialize(self, value: object, *_: object, **__: object) -> Text:
        match value:
            case [str() as zh, str() as en]:
                for one in (zh, en):
                    says_something(one)
                    is_legible(one)
                return Text(zh, en)
        raise ValidationError('write ["中文", "English"]')


def paired(row: Mapping[str, Any], name: str, zh: str = "zh", en: str = "en") -> dict[str, Any]:
    """The row with these two columns as one text, `name`."""
    return {name: Text(row[zh], row[en])} | {key: value for key, value in row.items() if key not in (zh, en)}


def explain(error: ValidationError) -> str:
    """All faults in one line, by field."""
    messages = error.messages if isinstance(error.messages, dict) else {"row": error.messages}
    return "; ".join(f"field {field}: {' '.join(_leaves(problem))}" for field, problem in messages.items())


def _leaves(problem: object) -> Iterator[str]:
    if isinstance(problem, dict):
        for inner in problem.values():
            yield from _leaves(inner)
    elif isinstance(problem, list):
        for inner in problem:
            yield from _leaves(inner)
    else:
        yield str(problem)
