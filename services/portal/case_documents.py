"""The documents of a case, put in order for pages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Papers:
    """The documents of a case as pages show them."""

    told: Mapping[str, Any]

    @property
    def current(self) -> list[Mapping[str, Any]]:
        """The newest version of each, the latest first."""
        return [one for one in reversed(self.told["items"]) if "replaced_by" not in one]

    @property
    def missing(self) -> int:
        return sum(kind["missing"] for kind in self.told["kinds"])

    def of(self, kind: str) -> list[Mapping[str, Any]]:
        return [one for one in self.current if one["kind"] == kind]

    def earlier(self, one: Mapping[str, Any]) -> list[Mapping[str, Any]]:
        """The versions before this one, the latest first."""
        versions = {each["id"]: each for each in self.told["items"]}
        found = []
        while older := versions.get(one.get("replaces", "")):
            found.append(older)
            one = older
        return found
