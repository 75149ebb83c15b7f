"""What is sent with an action: its own fields, and beside them a reason and what is confirmed."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from shared.labels import labelled
from shared.schemas import MAX_LINE, Strict, several, text
from shared.text import Text

if TYPE_CHECKING:
    from marshmallow import Schema

MAX_CONFIRMED = 300
"""More than a form of a hundred lines is warned of."""


class Said(Strict):
    """What goes with any action, beside its own fields."""

    reason = text(
        required=False, metadata=labelled("理由", "why", hint=Text("记入办理记录", "kept in the journal"), example=None)
    )
    confirmed = several(
        text(maximum=MAX_LINE, lines=False),
        minimum=0,
        maximum=MAX_CONFIRMED,
        required=False,
        metadata=labelled(
            "已确认的提示",
            "warnings you confirm",
            hint=Text(
                "逐项写为invalid_params中的code:name；只写code即为该类全部",
                "each as code:name of invalid_params; a code alone is all of it",
            ),
            example=None,
        ),
    )


@cache
def sent_with(body: type[Schema], *, needs_reason: bool) -> type[Schema]:
    """All that is sent with an action whose own fields are those of `body`."""
    own: dict[str, Any] = {"__module__": body.__module__, "__doc__": body.__doc__}
    if needs_reason:
        own["reason"] = text(
            metadata=labelled("理由", "why", hint=Text("记入办理记录", "kept in the journal"), example="不在目录内")
        )
    # What goes with any action comes after what is the action's own.
    return type(f"{body.__name__}Content", (Said, body), own)
