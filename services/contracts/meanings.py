"""What events mean to those who listen: which end an application, decide it, or end a permit."""

from __future__ import annotations

ENDED_UNDECIDED = (
    "application.withdrawn",
    "application.not_required",
    "application.not_accepted",
    "application.terminated",
)
"""An application ends without a decision on it."""

DECIDED = ("certificate.delivered", "licence.delivered", "mark.delivered", "refusal.delivered")
"""What was decided has been served: an application has run to its end."""

PERMIT_ENDED = ("certificate.ended", "licence.ended", "licence.cancelled", "mark.ended")
"""A permit has no effect from now on."""
