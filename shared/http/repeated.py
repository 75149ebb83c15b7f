"""What several schemas of an API document describe alike is described once: the others refer to it."""

from __future__ import annotations

import json
from typing import Any

_WORTH = 120
"""What is described in fewer characters is repeated."""


def refer_to_first(schemas: dict[str, Any]) -> None:
    """Make fields that several of the `schemas` have alike refer to the first of these schemas."""
    known: dict[tuple[str, str], str] = {}
    for name, schema in schemas.items():
        properties = schema.get("properties", {})
        for field, described in properties.items():
            written = json.dumps(described, ensure_ascii=False, sort_keys=True)
            if len(written) < _WORTH or "$ref" in described:
                continue
            here = f"#/components/schemas/{name}/properties/{field}"
            if (first := known.setdefault((field, written), here)) != here:
                properties[field] = {"$ref": first}
