"""Fields and checks that requests and events have in common (marshmallow)."""

from __future__ import annotations

from copy import deepcopy
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any

from marshmallow import INCLUDE, RAISE, Schema, ValidationError, fields, validate

from shared.problems import Problem, Violation

if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_TEXT = 4000
NEXT_PAGE = {"description": "下一页 path of the page after this, if there is one", "example": None}


class Strict(Schema):
    """Refuses fields it does not know: a misspelt field is an error, not a silence."""

    class Meta:
        unknown = RAISE


class Answer(Schema):
    """What is given to readers. More may be added to it at any time: they skip what they do not know."""

    class Meta:
        unknown = INCLUDE


class Instant(fields.AwareDateTime):
    """A moment written with its offset, loaded as UTC: not every offset that can be written is one for PostgreSQL."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> datetime:
        moment: datetime = super()._deserialize(value, attr, data, **kwargs)
        try:
            return moment.astimezone(UTC)
        except OverflowError:
            raise self.make_error("invalid", input=value, obj_type=self.OBJ_TYPE) from None


class Bilingual(Answer):
    """中英文对照。 The same in Chinese and English."""

    zh = fields.String(required=True, metadata={"description": "中文 in Chinese", "example": "…"})
    en = fields.String(required=True, metadata={"description": "英文 in English", "example": "…"})


class Empty(Strict):
    """没有专有字段。 No fields of its own."""


class EventData(Strict):
    """What every event tells: `on` is the legal date of the fact (Asia/Shanghai), `state` what the case is in now."""

    on = fields.Date(required=True)
    state = fields.String(required=True)


def text(*, required: bool = True, maximum: int = MAX_TEXT, **more: Any) -> fields.String:
    """A text that says something: not empty, not only blanks, and no longer than `maximum` characters."""
    return fields.String(required=required, validate=[says_something, validate.Length(max=maximum)], **more)


def choice(*values: str, required: bool = True, **more: Any) -> fields.String:
    return fields.String(required=required, validate=validate.OneOf(values), **more)


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
def listed(item: type[Schema]) -> type[Schema]:
    """A page of a collection."""
    content = {
        "__doc__": "列表的一页。 A page of a list.",
        "items": fields.List(fields.Nested(item), required=True),
        "next": fields.String(metadata=NEXT_PAGE),
    }
    return type(f"{item.__name__}List", (Answer,), {"__module__": item.__module__, **content})


@cache
def dated(schema: type[Schema]) -> type[Schema]:
    """What was sent, as it is kept: with the legal date `on` which it was done."""
    content = {"on": fields.Date(required=True, metadata={"description": "办理日期 day on which it was done"})}
    named = {"__module__": schema.__module__, "__doc__": schema.__doc__}
    return type(f"{schema.__name__}Dated", (schema,), {**named, **content})


@cache
def drafted(schema: type[Schema]) -> type[Schema]:
    """`schema` for what is not yet finished: at any depth nothing is required, and what is there must be right."""
    named = f"{schema.__name__}Draft"
    optional = {name: _optional(field) for name, field in schema._declared_fields.items()}  # noqa: SLF001 - no other way
    return type(named, (schema,), {"__module__": schema.__module__, "__doc__": schema.__doc__, **optional})


def _optional(field: fields.Field[Any]) -> fields.Field[Any]:
    found = deepcopy(field)
    found.required = False
    if isinstance(found, fields.Nested):
        found.nested = drafted(found.nested)  # type: ignore[arg-type]
    elif isinstance(found, fields.List):
        found.inner = _optional(found.inner)
    return found


@cache
def instance(schema: type[Schema]) -> Schema:
    """The schema ready for use: making one costs more than using it."""
    return schema()


def invalid(violations: list[Violation]) -> Problem:
    """The problem that lists `violations`, at least one."""
    things = "one thing" if len(violations) == 1 else f"{len(violations)} things"
    return Problem("invalid", f"{things} to mend, listed in invalid_params", violations)


def says_something(value: str) -> None:
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
