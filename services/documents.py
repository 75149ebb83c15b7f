"""Write the generated files that are checked in: `python -m services.documents` (`make docs`)."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from services.catalogue import EVENTS, TOPOLOGY
from services.registry import REGISTRY
from services.ways_back import page
from shared.http import faces, openapi
from shared.messaging import asyncapi

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

OFFERS = tuple(service.offer() for service in REGISTRY.values())
REFERENCE = Path(__file__).resolve().parents[1] / "docs" / "reference"


_WIDTH = 600


def _text(document: dict[str, Any]) -> str:
    """JSON that is read and compared by line, and stays well below a megabyte: what fits in a line is in one."""
    return _written(document, "") + "\n"


def _written(node: Any, indent: str) -> str:
    line = json.dumps(node, ensure_ascii=False, separators=(",", ":"))
    if not isinstance(node, dict | list) or len(indent) + len(line) <= _WIDTH:
        return line
    inner = indent + " "
    if isinstance(node, dict):
        parts = [f"{json.dumps(key, ensure_ascii=False)}: {_written(value, inner)}" for key, value in node.items()]
    else:
        parts = [_written(value, inner) for value in node]
    opening, closing = "{}" if isinstance(node, dict) else "[]"
    return f"{opening}\n{inner}" + f",\n{inner}".join(parts) + f"\n{indent}{closing}"


def _openapi(face: faces.Face) -> str:
    return _text(openapi.document(face, OFFERS))


DOCUMENTS: Mapping[Path, Callable[[], str]] = {
    REFERENCE / "asyncapi.json": lambda: _text(asyncapi.document(TOPOLOGY, EVENTS)),
    REFERENCE / "ways-back.md": page,
    **{REFERENCE / f"openapi-{face.name}.json": partial(_openapi, face) for face in faces.FACES},
}
"""Each file, and how its content is made."""


if __name__ == "__main__":
    for path, content in DOCUMENTS.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content(), encoding="utf-8")
