"""Type approval 型式批准 as data (AQSIQ Order 74; Administrative Licensing Law).

A certificate lives in the case in which it was granted; what ends it is done to that case. It has no term.
"""

from __future__ import annotations

from services.earlier import ARRANGED_VERSIONS, LINE_VERSIONS
from services.type_approval.certificate import transitions as certificate
from services.type_approval.decision import transitions as deciding
from services.type_approval.evaluation import transitions as evaluation
from services.type_approval.intake import transitions as receiving
from services.type_approval.states import PENDING
from shared.casework import Procedure, assignment
from shared.documents.notices import written
from shared.permits import decision, ending, intake
from shared.text import Text

_PROCEDURE = Procedure(
    id="type_approval",
    source="type_approval",
    name=Text("计量器具型式批准", "type approval of a measuring instrument"),
    versions={**LINE_VERSIONS, **ARRANGED_VERSIONS},
    states={
        **intake.STATES,
        **evaluation.STATES,
        **decision.STATES,
        **ending.STATES,
        **certificate.STATES,
    },
    transitions=(
        *receiving.TRANSITIONS,
        *evaluation.TRANSITIONS,
        *deciding.TRANSITIONS,
        *certificate.TRANSITIONS,
    ),
    notices=("certificate.issued", "document.infected", "certificate.entered", "certificate.entered_as_ended"),
)


PROCEDURE = written(assignment.assignable(_PROCEDURE, (*PENDING, "granted", "refused")), "certificate")
