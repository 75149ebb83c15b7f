"""Validators of marshmallow whose refusals are told in both languages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from marshmallow import ValidationError, validate

from shared.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Sized


class Said(NamedTuple):
    """A fault as it stands among marshmallow's messages: its code and what it says."""

    code: str
    reason: Text


def refusal(code: str, zh: str, en: str, field: str = "_schema") -> ValidationError:
    """The error that refuses a value, or the `field` of a schema."""
    return ValidationError([Said(code, Text(zh, en))], field)


class Length(validate.Length):
    """How many characters a text may have, or how many items a list."""

    def __call__(self, value: Sized) -> Any:
        try:
            return super().__call__(value)
        except ValidationError:
            pass
        least, most, has = self.min, self.max, len(value)
        if most is not None and has > most:
            raise refusal("invalid", f"最多{most}，现为{has}", f"it may have {most} at most and has {has}")
        raise refusal("invalid", f"至少{least}，现为{has}", f"it needs {least} at least and has {has}")


class Range(validate.Range):
    """From which to which a number or day may be."""

    def __call__(self, value: Any) -> Any:
        try:
            return super().__call__(value)
        except ValidationError:
            pass
        if self.min is None or self.max is None:
            zh, en = (f"最大为{self.max}", "at most") if self.min is None else (f"最小为{self.min}", "at least")
            raise refusal("invalid", zh, f"it is {en} {self.max if self.min is None else self.min}")
        raise refusal("invalid", f"须在{self.min}至{self.max}之间", f"it is from {self.min} to {self.max}")


class OneOf(validate.OneOf):
    """Which values there are; `told` is what is wrong with others."""

    def __init__(self, choices: Iterable[Any], *, told: Said | None = None) -> None:
        super().__init__(choices)
        self.told = told

    def __call__(self, value: Any) -> Any:
        try:
            return super().__call__(value)
        except ValidationError:
            if self.told:
                raise ValidationError([self.told]) from None
            known = [str(one) for one in self.choices]
            raise refusal("invalid", f"须为{'、'.join(known)}之一", f"it is one of {', '.join(known)}") from None


class Form(validate.Regexp):
    """The form of a text, in words."""

    def __init__(self, pattern: str, wanted: Text) -> None:
        super().__init__(pattern)
        self.wanted = wanted

    def __call__(self, value: Any) -> Any:
        try:
            return super().__call__(value)
        except ValidationError:
            raise refusal("form", *self.wanted) from None


KNOWN = {
    "Missing data for required field.": Said("missing", Text("未填写", "this is required")),
    "Field may not be null.": Said("invalid", Text("不得为null", "this may not be null")),
    "Unknown field.": Said("unknown_field", Text("没有这一项", "there is no such field")),
    "Not a valid string.": Said("invalid", Text("须为文字", "write a text")),
    "Not a valid integer.": Said("invalid", Text("须为整数", "write a whole number")),
    "Not a valid number.": Said("invalid", Text("须为数字", "write a number")),
    "Number too large.": Said("invalid", Text("数字过大", "the number is too large")),
    "Not a valid boolean.": Said("invalid", Text("须为true或false", "write true or false")),
    "Not a valid date.": Said("invalid", Text("须为日期，写作年-月-日", "write a day as YYYY-MM-DD")),
    "Not a valid datetime.": Said(
        "invalid", Text("须为时间，如2013-09-17T09:00:00+08:00", "write an instant with its offset")
    ),
    "Not a valid aware datetime.": Said("invalid", Text("时间须带时区", "write an instant with its offset")),
    "Not a valid list.": Said("invalid", Text("须为列表", "send a list")),
    "Not a valid mapping type.": Said("invalid", Text("须为JSON对象", "send a JSON object")),
    "Invalid input type.": Said("invalid", Text("须为JSON对象", "send a JSON object")),
    "Not a valid email address.": Said(
        "invalid", Text("须为电子邮箱，如name@example.com", "write an address as name@example.com")
    ),
}
"""What marshmallow's own fields say."""
