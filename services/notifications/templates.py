"""Message templates: read once, checked whole, so that a text missing in a language stops the start, not a message."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from marshmallow import fields, validate

from shared.schemas import Strict, text

if TYPE_CHECKING:
    from collections.abc import Mapping

RECIPIENTS = ("applicant", "laboratory", "authority", "supervision")


class _Row(Strict):
    id = text(maximum=60)
    version = fields.Integer(required=True, strict=True)
    to = fields.List(fields.String(validate=validate.OneOf(RECIPIENTS)), required=True)
    subject_zh = text(maximum=200)
    subject_en = text(maximum=200)
    body_zh = text()
    body_en = text()


@dataclass(frozen=True, slots=True)
class Template:
    """The fields are those of a row of `templates.toml`."""

    id: str
    version: int
    to: tuple[str, ...]
    subject_zh: str
    subject_en: str
    body_zh: str
    body_en: str

    def render(self, context: Mapping[str, Any], language: str = "both") -> tuple[str, str]:
        """Subject and body in `zh`, `en`, or `both`, Chinese first.

        Raises KeyError when a field of the text is not in `context`.
        """
        shown = {key: _shown(value) for key, value in context.items()}
        subjects = {"zh": self.subject_zh, "en": self.subject_en}
        bodies = {"zh": self.body_zh, "en": self.body_en}
        wanted = ("zh", "en") if language == "both" else (language,)
        subject = " ".join(subjects[one].format_map(shown) for one in wanted)
        return subject, "\n\n".join(bodies[one].format_map(shown) for one in wanted) + "\n"


@cache
def templates() -> Mapping[str, Template]:
    """All templates by id. Raises ValidationError when the file is not whole."""
    content = tomllib.loads(files("services.notifications").joinpath("templates.toml").read_text(encoding="utf-8"))
    rows = _Row(many=True).load(content["template"])
    return {row["id"]: Template(**{**row, "to": tuple(row["to"])}) for row in rows}


def _shown(value: Any) -> str:
    if isinstance(value, list):
        return "；".join(map(_shown, value)) or "—"
    return "—" if value is None else str(value)
