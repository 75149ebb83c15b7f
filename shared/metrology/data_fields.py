"""The fields that a family's TOML files are made of: texts, quantities, terms, bounds and conditions."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any, TypeVar

from marshmallow import ValidationError, fields, validate

from shared.metrology.quantity import Quantity
from shared.metrology.rules import Bounds, Term, Where
from shared.metrology.units import QuantityError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

T = TypeVar("T")


def text(*choices: str, **options: Any) -> fields.String:
    check = validate.OneOf(choices, error="use one of {choices}") if choices else validate.Length(min=1)
    return fields.String(validate=check, **{"required": True, **options})


def optional(*choices: str) -> fields.String:
    return text(*choices, required=False)


class Texts(fields.List[Any]):
    """A list of texts; one alone may stand without brackets."""

    def __init__(self, **options: Any) -> None:
        super().__init__(fields.String(validate=validate.Length(min=1)), **options)

    def _deserialize(self, value: object, *args: Any, **kwargs: Any) -> Any:
        return tuple(super()._deserialize([value] if isinstance(value, str) else value, *args, **kwargs))


class QuantityField(fields.Field[Quantity]):
    """A quantity as text, "4 m", or a number of no unit."""

    def _deserialize(self, value: object, *_: object, **__: object) -> Quantity:
        if not isinstance(value, str):
            raise ValidationError('write a quantity as text, "4 m"')
        return quantity(value, "1")


class FractionField(fields.Field[Fraction]):
    def _deserialize(self, value: object, *_: object, **__: object) -> Fraction:
        if not isinstance(value, str):
            raise ValidationError('write an exact number as text, "1.5"')
        return told(lambda: Fraction(value))


class TermField(fields.Field[Term]):
    """An amount that may depend on what the family knows by name; the names come with the schema's context."""

    def _deserialize(self, value: object, *_: object, **__: object) -> Term:
        if not isinstance(value, str):
            raise ValidationError('write an amount as text, "500 e"')
        return told(lambda: Term.parse(value, _names(self.root)))


class BoundsField(fields.Field[Bounds]):
    """{ from = …, below = … }: `from` and `upto` include their end, `above` and `below` do not."""

    def _deserialize(self, value: object, *_: object, **__: object) -> Bounds:
        return _bounds(value, _names(self.root))


class WhereField(fields.Field[Where]):
    """{ class = "III", load = { above = "500 e", upto = "2000 e" } }"""

    def _deserialize(self, value: object, *_: object, **__: object) -> Where:
        names = _names(self.root)
        if not isinstance(value, dict):
            raise ValidationError("write { name = … }")
        if strange := value.keys() - names:
            raise ValidationError(f"no parameter {', '.join(sorted(strange))}; there are {', '.join(sorted(names))}")
        spans = {name: _bounds(one, names) for name, one in value.items() if isinstance(one, dict)}
        tags = {name: one if isinstance(one, list) else [one] for name, one in value.items() if name not in spans}
        for name, allowed in tags.items():
            if not all(isinstance(text, str) for text in allowed):
                raise ValidationError(f"{name}: write tags as text, and spans as {{ from = … }}")
        return Where({name: frozenset(allowed) for name, allowed in tags.items()}, spans)


def _bounds(value: object, names: Iterable[str]) -> Bounds:
    if not isinstance(value, dict) or not value or value.keys() - {"from", "above", "upto", "below"}:
        raise ValidationError('write { from = "q1", below = "q2" }: from and upto include their end')
    if {"from", "above"} <= value.keys() or {"upto", "below"} <= value.keys():
        raise ValidationError("give one lower end, from or above, and one upper end, upto or below")
    low, high = value.get("from", value.get("above")), value.get("upto", value.get("below"))
    return Bounds(
        low=None if low is None else told(lambda: Term.parse(low, names)),
        high=None if high is None else told(lambda: Term.parse(high, names)),
        low_closed="from" in value,
        high_closed="upto" in value,
    )


def quantity(text: str, bare: str | None) -> Quantity:
    return told(lambda: Quantity.parse(text, bare))


def told(read: Callable[[], T]) -> T:
    try:
        return read()
    except (QuantityError, ValueError, TypeError, ZeroDivisionError) as error:
        raise ValidationError(str(error)) from None


def _names(root: Any) -> frozenset[str]:
    names: frozenset[str] = root.names
    return names
