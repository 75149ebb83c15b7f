"""What a value is by a part of an OpenAPI document."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from jsonschema_rs import Draft202012Validator, Registry

if TYPE_CHECKING:
    from collections.abc import Mapping

_DOCUMENT = "urn:document"


class Documented:
    """The schemas of a document. It is read once: many are asked about, and each refers to others."""

    def __init__(self, document: dict[str, Any]) -> None:
        self._registry = Registry([(_DOCUMENT, document)])
        self._known: dict[str, Draft202012Validator] = {}

    def faults(self, schema: Mapping[str, Any], value: Any) -> list[str]:
        """What is wrong with the value by a schema of the document."""
        absolute = json.dumps(schema).replace('"#/', f'"{_DOCUMENT}#/')
        if absolute not in self._known:
            self._known[absolute] = Draft202012Validator(json.loads(absolute), registry=self._registry)
        return [f"{fault.instance_path}: {fault.message}" for fault in self._known[absolute].iter_errors(value)]
