"""The columns of the law's TOML files: dates, spans, rungs, texts."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from marshmallow import ValidationError, fields, validate

from shared.law import rows
from shared.law.counting import Limit, LimitError
from shared.schemas import is_legible, says_something


class Day(fields.Field[date]):
    """A date written without quotes: TOML has its own date type, so a quoted date is a mistake."""

    def _deserialize(self, value: object, *_: object, **__: object) -> date:
        if isinstance(value, datetime) or not isinstance(value, date):
            raise ValidationError("write a date without quotes, as 2013-08-30")
        return value


_AT = (
    'give a percentage from 1 to 100, "due", "after_due", { before = { amount = 2, unit = "working_days" } } or'
    " { after = … }; before may be a list of spans"
)


class At(fields.Field[rows.RungAt]):
    """When a rung fires: see `rows.Rung`."""

    def _deserialize(self, value: object, *_: object, **__: object) -> rows.RungAt:
        match value:
            case "due" | "after_due":
                return value
            case int() if not isinstance(value, bool) and 1 <= value <= 100:  # noqa: PLR2004 - per cent
                return value
            case {"before": [_, *_] as spans, **others} if not others:
                return rows.Before(tuple(_limit(span) for span in spans))
            case {"before": span, **others} if not others:
                return rows.Before((_limit(span),))
            case {"after": span, **others} if not others:
                return rows.After(_limit(span))
        raise ValidationError(_AT)


def _limit(value: object) -> Limit:
    if not isinstance(value, dict) or set(value) != {"amount", "unit"} or type(value["amount"]) is not int:
        raise ValidationError('write { amount = 5, unit = "working_days" }')
    try:
        return Limit.stated(value["amount"], value["unit"])
    except LimitError as error:
        raise ValidationError(str(error)) from None


class Span(fields.Field[Limit]):
    """{amount = 5, unit = "working_days"}"""

    def _deserialize(self, value: object, *_: object, **__: object) -> Limit:
        return _limit(value)


def text(*choices: str, **options: Any) -> fields.String:
    """A legible text, or one of the choices."""
    checks = [validate.OneOf(choices, error="use one of {choices}")] if choices else [says_something, is_legible]
    return fields.String(validate=checks, **{"required": True, **options})


class Texts(fields.List[Any]):
    """A tuple of such texts."""

    def __init__(self, *choices: str, required: bool = True) -> None:
        super().__init__(text(*choices), required=required)

    def _deserialize(self, value: object, *args: Any, **kwargs: Any) -> Any:
        return tuple(super()._deserialize(value, *args, **kwargs))


class MonthDay(fields.Field[tuple[int, int]]):
    """A day of every year."""

    def _deserialize(self, value: object, *_: object, **__: object) -> tuple[int, int]:
        try:
            day = datetime.strptime(f"2000-{value}", "%Y-%m-%d")  # noqa: DTZ007 - a day of the calendar, no instant
        except ValueError:
            raise ValidationError('write a month and a day, as "05-01"') from None
        return day.month, day.day
