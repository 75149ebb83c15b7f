"""The transitions of the decision, in the order in which people are offered them: the usual course first."""

from __future__ import annotations

from services.type_approval.decision import acts, rules, schemas
from services.type_approval.intake.acts import MAY_TAKE_UP
from services.type_approval.intake.rules import not_needed
from services.type_approval.states import PENDING, UNDECIDED
from shared.casework import Transition
from shared.permits import decision, ending, hearing
from shared.text import Text

TRANSITIONS = (
    # Before the row that holds for every other case.
    *decision.sending_back("accepted", when=rules.never_evaluated),
    *decision.transitions(
        examined_from="report_review",
        may_review=acts.MAY_REVIEW,
        may_grant=rules.may_grant,
        grant=acts.grant,
        granted="certificate.granted",
        granting=schemas.Granting,
        may_refuse=rules.may_refuse,
        may_take_up=MAY_TAKE_UP,
        effective="effective",
        delivered="certificate.delivered",
    ),
    Transition(
        action="reject_preliminarily",
        source="accepted",
        target="reviewed",
        by="staff:examiner",
        name=Text("初审不通过", "Reject on preliminary review"),
        effect=acts.reject_preliminarily,
        emits="application.reviewed",
        distinct_from=decision.DECIDING,
        needs_reason=True,
    ),
    *hearing.transitions(("report_review", "reviewed"), since=rules.examined_since),
    *decision.extension(UNDECIDED),
    *ending.transitions(PENDING, not_needed, may_take_up=MAY_TAKE_UP),
)
