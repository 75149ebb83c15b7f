"""The manufacturing licence 制造计量器具许可 as data (AQSIQ Order 104; Administrative Licensing Law).

A licence lives in the case of its first application: renewals are applications of their own that end with its next
term, and what ends it is done to that case.
"""

from __future__ import annotations

from functools import partial

from services.licensing import commands, rules, schemas
from services.licensing.rules import ENDS, LIVE, PENDING, UNDECIDED
from shared.casework import Name, Procedure, Transition, assignment, decision, ending, intake

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
        )
        for state in PENDING
    ),
    Transition(
        action="deliver",
        source="renewed",
        target="closed",
        by="staff:intake",
        name=Name("送达", "Deliver"),
        body=decision.Delivery,
        effect=decision.keep_delivery,
        emits="licence.delivered",
    ),
)

LIFE = tuple(
    row
    for state in LIVE
    for row in (
        Transition(
            action="renew",
            source=state,
            target=state,
            by="system",
            name=Name("延续", "Renewed"),
            body=schemas.Renewed,
            effect=commands.renew,
            emits="licence.renewed",
        ),
        Transition(
            action="expire",
            source=state,
            target="expired",
            by="system",
            name=Name("有效期届满", "Expired"),
            body=schemas.ByLaw,
            effect=partial(commands.end, ground="EXPIRED"),
            emits="licence.ended",
        ),
        Transition(
            action="abolish",
            source=state,
            target="abolished_by_law",
            by="system",
            name=Name("许可依法取消", "Abolished by law"),
            body=schemas.ByLaw,
            effect=partial(commands.end, ground="ABOLISHED_BY_LAW"),
            emits="licence.ended",
        ),
        Transition(
            action="revoke",
            source=state,
            target="revoked",
            by="staff:decider",
            name=Name("撤销许可", "Revoke"),
            body=schemas.Revocation,
            effect=partial(commands.end, ground="REVOKED"),
            emits="licence.ended",
            # Nobody judges whether what they granted themselves was rightly granted.
            distinct_from=("grant",),
            needs_reason=True,
        ),
        Transition(
            action="withdraw_licence",
            source=state,
            target="licence_withdrawn",
            by="staff:decider",
            name=Name("撤回许可", "Withdraw the licence"),
            body=schemas.Withdrawal,
            effect=partial(commands.end, ground="WITHDRAWN"),
            emits="licence.ended",
            needs_reason=True,
        ),
        Transition(
            action="penalise",
            source=state,
            target="taken_away",
            by="staff:decider",
            name=Name("吊销许可证", "Take the licence away as a penalty"),
            body=schemas.Penalty,
            effect=partial(commands.end, ground="PENALTY"),
            emits="licence.ended",
            needs_reason=True,
        ),
        Transition(
            action="cancel",
            source=state,
            target="cancelled",
            by="staff:decider",
            name=Name("注销", "Cancel"),
            body=schemas.Cancellation,
            effect=partial(commands.end, ground="CANCELLED"),
            emits="licence.ended",
            needs_reason=True,
        ),
    )
)

AFTER_LIFE = (
    Transition(
        action="renew",
        source="expired",
        target="valid",
        by="system",
        name=Name("延续", "Renewed"),
        body=schemas.Renewed,
        effect=commands.renew,
        emits="licence.renewed",
    ),
    *(
        Transition(
            action="cancel_ended",
            source=state,
            target="cancelled",
            by="staff:decider",
            name=Name("注销登记", "Cancel in the register"),
            guard=commands.may_cancel_ended,
            effect=commands.cancel_ended,
            emits="licence.cancelled",
        )
        for state in ("expired", "revoked", "licence_withdrawn", "taken_away")
    ),
)

_PROCEDURE = Procedure(
    id="manufacture",
    source="licensing",
    name=Name("制造计量器具许可", "licence to manufacture measuring instruments"),
    states={
        **intake.STATES,
        "lodged": Name("已预交，待型式批准", "lodged ahead, awaiting type approval"),
        "assessment_planned": Name("待现场考核", "on-site assessment planned"),
        "rectifying": Name("整改中", "rectification"),
        "assessed": Name("已考核", "assessed"),
        **decision.STATES,
        **ending.STATES,
        "valid": Name("有效", "valid"),
        "renewed": Name("准予延续", "renewal granted"),
        "expired": ENDS["EXPIRED"],
        "abolished_by_law": ENDS["ABOLISHED_BY_LAW"],
        "cancelled": ENDS["CANCELLED"],
        "revoked": ENDS["REVOKED"],
        "licence_withdrawn": ENDS["WITHDRAWN"],
        "taken_away": ENDS["PENALTY"],
    },
    transitions=(
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
        ),
        Transition(
            action="receive",
            source="lodged",
            target="received",
            by="system",
            name=Name("自动收件", "Received by itself"),
            effect=commands.receive,
            emits="application.received",
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
        ),
        *ending.transitions(("lodged", *PENDING), rules.not_needed),
        *decision.extension(UNDECIDED),
        Transition(
            action="plan_assessment",
            source="accepted",
            target="assessment_planned",
            by="staff:examiner",
            name=Name("安排现场考核", "Plan the on-site assessment"),
            body=schemas.AssessmentPlan,
            guard=rules.may_plan,
            effect=commands.plan_assessment,
            emits="assessment.planned",
        ),
        *decision.time_notice(("assessment_planned",), since=rules.planned_on),
        *decision.hearing(("assessed", "reviewed"), since=rules.reported_on),
        Transition(
            action="report_assessment",
            source="assessment_planned",
            target="rectifying",
            by="staff:examiner",
            name=Name("提交考核报告", "File the assessment report"),
            body=schemas.AssessmentReport,
            guard=rules.may_report,
            when=lambda step: step.body["conclusion"] == "rectify",
            effect=commands.report_assessment,
            emits="assessment.rectification_requested",
        ),
        Transition(
            action="report_assessment",
            source="assessment_planned",
            target="assessed",
            by="staff:examiner",
            name=Name("提交考核报告", "File the assessment report"),
            body=schemas.AssessmentReport,
            guard=rules.may_report,
            effect=commands.report_assessment,
            emits="assessment.reported",
        ),
        Transition(
            action="verify_rectification",
            source="rectifying",
            target="assessed",
            by="staff:examiner",
            name=Name("核实整改", "Verify the rectification"),
            body=schemas.Rectified,
            effect=commands.verify_rectification,
            emits="assessment.reported",
        ),
        *RENEWALS,
        *decision.transitions(
            examined_from="assessed",
            may_grant=commands.may_grant,
            grant=commands.grant,
            granted="licence.granted",
            may_refuse=None,
            effective="valid",
            delivered="licence.delivered",
        ),
        *LIFE,
        *AFTER_LIFE,
    ),
)

PROCEDURE = assignment.assignable(_PROCEDURE, ("lodged", *PENDING, "granted", "refused", "renewed"))
