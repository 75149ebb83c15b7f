"""References in OpenAPI documents."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


def resolved(schema: Mapping[str, Any], schemas: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a reference into the `schemas` leads to; what stands beside the reference says more of this use of it. A
    schema that is none is returned as it is."""
    if "$ref" not in schema:
        return schema
    found: Any = schemas
    for part in schema["$ref"].removeprefix("#/components/schemas/").split("/"):
        found = found[part]
    return {**resolved(found, schemas), **{name: value for name, value in schema.items() if name != "$ref"}}
