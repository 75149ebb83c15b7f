"""The states of a case of the manufacturing licence by what they mean."""

from __future__ import annotations

LIVE = ("granted", "valid")
"""States of a case whose licence is in force: granted, and delivered too."""


UNDECIDED = ("accepted", "assessment_planned", "rectifying", "assessed", "reviewed", "hearing")
"""From acceptance to the decision."""


PENDING = ("received", "supplement", *UNDECIDED)
"""States of an application that the authority has received and not decided."""


RUNNING = ("lodged", *PENDING)
"""States of an application under way."""


ENDED = {
    "EXPIRED": "expired",
    "REVOKED": "revoked",
    "WITHDRAWN": "licence_withdrawn",
    "PENALTY": "taken_away",
    "CANCELLED": "cancelled",
    "ABOLISHED_BY_LAW": "abolished_by_law",
}
"""States of a case whose licence has ended, by the grounds."""
