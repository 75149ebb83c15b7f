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

ENTERED = ("certificate.entered", "certificate.entered_as_ended", "licence.entered", "licence.entered_as_ended")
"""A permit of before this system was entered: nobody applies for anything."""

PERMIT_ENDED = ("certificate.ended", "licence.ended", "licence.cancelled", "mark.ended")
"""A permit has no effect from now on."""

TIME_TOLD_IN = {
    "type_approval": ("commissioned", "arranged", "samples_received", "evaluating"),
    "licensing": ("assessment_planned",),
    "c_mark": ("accepted",),
}
"""States of each service's cases in which others test or assess, so that the office may serve the notice of the time
needed: until then that time counts (Administrative Licensing Law Art. 45)."""
