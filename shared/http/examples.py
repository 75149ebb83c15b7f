"""Example bodies, made from the metadata of a schema's fields (`metadata={"example": …}`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from marshmallow import fields, validate

from shared.schemas import instance

if TYPE_CHECKING:
    from marshmallow import Schema

_BY_TYPE: tuple[tuple[type[fields.Field[Any]], Any], ...] = (
    (fields.Boolean, True),
    (fields.Integer, 1),
    (fields.UUID, "0197f3a0-0000-7000-8000-000000000001"),
    (fields.AwareDateTime, "2013-09-17T01:00:00Z"),
    (fields.Date, "2013-09-17"),
    (fields.Email, "metrology@example.com"),
    (fields.Dict, {}),
    (fields.String, "…"),
)


def example(schema: type[Schema]) -> dict[str, Any]:
    """A body with every field, except those with `"example": None` in their metadata.

    A schema may override this: its attribute `shown` has precedence, and None there leaves the field out.
    """
    shown = getattr(schema, "shown", {})
    found = {}
    for name, field in instance(schema).fields.items():
        key = field.data_key or name
        value = shown[key] if key in shown else example_of(field)
        if value is not None:
            found[key] = value
    return found


def example_of(field: fields.Field[Any]) -> Any:
    """The field's own example, or else one derived from its type and choices."""
    if "example" in field.metadata:
        return field.metadata["example"]
    if isinstance(field, fields.Constant):
        return field.constant
    if isinstance(field, fields.Nested):
        return example(type(field.schema))
    if isinstance(field, fields.List):
        return [example_of(field.inner)]
    for check in field.validators:
        if isinstance(check, validate.OneOf):
            return next(iter(check.choices))
    return next((value for kind, value in _BY_TYPE if isinstance(field, kind)), "…")
