"""Error texts for rows of data files."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from marshmallow import ValidationError


def explain(error: ValidationError) -> str:
    """All faults in one line, by field."""
    messages = error.messages if isinstance(error.messages, dict) else {"row": error.messages}
    return "; ".join(f"field {field}: {' '.join(_leaves(problem))}" for field, problem in messages.items())


def _leaves(problem: object) -> Iterator[str]:
    if isinstance(problem, dict):
        for inner in problem.values():
            yield from _leaves(inner)
    elif isinstance(problem, list):
        for inner in problem:
            yield from _leaves(inner)
    else:
        yield str(problem)
