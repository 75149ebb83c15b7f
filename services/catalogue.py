"""The event catalogue: who tells what, who listens, and the schema of each event's data."""

from __future__ import annotations

from shared.messaging.topology import Topology

TOPOLOGY = Topology(
    consumers={
        "type_approval": ("licensing", "notifications"),
        "licensing": ("notifications",),
        "notifications": ("type_approval", "licensing"),
    }
)
"""Every reader gets all events of the services it reads, so that it can see a gap; what it has no use for, it skips."""
