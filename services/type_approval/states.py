"""The states of a case of type approval by what they mean."""

from __future__ import annotations

UNDECIDED = (
    *("accepted", "commissioned", "arranged", "samples_received", "evaluating", "improving"),
    *("report_drafted", "report_checked", "report_review", "reviewed", "hearing"),
)
"""From acceptance to the decision."""


PENDING = ("received", "supplement", *UNDECIDED)
"""States of an application that the authority has received and not decided."""


LIVE = ("granted", "effective")
"""States of a case whose certificate is in force: granted, and delivered too."""


ENDED = {
    "REVOKED": "revoked",
    "WITHDRAWN": "certificate_withdrawn",
    "CANCELLED": "cancelled",
    "TYPE_ABOLISHED": "type_abolished",
}
"""States of a case whose certificate has ended, by the grounds."""
