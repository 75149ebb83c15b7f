"""Common marshmallow fields and validators for requests and events.

All fields that read requests are bounded: texts in length and characters, numbers and dates in range, lists in length.
A test checks every schema of every route for unbounded fields.
"""

from __future__ import annotations

import re
from copy import deepcopy
from datetime import UTC, date, datetime
from functools import cache
from typing import TYPE_CHECKING, Any

from marshmallow import INCLUDE, RAISE, Schema, ValidationError, fields, validate

from shared.labels import labelled
from shared.problems import Problem, Violation
from shared.text import Text, comparable, forbidden, is_visible
from shared.validators import KNOWN, Form, Length, OneOf, Range, Said, refusal

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Mapping, Sequence

MAX_TEXT = 4000
MAX_LINE = 200
"""Texts up to this length are single lines, without line breaks."""
MAX_COUNT = 1_000_000
MAX_NAMES = 60
FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2199, 12, 31)
"""The range of dates accepted in requests."""
NEXT_PAGE = labelled("下一页", "path of the next page", hint=Text("最后一页没有", "absent on the last"), example=None)


class Strict(Schema):
    """Refuses unknown fields, so that a misspelt field is an error."""

    class Meta:
        unknown = RAISE


class Answer(Schema):
    """A response. It may gain fields at any time, so clients must ignore unknown ones."""

    class Meta:
        unknown = INCLUDE


