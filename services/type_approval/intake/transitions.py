"""The transitions of the application."""

from __future__ import annotations

from services.applications import submission
from services.type_approval.intake import acts, oiml
from services.type_approval.intake.oiml import OIML
from services.type_approval.states import PENDING
from shared.casework import Transition
from shared.casework.undoing import gone, way_back
from shared.permits import intake
from shared.text import Text

TRANSITIONS = (
    submission(acts.MAY_SUBMIT, acts.submit),
    *intake.transitions(
        may_supplement=acts.MAY_SUPPLEMENT,
        supplement=acts.supplement,
        withdrawable=PENDING,
        may_take_up=acts.MAY_TAKE_UP,
    ),
    *(
        Transition(
            action="examine_oiml",
            source="accepted",
            target="accepted",
            by="staff:examiner",
            name=Text("审查OIML证书", "Examine the OIML certificate"),
            body=oiml.OimlExamination,
            applies=oiml.names_one,
            when=when,
            guard=oiml.may_examine,
            effect=oiml.examine,
            emits=emits,
            notice=notice,
        )
        for when, emits, notice in (
            (oiml.accepts, "oiml.accepted", None),
            (oiml.refuses, "oiml.refused", "oiml_refusal"),
        )
    ),
    *way_back(
        "withdraw_oiml_examination",
        [("accepted", "accepted")],
        Text("撤回OIML证书审查结果", "Take the examination of the OIML certificate back"),
        emits="oiml.examination_withdrawn",
        by="staff:examiner",
        applies=oiml.is_examined,
        effect=gone(OIML),
        undoes=("examine_oiml",),
    ),
)
