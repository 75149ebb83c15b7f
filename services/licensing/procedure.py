"""The manufacturing licence 制造计量器具许可 as data (AQSIQ Order 104; Administrative Licensing Law)."""

from __future__ import annotations

from services.licensing import commands, rules, schemas
from shared.casework import Name, Procedure, Transition, assignment, decision, ending, intake

UNDECIDED = ("accepted", "assessment_planned", "rectifying", "assessed", "reviewed", "hearing")
"""From acceptance to the decision."""

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
    },
    transitions=(
        Transition(
            action="submit",
            source="draft",
            target="lodged",
            by="applicant",
            name=Name("提交申请", "Submit"),
            guard=commands.may_submit,
            when=lambda step: bool(commands.awaited(step)),
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
            may_supplement=rules.may_supplement,
            supplement=commands.supplement,
            withdrawable=("lodged", "received", "supplement", *UNDECIDED),
        ),
        *ending.transitions(("lodged", "received", "supplement", *UNDECIDED), rules.not_needed),
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
        *decision.transitions(
            examined_from="assessed",
            may_grant=commands.may_grant,
            grant=commands.grant,
            granted="licence.granted",
            may_refuse=None,
            effective="valid",
            delivered="licence.delivered",
        ),
    ),
)

PROCEDURE = assignment.assignable(_PROCEDURE, ("lodged", "received", "supplement", *UNDECIDED, "granted", "refused"))