class Instant(fields.AwareDateTime):
    """A time with its offset, loaded as UTC, because PostgreSQL does not accept every offset."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> datetime:
        moment: datetime = super()._deserialize(value, attr, data, **kwargs)
        try:
            return moment.astimezone(UTC)
        except OverflowError:
            raise self.make_error("invalid", input=value, obj_type=self.OBJ_TYPE) from None


class Texts(fields.Dict):
    """Texts by name, at most `maximum` of them. `forms` are schemas, one of which says which names there are: documents
    show all of them, and whoever reads the texts checks the names."""

    def __init__(self, *forms: type[Schema], maximum: int = MAX_NAMES, **more: Any) -> None:
        values = fields.String(validate=Length(max=MAX_LINE))
        super().__init__(keys=fields.String(), values=values, **more)
        self.forms, self.maximum, self._one = forms, maximum, text(maximum=MAX_LINE)

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> dict[str, str]:
        if not isinstance(value, dict):
            raise refusal(
                "form",
                '须为文字的JSON对象，如{"name": "value"}',
                'send a JSON object of texts, such as {"name": "value"}',
            )
        if len(value) > self.maximum:
            raise refusal(
                "form",
                f"最多{self.maximum}项，现为{len(value)}项",
                f"give at most {self.maximum} names, these are {len(value)}",
            )
        found: dict[str, str] = {}
        faults = {}
        for name, one in value.items():
            if not _NAME.fullmatch(name):
                raise refusal(
                    "form",
                    f"“{name[:MAX_LINE]}”不是名称：只用小写拉丁字母、数字和_",
                    f"{name[:MAX_LINE]!r} is not a name: use small Latin letters, digits and _",
                )
            try:
                found[name] = str(self._one.deserialize(one))
            except ValidationError as error:
                faults[name] = error.messages
        if faults:
            raise ValidationError(faults, valid_data=found)
        return found


class Day(fields.Date):
    """A date such as 2013-09-17; other ISO 8601 forms are refused."""

    def __init__(self, first: date = FIRST_DAY, last: date = LAST_DAY, **more: Any) -> None:
        super().__init__(validate=Range(first, last), **more)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> date:
        if not isinstance(value, str) or not _DAY.fullmatch(value):
            raise self.make_error("invalid", input=value, obj_type=self.OBJ_TYPE)
        return super()._deserialize(value, attr, data, **kwargs)


class Flag(fields.Boolean):
    """A JSON boolean, or with `asked` the words true and false in a query string. Other spellings are refused."""

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
    """A whole number in a query string, in ASCII digits only."""

    def _validated(self, value: Any) -> int:
        if isinstance(value, str) and not _DIGITS.fullmatch(value):
            raise self.make_error("invalid", input=value)
        return super()._validated(value)


_DAY = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")
_DIGITS = re.compile("[0-9]{1,19}")
_NAME = re.compile("[a-z][a-z0-9_]{0,39}")


class Bilingual(Answer):
    """中英文对照。 A text in Chinese and English."""

    zh = fields.String(required=True, metadata=labelled("中文", "in Chinese", example="…"))
    en = fields.String(required=True, metadata=labelled("英文", "in English", example="…"))


class Empty(Strict):
    """没有专有字段。 No specific fields."""


class EventData(Strict):
    """The fields of every event: `on` is the legal date of the fact (Asia/Shanghai), `state` the new state of the
    case."""

    on = fields.Date(required=True)
    state = fields.String(required=True)


def text(*, required: bool = True, maximum: int = MAX_TEXT, lines: bool | None = None, **more: Any) -> fields.String:
    """A text field: not blank, visible characters only, at most `maximum`. `lines` allows line breaks; by default they
    are allowed if `maximum` exceeds that of a line."""
    legible = has_legible_lines if (maximum > MAX_LINE if lines is None else lines) else is_legible
    return fields.String(required=required, validate=[legible, says_something, Length(max=maximum)], **more)


class _Sub(fields.String):
    def _deserialize(self, value: Any, *given: Any, **kwargs: Any) -> str:
        return str(super()._deserialize(value, *given, **kwargs)).strip()


def sub(*, required: bool = True, **more: Any) -> fields.String:
    """A person, named by the `sub` of their token. Blanks around it are not part of it: no token has them."""
    return _Sub(required=required, validate=[is_legible, says_something, Length(max=MAX_LINE)], **more)


def coded(pattern: str, wanted: Text, *, maximum: int, required: bool = True, **more: Any) -> fields.String:
    """A text that must match `pattern` as a whole; `wanted` says which form that is."""
    return fields.String(required=required, validate=[Form(rf"{pattern}\Z", wanted), Length(max=maximum)], **more)


def count(minimum: int = 1, maximum: int = MAX_COUNT, *, required: bool = True, **more: Any) -> fields.Integer:
    """A count, as a JSON number."""
    return fields.Integer(required=required, strict=True, validate=Range(minimum, maximum), **more)


def several(
    inner: fields.Field[Any],
    *,
    maximum: int,
    minimum: int = 1,
    required: bool = True,
    unique_by: tuple[str, ...] | None = None,
    **more: Any,
) -> fields.List[Any]:
    """A list. With `unique_by` nothing is there twice: see Unique."""
    sizes = Length(min=minimum or None, max=maximum)
    unique = [] if unique_by is None else [Unique(*unique_by)]
    return fields.List(inner, required=required, validate=[sizes, *unique], **more)


class Unique(validate.Validator):
    """Refuses a list that has the same thing twice, at the second one. What has the same values of the fields `by` is
    the same, texts compared as in `shared.text`; without such fields, what is the same value. Of the fields, only the
    first must be there: an item without it is skipped."""

    def __init__(self, *by: str) -> None:
        self.by = by

    def __call__(self, value: Sequence[Any]) -> Sequence[Any]:
        faults: dict[int, Any] = {}
        for place, first in repeated(map(self._key, value)).items():
            reason = [Said("twice", said_twice(first))]
            faults[place] = {self.by[0]: reason} if self.by else reason
        if faults:
            raise ValidationError(faults)
        return value

    def _key(self, one: Any) -> Hashable:
        if not self.by:
            return _alike(one)
        return tuple(_alike(one.get(name)) for name in self.by) if self.by[0] in one else None


def repeated(keys: Iterable[Hashable]) -> dict[int, int]:
    """The places of what is there again, each with the place where it was first; None is no thing."""
    first: dict[Hashable, int] = {}
    return {
        place: before
        for place, key in enumerate(keys)
        if key is not None and (before := first.setdefault(key, place)) != place
    }


def said_twice(first: int) -> Text:
    """What is wrong with what was there at the place `first` already."""
    return Text(f"与第{first + 1}项重复", f"this is the same as number {first + 1}")


def _alike(value: Any) -> Hashable:
    return comparable(value) if isinstance(value, str) else value


def choice(*values: str, required: bool = True, **more: Any) -> fields.String:
    return fields.String(required=required, validate=OneOf(values), **more)


def load(schema: Schema, data: Any, *, partial: bool = False) -> dict[str, Any]:
    """Validate `data` against `schema`. Raises Problem of kind `invalid` with every fault at once."""
    if not isinstance(data, dict):
        raise Problem("invalid", Text("请发送JSON对象", "send a JSON object"))
    try:
        return dict(schema.load(data, partial=partial))
    except ValidationError as error:
        messages: dict[str, Any] = error.normalized_messages()  # type: ignore[no-untyped-call]
        raise invalid(_violations(messages)) from None


@cache
def listed(item: type[Schema]) -> type[Schema]:
    """The schema of a page of items."""
    content = {
        "__doc__": "列表的一页。 A page of a list.",
        "items": fields.List(fields.Nested(item), required=True),
        "next": fields.String(metadata=NEXT_PAGE),
    }
    return type(f"{item.__name__}List", (Answer,), {"__module__": item.__module__, **content})


@cache
def dated(schema: type[Schema]) -> type[Schema]:
    """The schema with an additional field `on`, the legal date of the action, for stored content."""
    content = {"on": fields.Date(required=True, metadata=labelled("办理日期", "date of the action"))}
    named = {"__module__": schema.__module__, "__doc__": schema.__doc__}
    return type(f"{schema.__name__}Dated", (schema,), {**named, **content})


@cache
def drafted(schema: type[Schema]) -> type[Schema]:
    """The schema for drafts: nothing is required at any depth, but present values must be valid."""
    named = f"{schema.__name__}Draft"
    optional = {name: _optional(field) for name, field in schema._declared_fields.items()}  # noqa: SLF001 - no other way
    return type(named, (schema,), {"__module__": schema.__module__, "__doc__": schema.__doc__, **optional})


@cache
def sketched(schema: type[Schema]) -> type[Schema]:
    """`schema` for some of its fields, beside which there may be others."""
    draft = drafted(schema)
    options = type("Meta", (draft.Meta,), {"unknown": INCLUDE})
    return type(draft.__name__, (draft,), {"__module__": schema.__module__, "__doc__": schema.__doc__, "Meta": options})


def _optional(field: fields.Field[Any]) -> fields.Field[Any]:
    found = deepcopy(field)
    found.required = False
    if isinstance(found, fields.Nested):
        found.nested = drafted(found.nested)  # type: ignore[arg-type]
    elif isinstance(found, fields.List):
        found.inner = _optional(found.inner)
    elif isinstance(found, Texts):
        found.forms = tuple(map(sketched, found.forms))
    return found


@cache
def instance(schema: type[Schema]) -> Schema:
    """The cached schema instance, because creating one costs more than using it."""
    return schema()


def invalid(violations: list[Violation]) -> Problem:
    """A problem with these violations, at least one."""
    count = len(violations)
    things = "one fault" if count == 1 else f"{count} faults"
    told = Text(f"有{count}处需要改正，见invalid_params", f"{things} to correct, listed in invalid_params")
    return Problem("invalid", told, violations)


def says_something(value: str) -> None:
    if not is_visible(value):
        raise refusal("missing", "不得空白", "this must not be blank")


def is_legible(value: str) -> None:
    """Refuse line breaks and characters that are invisible or reorder text (see text.forbidden)."""
    if char := forbidden(value):
        raise _illegible(char)


def has_legible_lines(value: str) -> None:
    """Like `is_legible`, but allows line breaks."""
    if char := forbidden(value, lines=True):
        raise _illegible(char)


def _illegible(char: str) -> ValidationError:
    return refusal(
        "character", f"含有{char}，此处不能使用，请删除", f"this has {char}, which is not for such a text: leave it out"
    )


def _violations(messages: Mapping[Any, Any], path: str = "") -> list[Violation]:
    """Flatten marshmallow's nested messages to paths and reasons."""
    found: list[Violation] = []
    for key, value in messages.items():
        name = path if key == "_schema" else f"{path}.{key}".lstrip(".")
        if isinstance(value, dict):
            found += _violations(value, name)
        else:
            for reason in value:
                # What is wrong with items of a list is told by their places, beside what is wrong with the list.
                inner = _violations(reason, name) if isinstance(reason, dict) else None
                found += inner or [Violation(name, *_said(reason))]
    return found


def _said(reason: Said | str) -> tuple[str, Text | str]:
    """The code of a fault, and what it says. Of files that only programmers write, marshmallow's own words will do."""
    return KNOWN.get(reason, ("invalid", reason)) if isinstance(reason, str) else reason
