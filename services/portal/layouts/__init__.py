"""How long forms are divided into topics: the order is made by hand, the fields are the API's."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Section:
    """A topic, and its place in the order; `fields` of the last hold whatever no section names."""

    id: str
    name: Mapping[str, str]
    fields: frozenset[str]


@cache
def layout(service: str) -> tuple[Section, ...]:
    """The topics of that service's application, as they are written."""
    text = Path(__file__).with_name(f"{service}.toml").read_text(encoding="utf-8")
    return tuple(
        Section(one["id"], dict(zip(("zh", "en"), one["name"], strict=True)), frozenset(one["fields"]))
        for one in tomllib.loads(text)["section"]
    )


def sections(service: str, schema: Mapping[str, Any]) -> tuple[Section, ...]:
    """The topics, with every field that the schema has in one of them."""
    written = layout(service)
    known = {name for section in written for name in section.fields}
    last = written[-1]
    more = frozenset(schema.get("properties", {})) - known
    return (*written[:-1], Section(last.id, last.name, last.fields | more))
