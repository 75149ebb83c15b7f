"""What cells of a list of laboratories say of scope and interests. Pure.

A scope has its kinds with `；` between them, and in brackets after a kind the bounds and programmes, with `，` between:
`non_automatic_scale（class=III, IIII，max=0.1 kg … 150 kg，大纲=R 76-1:2006）；taximeter`.
"""

from __future__ import annotations

import re
from typing import Any

_KINDS = re.compile(r"[；;](?![^（(]*[）)])")
_KIND = re.compile(r"\s*(?P<kind>[^（(]*?)\s*(?:[（(](?P<more>.*)[）)])?\s*", re.DOTALL)
_PROGRAMME = ("大纲", "programme")


def scope_of(cell: str) -> list[dict[str, Any]]:
    """The lines of a scope. What cannot be read stays a text in its place, for the form to refuse."""
    return [_line(text) for text in _KINDS.split(cell) if text.strip()]


def interests_of(cell: str) -> list[dict[str, Any]]:
    """The organisations of a cell: `91220101MA0Y0000AC=出资单位`, with `；` between them."""
    found = (text.partition("=") for text in re.split("[；;]", cell) if text.strip())
    return [{"code": code.strip(), "relation": relation.strip()} for code, _, relation in found]


def _line(text: str) -> dict[str, Any]:
    found = _KIND.fullmatch(text)
    if found is None:
        return {"category": text.strip()}
    said: dict[str, Any] = {"category": found["kind"]}
    bounds, programmes = [], []
    for part in (found["more"] or "").split("，"):
        name, _, value = (one.strip() for one in part.partition("="))
        if name in _PROGRAMME:
            programmes.append(value)
        elif part.strip():
            bounds.append({"characteristic": name, "within": value})
    return {**said, **({"bounds": bounds} if bounds else {}), **({"programmes": programmes} if programmes else {})}
