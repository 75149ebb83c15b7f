"""Fields and checks that requests and events have in common (marshmallow).

What callers send is read by the fields made here, which are bounded: texts in their length and characters, numbers and
days in their range, lists in their number. A test walks every schema of every route and finds any field that is not.
"""

from __future__ import annotations

import re
from copy import deepcopy
from datetime import UTC, date, datetime
from functools import cache
from typing import TYPE_CHECKING, Any

from marshmallow import INCLUDE, RAISE, Schema, ValidationError, fields, validate

from shared.problems import Problem, Violation
from shared.text import is_visible, refused

if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_TEXT = 4000
MAX_LINE = 200
"""A text that may not be longer is a line, without line breaks."""
MAX_COUNT = 1_000_000
FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2199, 12, 31)
"""Between them is every day on which something was or is to be done."""
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


class Day(fields.Date):
    """A day as 2013-09-17, in no other of the forms of ISO 8601."""

    def __init__(self, first: date = FIRST_DAY, last: date = LAST_DAY, **more: Any) -> None:
        super().__init__(validate=validate.Range(first, last), **more)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> date:
        if not isinstance(value, str) or not _DAY.fullmatch(value):
            raise self.make_error("invalid", input=value, obj_type=self.OBJ_TYPE)
        return super()._deserialize(value, attr, data, **kwargs)


class Flag(fields.Boolean):
    """True or false; where it is `asked`, in an address, these words. Nothing else that could mean one of them."""

    def __init__(self, *, asked: bool = False, **more: Any) -> None:
        super().__init__(**more)
        self._words = {"true": True, "false": False} if asked else {}

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> bool:
        if isinstance(value, bool):
            return value
        if isinstance(value, str) and value in self._words:
            return self._words[value]
        raise self.make_error("invalid", input=value)


class Digits(fields.Integer):
    """A whole number of an address, in ASCII digits and nothing else."""

    def _validated(self, value: Any) -> int:
        if isinstance(value, str) and not _DIGITS.fullmatch(value):
            raise self.make_error("invalid", input=value)
        return super()._validated(value)


_DAY = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")
_DIGITS = re.compile("[0-9]{1,19}")


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


def text(*, required: bool = True, maximum: int = MAX_TEXT, lines: bool | None = None, **more: Any) -> fields.String:
    """A text that says something in characters that are seen, at most `maximum` of them; with line breaks if `lines`,
    if not said where it is longer than a line."""
    legible = has_legible_lines if (maximum > MAX_LINE if lines is None else lines) else is_legible
    return fields.String(required=required, validate=[legible, says_something, validate.Length(max=maximum)], **more)


def coded(pattern: str, wanted: str, *, maximum: int, required: bool = True, **more: Any) -> fields.String:
    """A text of a form: `pattern` matches the whole of it, `wanted` says to people what it looks like."""
    form = validate.Regexp(rf"{pattern}\Z", error=wanted)
    return fields.String(required=required, validate=[form, validate.Length(max=maximum)], **more)


def count(minimum: int = 1, maximum: int = MAX_COUNT, *, required: bool = True, **more: Any) -> fields.Integer:
    """How many: a JSON number."""
    return fields.Integer(required=required, strict=True, validate=validate.Range(minimum, maximum), **more)


def several(
    inner: fields.Field[Any], *, maximum: int, minimum: int = 1, required: bool = True, **more: Any
) -> fields.List[Any]:
    return fields.List(inner, required=required, validate=validate.Length(min=minimum or None, max=maximum), **more)


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
    if not is_visible(value):
        raise ValidationError("missing: write something here")


def is_legible(value: str) -> None:
    """A line has only characters that are seen and stand where they are read (see text.refused)."""
    if why := refused(value):
        raise ValidationError(f"character: this has {why}")


def has_legible_lines(value: str) -> None:
    """As `is_legible`; it may have line breaks."""
    if why := refused(value, lines=True):
        raise ValidationError(f"character: this has {why}")


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
