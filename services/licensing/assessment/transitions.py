"""The transitions of the on-site assessment."""

from __future__ import annotations

from services.contracts.meanings import TIME_TOLD_IN
from services.licensing.assessment import acts, by_experts, recusing, rules, schemas
from shared.casework import Informed, Transition
from shared.casework.undoing import way_back
from shared.permits import decision, intake
from shared.text import Text

ASSESSED = (
    *("rectifying", "assessed", "reviewed", "hearing"),
    *("granted", "refused", "renewed", "amended", "valid", "closed"),
)
"""The states in which a manufacturer has been assessed."""


REPORTING = ("staff:examiner", "expert")
"""Who files what the team found: the office, for teams that report on paper, or who leads the team."""


FEEDBACK = (
    *(
        Transition(
            action="give_feedback",
            source=state,
            target=state,
            by="applicant",
            name=Text("反馈考核情况", "Say what you think of the assessment"),
            body=schemas.Feedback,
            applies=rules.may_say,
            effect=acts.give_feedback,
            emits="assessment.feedback_given",
        )
        for state in ASSESSED
    ),
    *way_back(
        "change_feedback",
        [(state, state) for state in ASSESSED],
        Text("更正反馈", "Change what you said of the assessment"),
        emits="assessment.feedback_given",
        by="applicant",
        body=schemas.Feedback,
        applies=rules.has_said,
        effect=acts.give_feedback,
        undoes=("give_feedback", "change_feedback"),
    ),
)


_PLANNED = "assessment_planned"
RECUSAL = (
    Transition(
        action="request_recusal",
        source=_PLANNED,
        target=_PLANNED,
        by="applicant",
        name=Text("申请考评员回避", "Ask that an assessor stand aside"),
        body=schemas.RecusalRequest,
        applies=recusing.may_ask,
        guard=recusing.may_ask_aside,
        effect=recusing.ask_aside,
        emits="assessment.recusal_requested",
        needs_reason=True,
    ),
    *way_back(
        "withdraw_recusal_request",
        [(_PLANNED, _PLANNED)],
        Text("撤回回避申请", "Take the request that an assessor stand aside back"),
        emits="assessment.recusal_request_withdrawn",
        by="applicant",
        applies=recusing.is_asked_aside,
        effect=recusing.withdraw_request,
        undoes=("request_recusal",),
    ),
    Transition(
        action="decide_recusal",
        source=_PLANNED,
        target=_PLANNED,
        by="staff:decider",
        name=Text("决定回避申请", "Decide whether the assessor stands aside"),
        body=schemas.RecusalDecision,
        applies=recusing.is_asked_aside,
        when=lambda step: step.body["outcome"] == "granted",
        guard=Informed(acts.pool_planned, acts.may_grant_request),
        effect=acts.grant_request,
        emits="assessment.recusal_granted",
        needs_reason=True,
    ),
    Transition(
        action="decide_recusal",
        source=_PLANNED,
        target=_PLANNED,
        by="staff:decider",
        name=Text("决定回避申请", "Decide whether the assessor stands aside"),
        body=schemas.RecusalDecision,
        applies=recusing.is_asked_aside,
        effect=recusing.reject_request,
        emits="assessment.recusal_rejected",
        needs_reason=True,
    ),
    *way_back(
        "reopen_recusal",
        [(_PLANNED, _PLANNED)],
        Text("撤销驳回，重新处理回避申请", "Decide the rejected request again"),
        emits="assessment.recusal_reopened",
        by="staff:decider",
        applies=recusing.last_rejected,
        effect=recusing.reopen_request,
        undoes=("decide_recusal",),
    ),
)


STATES = {
    "assessment_planned": Text("待现场考核", "on-site assessment planned"),
    "rectifying": Text("整改中", "rectification"),
    "assessed": Text("已考核", "assessed"),
}


