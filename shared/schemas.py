"""Fields and checks that requests and events have in common (marshmallow)."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from marshmallow import RAISE, Schema, ValidationError, fields, validate

from shared.problems import Problem, Violation

if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_TEXT = 4000


class Strict(Schema):
    """Refuses fields it does not know: a misspelt field is an error, not a silence."""

    class Meta:
        unknown = RAISE


class Empty(Strict):
    """Nothing to say."""


class EventData(Strict):
    """What every event tells: `on` is the legal date of the fact (Asia/Shanghai), `state` what the case is in now."""

    on = fields.Date(required=True)
    state = fields.String(required=True)


def text(*, required: bool = True, maximum: int = MAX_TEXT, **more: Any) -> fields.String:
    """A text that says something: not empty, not only blanks, and no longer than `maximum` characters."""
    return fields.String(required=required, validate=[_says_something, validate.Length(max=maximum)], **more)


def choice(*values: str, required: bool = True) -> fields.String:
    return fields.String(required=required, validate=validate.OneOf(values))


def load(schema: Schema, data: Any, *, partial: bool = False) -> dict[str, Any]:
    """`data` as `schema` wants it. Raises Problem, of kind invalid, with every fault at once."""
    if not isinstance(data, dict):
        raise Problem("invalid", "send a JSON object")
    try:
        return dict(schema.load(data, partial=partial))
    except ValidationError as error:
        messages: dict[str, Any] = error.normalized_messages()  # type: ignore[no-untyped-call]
        raise invalid(_violations(messages)) from None


@cache
def instance(schema: type[Schema]) -> Schema:
    """The schema ready for use: making one costs more than using it."""
    return schema()


def invalid(violations: list[Violation]) -> Problem:
    """The problem that lists `violations`, at least one."""
    things = "one thing" if len(violations) == 1 else f"{len(violations)} things"
    return Problem("invalid", f"{things} to mend, listed in invalid_params", violations)


def _says_something(value: str) -> None:
    if not value.strip():
        raise ValidationError("missing: write something here")


def _violations(messages: Mapping[Any, Any], path: str = "") -> list[Violation]:
    """marshmallow's nested messages as a flat list of paths and reasons."""
    found: list[Violation] = []
    for key, value in messages.items():
        name = path if key == "_schema" else f"{path}.{key}".lstrip(".")
        if isinstance(value, dict):
            found += _violations(value, name)
        else:
            found += [Violation(name, _code(reason), reason) for reason in map(str, value)]
    return found


def _code(reason: str) -> str:
    """A word that programs can read: what our own rules say before a colon, or one for marshmallow's messages."""
    head, colon, _ = reason.partition(":")
    if colon and head.isidentifier():
        return head
    if reason.startswith("Unknown field"):
        return "unknown_field"
    return "missing" if reason.startswith("Missing data") else "invalid"
