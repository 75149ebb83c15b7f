"""The manufacturing licence 制造计量器具许可 as data (AQSIQ Order 104; Administrative Licensing Law).

A licence lives in the case of its first application: renewals are applications of their own that end with its next
term, and what ends it is done to that case.
"""

from __future__ import annotations

from typing import Any

from services.earlier import LINE_VERSIONS
from services.licensing import approvals, assessing, assessment, commands, rules, schemas
from services.licensing.rules import LIVE, PENDING, UNDECIDED
from shared.casework import Name, Procedure, Transition, assignment
from shared.casework.undoing import gone, way_back
from shared.documents.notices import written
from shared.permits import decision, ending, hearing, intake
from shared.permits.life import ENDS, Life

RENEWALS = (
    Transition(
        action="grant",
        source="reviewed",
        target="renewed",
        by="staff:decider",
        name=Name("准予延续", "Renew"),
        when=commands.is_renewal,
        guard=commands.may_grant_renewal,
        effect=commands.grant_renewal,
        emits="renewal.granted",
        distinct_from=decision.EXAMINATION,
        notice="renewal",
        stands=Name(
            "延续后的许可证，在其原案卷中依法撤销、撤回或者注销",
            "The renewed licence is revoked, withdrawn or cancelled, as the law provides, in its own case",
        ),
    ),
    *(
        Transition(
            action="grant_by_silence",
            source=state,
            target="renewed",
            by="system",
            name=Name("视为准予延续", "Deemed renewed"),
            body=schemas.ByLaw,
            guard=commands.may_be_granted_by_silence,
            effect=commands.grant_by_silence,
            emits="renewal.granted",
            notice="deemed_renewal",
        )
        for state in PENDING
    ),
    *decision.delivery("renewed", "closed", "licence.delivered", rules.was_renewed),
)


ASSESSED = ("rectifying", "assessed", "reviewed", "granted", "refused", "renewed", "valid", "closed")
"""The states in which a manufacturer has been assessed."""
FEEDBACK = (
    *(
        Transition(
            action="give_feedback",
            source=state,
            target=state,
            by="applicant",
            name=Name("反馈考核情况", "Say what you think of the assessment"),
            body=schemas.Feedback,
            applies=assessing.may_say,
            effect=assessing.give_feedback,
            emits="assessment.feedback_given",
        )
        for state in ASSESSED
    ),
    *way_back(
        "change_feedback",
        [(state, state) for state in ASSESSED],
        Name("更正反馈", "Change what you said of the assessment"),
        emits="assessment.feedback_given",
        by="applicant",
        body=schemas.Feedback,
        applies=assessing.has_said,
        effect=assessing.give_feedback,
        undoes=("give_feedback", "change_feedback"),
    ),
)


LIFE = Life("licence", LIVE, commands.order_anew, commands.restored)

_BY_LAW: dict[str, Any] = {"by": "system", "needs_reason": False, "body": schemas.ByLaw}

IN_FORCE = (
    *(
        Transition(
            action="renew",
            source=state,
            target="valid" if state == "expired" else state,
            by="system",
            name=Name("延续", "Renewed"),
            body=schemas.Renewed,
            effect=commands.renew,
            emits="licence.renewed",
        )
        for state in (*LIVE, "expired")
    ),
    *LIFE.ending("expire", "expired", "EXPIRED", Name("有效期届满", "Expired"), **_BY_LAW),
    *LIFE.ending(
        "abolish", "abolished_by_law", "ABOLISHED_BY_LAW", Name("许可依法取消", "Abolished by law"), **_BY_LAW
    ),
    *LIFE.ending(
        *("penalise", "taken_away", "PENALTY", Name("吊销许可证", "Take the licence away as a penalty")),
        body=schemas.Penalty,
        notice="penalty",
    ),
    *LIFE.acts((("penalise", "taken_away"),), lapsed=("expired",), may_close=commands.may_close),
)

