"""Settings of property tests whose examples take long: each is played on a database or a socket, or writes files."""

from __future__ import annotations

from hypothesis import HealthCheck, Phase, settings


def few(examples: int) -> settings:
    """As many examples, on fixtures that all of them share. One that fails is told as it was drawn: to make it smaller
    would take minutes, in which no other test runs."""
    return settings(
        max_examples=examples,
        phases=(Phase.explicit, Phase.reuse, Phase.generate),
        suppress_health_check=list(HealthCheck),
    )
