"""The event catalogue: publishers, consumers, and the schema of each event's data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services.contracts import c_mark, licensing, notifications, type_approval
from services.earlier import ARRANGED_VERSIONS, LINE_VERSIONS, with_new_lines, without_number
from services.mandates import RECORDED
from shared.messaging.topology import Topology
from shared.messaging.versions import Versions

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shared.schemas import EventData

TOPOLOGY = Topology(
    consumers={
        "type_approval": ("licensing", "notifications"),
        "licensing": ("notifications",),
        "c_mark": ("notifications",),
        "notifications": ("type_approval", "licensing", "c_mark"),
    },
    partly={"type_approval": {"c_mark": RECORDED}},
)
"""A consumer gets all events of the services it reads, so that it can detect gaps; it ignores those it does not need.
The C mark needs nothing of type approval but mandates."""

EVENTS: Mapping[str, Mapping[str, type[EventData]]] = {
    "type_approval": type_approval.EVENTS,
    "licensing": licensing.EVENTS,
    "c_mark": c_mark.EVENTS,
    "notifications": notifications.EVENTS,
}
"""The schema of an event's data, by source and type."""

_NEWER = {
    (source, type_): version
    for source in ("type_approval", "licensing")
    for type_, version in LINE_VERSIONS.items()
    if type_ in EVENTS[source]
}
_ARRANGED = {("type_approval", type_): version for type_, version in ARRANGED_VERSIONS.items()}
VERSIONS = Versions(
    newest={**_NEWER, **_ARRANGED},
    upcasts={**dict.fromkeys(_NEWER, with_new_lines), **dict.fromkeys(_ARRANGED, without_number)},
)
"""The versions of events, and how the one before is read."""
