"""The transitions of the application."""

from __future__ import annotations

from services.applications import submission
from services.licensing.intake import acts, transferring
from services.licensing.states import PENDING
from shared.casework import Transition
from shared.permits import intake
from shared.text import Text

STATES = {
    **intake.STATES,
    "lodged": Text("已预先提交，待型式批准", "lodged ahead, awaiting type approval"),
}


TRANSITIONS = (
    Transition(
        action="submit",
        source="draft",
        target="lodged",
        by="applicant",
        name=Text("提交申请", "Submit"),
        guard=acts.MAY_SUBMIT,
        when=acts.IS_AHEAD,
        office=acts.office,
        effect=acts.lodge,
        emits="application.lodged",
        notice="lodgement",
    ),
    submission(acts.MAY_SUBMIT, acts.receive, office=acts.office),
    Transition(
        action="receive",
        source="lodged",
        target="received",
        by="system",
        name=Text("自动收件", "Received automatically"),
        office=acts.office,
        effect=acts.receive,
        emits="application.received",
        notice="receipt",
    ),
    Transition(
        action="return",
        source="lodged",
        target="draft",
        by="system",
        name=Text("退回草稿", "Returned to draft"),
        emits="application.returned",
    ),
    *intake.transitions(
        may_supplement=acts.MAY_SUPPLEMENT,
        supplement=acts.supplement,
        # A draft that was lodged and returned, too.
        withdrawable=("draft", "lodged", *PENDING),
        may_take_up=acts.MAY_TAKE_UP,
    ),
    *transferring.TRANSITIONS,
)
