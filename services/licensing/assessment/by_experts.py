"""What the experts of a team do themselves; the office registers the same for those who do it on paper.

An expert sees a case while they are of its team, and of it what the assessment needs.
"""

from __future__ import annotations

from services.licensing.assessment import acts, schemas
from shared.casework import Informed, Transition
from shared.text import Text

_PLANNED = "assessment_planned"
TRANSITIONS = (
    Transition(
        action="agree_to_assess",
        source=_PLANNED,
        target=_PLANNED,
        by="expert",
        name=Text("确认参加考核并声明无利害关系", "Agree to assess, and declare to have no interest"),
        body=schemas.Agreement,
        guard=acts.MAY_CONFIRM,
        effect=acts.confirm,
    ),
    *(
        Transition(
            action="stand_aside",
            source=_PLANNED,
            target=_PLANNED,
            by="expert",
            name=Text("回避或者退出考核", "Stand aside"),
            body=schemas.Recused,
            when=when,
            guard=Informed(acts.pool_planned, acts.may_replace),
            effect=acts.replace,
            emits=emits,
            needs_reason=True,
            undoes=("agree_to_assess",),
        )
        for when, emits in (
            (acts.is_asked_to, "assessment.recusal_settled"),
            (None, "assessment.assessor_replaced"),
        )
    ),
    Transition(
        action="record_findings",
        source=_PLANNED,
        target=_PLANNED,
        by="expert",
        name=Text("记录考核发现", "Record what you found"),
        body=schemas.RecordedFindings,
        guard=acts.MAY_RECORD,
        effect=acts.record_findings,
        stands=Text("可以再次记录，以最后一次为准", "It may be recorded again: the last record counts"),
    ),
)
