"""Old and new versions of an event side by side.

Within a version, payloads only gain fields. A change that breaks consumers is a new version. Consumers also accept the
previous version, through a pure function that converts its data, so producers and consumers deploy independently.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from shared.messaging.envelope import Event


class UnreadableVersionError(Exception):
    """This consumer does not know the event's version; the event waits for a newer consumer."""


@dataclass(frozen=True, slots=True)
class Versions:
    """`newest` and `upcasts` are keyed by (source, type). An event type that is not listed has only version 1."""

    newest: Mapping[tuple[str, str], int] = field(default_factory=dict)
    upcasts: Mapping[tuple[str, str], Callable[[Mapping[str, Any]], Mapping[str, Any]]] = field(default_factory=dict)

    def read(self, event: Event) -> Event:
        """The event converted to the newest version. Raises UnreadableVersionError."""
        key = (event.source, event.type)
        newest = self.newest.get(key, 1)
        if event.version == newest:
            return event
        if event.version == newest - 1 and key in self.upcasts:
            return replace(event, version=newest, data=self.upcasts[key](event.data))
        raise UnreadableVersionError(
            f"{event.source}:{event.type} has version {event.version}, but this consumer knows {newest}"
            f"{' and the one before' if key in self.upcasts else ''}: deploy a newer consumer, then redrive"
        )


FIRST = Versions()
"""All event types are at their first version."""