TRANSITIONS = (
    Transition(
        action="plan_assessment",
        source="accepted",
        target="assessment_planned",
        by="staff:examiner",
        name=Text("安排现场考核", "Plan the on-site assessment"),
        body=schemas.AssessmentPlan,
        guard=Informed(acts.pool, acts.may_plan),
        effect=acts.plan,
        emits="assessment.planned",
    ),
    Transition(
        action="confirm_assessors",
        source="assessment_planned",
        target="assessment_planned",
        by="staff:examiner",
        name=Text("登记考评员确认", "Register that the assessors agree"),
        body=schemas.Confirmation,
        guard=acts.MAY_CONFIRM,
        effect=acts.confirm,
    ),
    Transition(
        action="replace_assessor",
        source="assessment_planned",
        target="assessment_planned",
        by="staff:examiner",
        name=Text("更换考评员", "Replace an assessor"),
        body=schemas.StandingAside,
        applies=acts.has_draw,
        guard=Informed(acts.pool_planned, acts.may_replace),
        effect=acts.replace,
        emits="assessment.assessor_replaced",
        needs_reason=True,
    ),
    *way_back(
        "reinstate_assessor",
        [("assessment_planned", "assessment_planned")],
        Text("恢复考评员", "Reinstate an assessor"),
        emits="assessment.assessor_reinstated",
        by="staff:examiner",
        body=schemas.Reinstated,
        applies=acts.somebody_stood_aside,
        guard=Informed(acts.of_the_days, acts.may_reinstate),
        effect=acts.reinstate,
        undoes=("replace_assessor", "stand_aside", "decide_recusal"),
    ),
    *RECUSAL,
    *way_back(
        "replan_assessment",
        [("assessment_planned", "assessment_planned")],
        Text("变更考核日期", "Change the days of the assessment"),
        emits="assessment.replanned",
        by="staff:examiner",
        body=schemas.NewDays,
        guard=acts.MAY_REPLAN,
        effect=acts.replan,
        undoes=("plan_assessment", "replan_assessment", "confirm_assessors", "agree_to_assess"),
    ),
    *way_back(
        "cancel_assessment",
        [("assessment_planned", "accepted")],
        Text("取消现场考核计划", "Cancel the planned assessment"),
        emits="assessment.cancelled",
        by="staff:examiner",
        effect=acts.cancel,
        undoes=("plan_assessment", "replan_assessment"),
    ),
    *by_experts.TRANSITIONS,
    *decision.time_notice(TIME_TOLD_IN["licensing"], since=rules.planned_on),
    *(
        Transition(
            action="report_assessment",
            source="assessment_planned",
            target=target,
            by=by,
            name=Text("提交考核报告", "File the assessment report"),
            body=schemas.AssessmentReport,
            guard=acts.MAY_REPORT,
            when=when,
            effect=acts.report,
            emits=emits,
            leads=by == "expert",
        )
        for by in REPORTING
        for target, when, emits in (
            ("rectifying", rules.is_to_rectify, "assessment.rectification_requested"),
            ("assessed", None, "assessment.reported"),
        )
    ),
    Transition(
        action="report_rectification",
        source="rectifying",
        target="rectifying",
        by="applicant",
        name=Text("报告整改情况", "Report what you rectified"),
        body=schemas.RectificationReport,
        applies=rules.has_to_report,
        guard=acts.MAY_REPORT_RECTIFICATION,
        effect=acts.report_rectification,
        emits="assessment.rectification_reported",
    ),
    *way_back(
        "withdraw_rectification_report",
        [("rectifying", "rectifying")],
        Text("撤回整改报告", "Take the report on the rectification back"),
        emits="assessment.rectification_report_withdrawn",
        by="applicant",
        applies=rules.has_reported,
        effect=acts.withdraw_rectification_report,
        undoes=("report_rectification",),
    ),
    *(
        Transition(
            action="verify_rectification",
            source="rectifying",
            target="assessed",
            by=by,
            name=Text("核实整改", "Verify the rectification"),
            body=schemas.Rectified,
            guard=acts.MAY_VERIFY,
            effect=acts.verify_rectification,
            emits="assessment.reported",
            leads=by == "expert",
        )
        for by in REPORTING
    ),
    Transition(
        action="fail_rectification",
        source="rectifying",
        target="assessed",
        by="system",
        name=Text("逾期未整改，考核不合格", "The rectification is overdue: failed"),
        body=intake.Silence,
        guard=rules.silent_on_rectification,
        effect=acts.fail_rectification,
        emits="assessment.failed",
    ),
    *way_back(
        "verify_rectification",
        [("assessed", "assessed")],
        Text("补登限期内完成的整改", "Register a rectification verified in time"),
        emits="assessment.reported",
        by="staff:examiner",
        body=schemas.Rectified,
        applies=rules.failed_by_silence,
        guard=acts.MAY_VERIFY,
        effect=acts.verify_rectification,
        undoes=("fail_rectification",),
    ),
    *way_back(
        "withdraw_assessment_report",
        [("rectifying", "assessment_planned"), ("assessed", "assessment_planned")],
        Text("撤回考核报告", "Take the assessment report back"),
        emits="assessment.withdrawn",
        by="staff:examiner",
        applies=rules.was_not_rectified,
        effect=acts.withdraw_report,
        undoes=("report_assessment", "fail_rectification"),
    ),
    *way_back(
        "withdraw_verification",
        [("assessed", "rectifying")],
        Text("撤回整改核实", "Take the verification back"),
        emits="assessment.verification_withdrawn",
        by="staff:examiner",
        applies=rules.was_rectified,
        effect=acts.withdraw_verification,
        undoes=("verify_rectification",),
    ),
    *FEEDBACK,
)
