"""References in OpenAPI documents."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


def resolved(schema: Mapping[str, Any], schemas: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a reference into the `schemas` leads to; what stands beside the reference says more of this use of it. A
    schema that is none is returned as it is."""
    if "$ref" not in schema:
        return schema
    found: Any = schemas
    for part in schema["$ref"].removeprefix("#/components/schemas/").split("/"):
        found = found[part]
    return {**resolved(found, schemas), **{name: value for name, value in schema.items() if name != "$ref"}}


def names(schema: Mapping[str, Any], schemas: Mapping[str, Any]) -> Iterator[str]:
    """What the fields are called that it has, at any depth."""
    schema = resolved(schema, schemas)
    for part in (*schema.get("anyOf", ()), *([schema["items"]] if "items" in schema else [])):
        yield from names(part, schemas)
    for name, part in schema.get("properties", {}).items():
        yield name
        yield from names(part, schemas)
