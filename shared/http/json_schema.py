"""JSON Schema from marshmallow schemas, for the documents of the API."""

from __future__ import annotations

from inspect import cleandoc
from typing import Any

from apispec.ext.marshmallow import MarshmallowPlugin
from apispec.ext.marshmallow.openapi import OpenAPIConverter
from marshmallow import fields, validate

from shared.labels import LABELS
from shared.schemas import Texts, Unique, says_something


class Converter(OpenAPIConverter):
    """apispec's converter, with descriptions from docstrings, and with our own validators as JSON Schema.

    A field without a description gets that of its nested schema.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for function in (_own_checks, _texts, _examples):
            self.add_attribute_function(function)  # type: ignore[no-untyped-call]
        self.add_parameter_attribute_function(_said)

    def schema2jsonschema(self, schema: Any) -> dict[str, Any]:
        found: dict[str, Any] = super().schema2jsonschema(schema)  # type: ignore[no-untyped-call]
        for name, one in schema._declared_fields.items():  # noqa: SLF001 - no other way
            written = found["properties"].get(one.data_key or name)
            if written is not None and (said := said_of(held(one))):
                written.setdefault("description", said)
        if said := said_of(schema):
            found["description"] = said
        if examples := getattr(schema, "examples", None):
            found["examples"] = examples
        return found


def said_of(schema: Any) -> str:
    """The schema's own docstring, on one line."""
    cls = schema if isinstance(schema, type) else type(schema)
    return " ".join(cleandoc(cls.__dict__.get("__doc__") or "").split())


def held(field: fields.Field[Any]) -> Any:
    """The nested schema of a field or of the items of a list; None if there is none."""
    inner = field.inner if isinstance(field, fields.List) else field
    return inner.nested if isinstance(inner, fields.Nested) else None


class Plugin(MarshmallowPlugin):
    """apispec's plugin, with that converter."""

    Converter = Converter


def _own_checks(_self: Any, field: fields.Field[Any], **_: Any) -> dict[str, Any]:
    """Our own validators as JSON Schema. Python patterns are matched from the start, so they need anchors."""
    found: dict[str, Any] = {"const": field.constant} if isinstance(field, fields.Constant) else {}
    for check in field.validators:
        if check is says_something:
            found = {"minLength": 1, "pattern": r"\S"}
        if isinstance(check, Unique):
            found["uniqueItems"] = True
        if isinstance(check, validate.Regexp):
            found["pattern"] = (
                "^" + str(check.regex.pattern).removeprefix("^").removesuffix("$").removesuffix(r"\Z") + "$"
            )
    return found


def _texts(self: Any, field: fields.Field[Any], **_: Any) -> dict[str, Any]:
    """Texts by name: an object of one of the field's forms, if it has any."""
    if not isinstance(field, Texts):
        return {}
    if not field.forms:
        return {"maxProperties": field.maximum}
    return {"maxProperties": field.maximum, "anyOf": [self.resolve_nested_schema(form) for form in field.forms]}


def _said(_self: Any, _field: fields.Field[Any], ret: dict[str, Any]) -> dict[str, Any]:
    """What is said of a parameter stands beside its schema, as the description does."""
    return {name: ret["schema"].pop(name) for name in LABELS if name in ret["schema"]}


def _examples(_self: Any, _field: fields.Field[Any], ret: dict[str, Any]) -> dict[str, Any]:
    """Convert `example`, the older form, to the JSON Schema keyword `examples`."""
    shown = ret.pop("example", None)
    return {} if shown is None else {"examples": [shown]}


def schema_name(schema: Any) -> str:
    """A schema's name in the document; schemas of a service are prefixed with its name."""
    cls = schema if isinstance(schema, type) else type(schema)
    parts = cls.__module__.split(".")
    own = parts[0] == "services" and len(parts) > 2  # noqa: PLR2004 - services.<service>.<module>
    return f"{parts[1]}_{cls.__name__}" if own else str(cls.__name__)
