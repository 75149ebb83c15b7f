"""The manufacturing licence 制造计量器具许可 as data (AQSIQ Order 104; Administrative Licensing Law).

A licence lives in the case of its first application: renewals are applications of their own that end with its next
term, and what ends it is done to that case.
"""

from __future__ import annotations

from services.earlier import LINE_VERSIONS
from services.licensing.approvals import transitions as approvals
from services.licensing.assessment import transitions as assessment
from services.licensing.decision import transitions as deciding
from services.licensing.intake import transitions as receiving
from services.licensing.licence import transitions as licence
from services.licensing.states import PENDING
from shared.casework import Procedure, assignment
from shared.documents.notices import written
from shared.permits import decision, ending
from shared.text import Text

_PROCEDURE = Procedure(
    id="manufacture",
    source="licensing",
    name=Text("制造计量器具许可", "licence to manufacture measuring instruments"),
    versions=LINE_VERSIONS,
    states={
        **receiving.STATES,
        **assessment.STATES,
        **decision.STATES,
        **ending.STATES,
        **licence.STATES,
    },
    transitions=(
        *receiving.TRANSITIONS,
        *assessment.TRANSITIONS,
        *deciding.TRANSITIONS,
        *licence.TRANSITIONS,
        *approvals.TRANSITIONS,
    ),
    notices=("licence.issued", "document.infected", "licence.entered", "licence.entered_as_ended"),
)


PROCEDURE = written(assignment.assignable(_PROCEDURE, ("lodged", *PENDING, "granted", "refused", "renewed")), "licence")