APPROVALS = tuple(
    row
    for state in LIVE
    for row in (
        Transition(
            action="follow_approvals",
            source=state,
            target=state,
            by="system",
            name=Name("型式批准失效", "A type approval under it has ended"),
            guard=approvals.may_follow,
            when=approvals.some_are_lost,
            effect=approvals.follow,
            emits="licence.approval_lost",
        ),
        Transition(
            action="follow_approvals",
            source=state,
            target=state,
            by="system",
            name=Name("型式批准恢复", "Its type approvals stand again"),
            guard=approvals.may_follow,
            effect=approvals.follow,
            emits="licence.approval_regained",
        ),
        Transition(
            action="settle_approval",
            source=state,
            target=state,
            by="staff:examiner",
            name=Name("核查型式批准失效的影响", "Settle the loss of a type approval"),
            applies=rules.has_lost_approvals,
            effect=approvals.settle,
            emits="licence.approval_settled",
            needs_reason=True,
            stands=Name(
                "核查结论不改变许可：需要时依法撤销、撤回或者注销许可",
                "It changes nothing in the licence, which is revoked, withdrawn or cancelled where the law asks for it",
            ),
        ),
    )
)
"""What follows when a type approval under lines of a licence ends."""

ASSESSMENT_STATES = {
    "assessment_planned": Name("待现场考核", "on-site assessment planned"),
    "rectifying": Name("整改中", "rectification"),
    "assessed": Name("已考核", "assessed"),
}
LICENCE_STATES = {
    "valid": Name("有效", "valid"),
    "renewed": Name("准予延续", "renewal granted"),
    "expired": ENDS["EXPIRED"],
    "abolished_by_law": ENDS["ABOLISHED_BY_LAW"],
    "cancelled": ENDS["CANCELLED"],
    "revoked": ENDS["REVOKED"],
    "licence_withdrawn": ENDS["WITHDRAWN"],
    "taken_away": ENDS["PENALTY"],
}
INTAKE = (
    Transition(
        action="submit",
        source="draft",
        target="lodged",
        by="applicant",
        name=Name("提交申请", "Submit"),
        guard=commands.may_submit,
        when=commands.is_ahead,
        effect=commands.lodge,
        emits="application.lodged",
        notice="lodgement",
    ),
    Transition(
        action="submit",
        source="draft",
        target="received",
        by="applicant",
        name=Name("提交申请", "Submit"),
        guard=commands.may_submit,
        effect=commands.receive,
        emits="application.received",
        notice="receipt",
    ),
    Transition(
        action="receive",
        source="lodged",
        target="received",
        by="system",
        name=Name("自动收件", "Received automatically"),
        effect=commands.receive,
        emits="application.received",
        notice="receipt",
    ),
    Transition(
        action="return",
        source="lodged",
        target="draft",
        by="system",
        name=Name("退回草稿", "Returned to draft"),
        emits="application.returned",
    ),
    *intake.transitions(
        may_supplement=commands.may_supplement,
        supplement=commands.supplement,
        withdrawable=("lodged", *PENDING),
        may_take_up=commands.may_take_up,
    ),
    *ending.transitions(
        ("lodged", *PENDING), rules.not_needed, may_take_up=commands.may_take_up, take_up=commands.take_up
    ),
)
ASSESSMENT = (
    Transition(
        action="plan_assessment",
        source="accepted",
        target="assessment_planned",
        by="staff:examiner",
        name=Name("安排现场考核", "Plan the on-site assessment"),
        body=schemas.AssessmentPlan,
        guard=assessing.may_plan,
        effect=assessing.plan,
        emits="assessment.planned",
    ),
    Transition(
        action="confirm_assessors",
        source="assessment_planned",
        target="assessment_planned",
        by="staff:examiner",
        name=Name("登记考评员确认", "Register that the assessors agree"),
        body=schemas.Confirmation,
        guard=assessment.may_confirm,
        effect=assessing.confirm,
    ),
    Transition(
        action="replace_assessor",
        source="assessment_planned",
        target="assessment_planned",
        by="staff:examiner",
        name=Name("更换考评员", "Replace an assessor"),
        body=schemas.StandingAside,
        applies=assessing.has_draw,
        guard=assessing.may_replace,
        effect=assessing.replace,
        emits="assessment.assessor_replaced",
        needs_reason=True,
    ),
    *way_back(
        "reinstate_assessor",
        [("assessment_planned", "assessment_planned")],
        Name("恢复考评员", "Reinstate an assessor"),
        emits="assessment.assessor_reinstated",
        by="staff:examiner",
        body=schemas.Reinstated,
        applies=assessing.somebody_stood_aside,
        guard=assessing.may_reinstate,
        effect=assessing.reinstate,
        undoes=("replace_assessor",),
    ),
    *way_back(
        "replan_assessment",
        [("assessment_planned", "assessment_planned")],
        Name("变更考核日期", "Change the days of the assessment"),
        emits="assessment.replanned",
        by="staff:examiner",
        body=schemas.NewDays,
        guard=assessing.may_replan,
        effect=assessing.replan,
        undoes=("plan_assessment", "replan_assessment", "confirm_assessors"),
    ),
    *way_back(
        "cancel_assessment",
        [("assessment_planned", "accepted")],
        Name("取消现场考核计划", "Cancel the planned assessment"),
        emits="assessment.cancelled",
        by="staff:examiner",
        effect=gone("assessment_plan", "time_notice"),
        undoes=("plan_assessment", "replan_assessment"),
    ),
    *decision.time_notice(("assessment_planned",), since=rules.planned_on),
    Transition(
        action="report_assessment",
        source="assessment_planned",
        target="rectifying",
        by="staff:examiner",
        name=Name("提交考核报告", "File the assessment report"),
        body=schemas.AssessmentReport,
        guard=assessment.may_report,
        when=lambda step: step.body["conclusion"] == "rectify",
        effect=assessing.report,
        emits="assessment.rectification_requested",
    ),
    Transition(
        action="report_assessment",
        source="assessment_planned",
        target="assessed",
        by="staff:examiner",
        name=Name("提交考核报告", "File the assessment report"),
        body=schemas.AssessmentReport,
        guard=assessment.may_report,
        effect=assessing.report,
        emits="assessment.reported",
    ),
    Transition(
        action="verify_rectification",
        source="rectifying",
        target="assessed",
        by="staff:examiner",
        name=Name("核实整改", "Verify the rectification"),
        body=schemas.Rectified,
        guard=assessment.may_verify,
        effect=assessing.verify_rectification,
        emits="assessment.reported",
    ),
    Transition(
        action="fail_rectification",
        source="rectifying",
        target="assessed",
        by="system",
        name=Name("逾期未整改，考核不合格", "The rectification is overdue: failed"),
        body=intake.Silence,
        guard=assessment.silent_on_rectification,
        effect=assessing.fail_rectification,
        emits="assessment.failed",
    ),
    *way_back(
        "verify_rectification",
        [("assessed", "assessed")],
        Name("补登限期内完成的整改", "Register a rectification verified in time"),
        emits="assessment.reported",
        by="staff:examiner",
        body=schemas.Rectified,
        applies=assessment.failed_by_silence,
        guard=assessment.may_verify,
        effect=assessing.verify_rectification,
        undoes=("fail_rectification",),
    ),
    *way_back(
        "withdraw_assessment_report",
        [("rectifying", "assessment_planned"), ("assessed", "assessment_planned")],
        Name("撤回考核报告", "Take the assessment report back"),
        emits="assessment.withdrawn",
        by="staff:examiner",
        applies=rules.was_not_rectified,
        effect=gone("assessment"),
        undoes=("report_assessment", "fail_rectification"),
    ),
    *way_back(
        "withdraw_verification",
        [("assessed", "rectifying")],
        Name("撤回整改核实", "Take the verification back"),
        emits="assessment.verification_withdrawn",
        by="staff:examiner",
        applies=rules.was_rectified,
        effect=assessing.withdraw_verification,
        undoes=("verify_rectification",),
    ),
    *FEEDBACK,
)
DECISION = (
    *decision.extension(UNDECIDED),
    *hearing.transitions(("assessed", "reviewed"), since=rules.reported_on),
    *RENEWALS,
    *decision.transitions(
        examined_from="assessed",
        may_grant=commands.may_grant,
        grant=commands.grant,
        granted="licence.granted",
        may_refuse=None,
        may_take_up=commands.may_take_up,
        effective="valid",
        delivered="licence.delivered",
    ),
)
_PROCEDURE = Procedure(
    id="manufacture",
    source="licensing",
    name=Name("制造计量器具许可", "licence to manufacture measuring instruments"),
    versions=LINE_VERSIONS,
    states={
        **intake.STATES,
        "lodged": Name("已预先提交，待型式批准", "lodged ahead, awaiting type approval"),
        **ASSESSMENT_STATES,
        **decision.STATES,
        **ending.STATES,
        **LICENCE_STATES,
    },
    transitions=(*INTAKE, *ASSESSMENT, *DECISION, *IN_FORCE, *APPROVALS),
    notices=("licence.issued",),
)

PROCEDURE = written(assignment.assignable(_PROCEDURE, ("lodged", *PENDING, "granted", "refused", "renewed")), "licence")
