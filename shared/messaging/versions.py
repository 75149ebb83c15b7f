"""Old and new versions of an event side by side.

Within a version payloads only gain fields. A change that breaks readers is a new version; readers take the version
before it too, through a pure function that makes new data of old: nobody need be deployed at the same time.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from shared.messaging.envelope import Event


class UnreadableVersionError(Exception):
    """The event is of a version this reader does not know: it waits for a newer reader."""


@dataclass(frozen=True, slots=True)
class Versions:
    """`newest` and `upcasts` are keyed by (source, type); what is not listed is at version 1 and has no other."""

    newest: Mapping[tuple[str, str], int] = field(default_factory=dict)
    upcasts: Mapping[tuple[str, str], Callable[[Mapping[str, Any]], Mapping[str, Any]]] = field(default_factory=dict)

    def read(self, event: Event) -> Event:
        """The event with its data as of the newest version. Raises UnreadableVersionError."""
        key = (event.source, event.type)
        newest = self.newest.get(key, 1)
        if event.version == newest:
            return event
        if event.version == newest - 1 and key in self.upcasts:
            return replace(event, version=newest, data=self.upcasts[key](event.data))
        raise UnreadableVersionError(
            f"{event.source}:{event.type} is of version {event.version}, this reader knows {newest}"
            f"{' and the one before' if key in self.upcasts else ''}: deploy a newer reader, then redrive"
        )


CURRENT = Versions()
"""All events are at their first version."""
