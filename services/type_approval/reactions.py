"""What type approval does when events of other services arrive."""

from __future__ import annotations

from shared.casework.breaches import note_breaches as react

__all__ = ["react"]
