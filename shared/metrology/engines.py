"""The Recommendations the program can compute, by name; a further one is a class and a line here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared.metrology.r76 import R76

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shared.metrology.limits import Engine

ENGINES: Mapping[str, Engine] = {engine.name: engine for engine in (R76(),)}


class EngineError(ValueError):
    """A Recommendation the program has no tables for."""


def engine(name: str) -> Engine:
    """Raises EngineError listing the known names."""
    if name not in ENGINES:
        raise EngineError(f"no tables for {name!r}; use one of {', '.join(ENGINES)}")
    return ENGINES[name]
