"""What a process does. A laptop takes all roles of a service at once, a cluster scales each separately."""

from __future__ import annotations

from enum import StrEnum


class ProcessRole(StrEnum):
    API = "api"
    """Answers HTTP requests."""
    CONSUME = "consume"
    """Takes events in."""
    RELAY = "relay"
    """Publishes the outbox."""
    TICK = "tick"
    """Sweeps what has become due."""
    PRESS = "press"
    """Makes the documents of permits."""
