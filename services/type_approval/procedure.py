"""Type approval 型式批准 as data (AQSIQ Order 74; Administrative Licensing Law)."""

from __future__ import annotations

from services.type_approval import commands, rules, schemas
from shared.casework import Name, Procedure, Transition, decision, ending, intake

AT_THE_LABORATORY = (
    *("commissioned", "arranged", "samples_received", "evaluating", "report_drafted", "report_checked"),
)
UNDECIDED = ("accepted", *AT_THE_LABORATORY, "report_review", "reviewed")
"""From acceptance to the decision."""

PROCEDURE = Procedure(
    id="type_approval",
    source="type_approval",
    name=Name("计量器具型式批准", "type approval of a measuring instrument"),
    states={
        **intake.STATES,
        "commissioned": Name("已委托型式评价", "evaluation commissioned"),
        "arranged": Name("待送样", "awaiting samples"),
        "samples_received": Name("样机已接收", "samples received"),
        "evaluating": Name("型式评价中", "being evaluated"),
        "report_drafted": Name("报告待核验", "report to be checked"),
        "report_checked": Name("报告待批准", "report to be signed"),
        "report_review": Name("报告审查", "report being examined"),
        **decision.STATES,
        **ending.STATES,
        "effective": Name("有效", "in force"),
    },
    transitions=(
        Transition(
            action="submit",
            source="draft",
            target="received",
            by="applicant",
            name=Name("提交申请", "Submit"),
            guard=rules.may_submit,
            effect=commands.submit,
            emits="application.received",
        ),
        *intake.transitions(
            may_supplement=rules.may_supplement,
            supplement=commands.supplement,
            withdrawable=("received", "supplement", *UNDECIDED),
        ),
        *ending.transitions(("received", "supplement", *UNDECIDED), rules.not_needed),
        *decision.extension(UNDECIDED),
        Transition(
            action="commission",
            source="accepted",
            target="commissioned",
            by="staff:examiner",
            name=Name("委托型式评价", "Commission the evaluation"),
            body=schemas.Commission,
            guard=rules.lab_is_authorised,
            effect=commands.commission,
            emits="evaluation.commissioned",
        ),
        *decision.time_notice(("commissioned", "arranged", "samples_received", "evaluating")),
        Transition(
            action="arrange",
            source="commissioned",
            target="arranged",
            by="lab",
            name=Name("联系申请人并安排", "Contact the applicant and plan"),
            body=schemas.Arrangement,
            effect=commands.arrange,
            emits="evaluation.arranged",
        ),
        Transition(
            action="receive_samples",
            source="arranged",
            target="samples_received",
            by="lab",
            name=Name("接收样机和资料", "Receive samples and documents"),
            body=schemas.SamplesReceipt,
            effect=commands.receive_samples,
            emits="samples.received",
        ),
        *(
            Transition(
                action="record_test",
                source=state,
                target="evaluating",
                by="lab",
                name=Name("记录试验", "Record a test"),
                body=schemas.TestRecord,
                guard=rules.may_record_test,
                effect=commands.record_test,
                emits="test.recorded",
            )
            for state in ("samples_received", "evaluating")
        ),
        Transition(
            action="draft_report",
            source="evaluating",
            target="report_drafted",
            by="lab",
            name=Name("主检出具报告", "Draw up the report"),
            body=schemas.ReportDraft,
            guard=rules.may_draft_report,
            effect=commands.draft_report,
            emits="report.drafted",
        ),
        Transition(
            action="check_report",
            source="report_drafted",
            target="report_checked",
            by="lab",
            name=Name("核验报告", "Check the report"),
            body=schemas.Check,
            effect=commands.check_report,
            emits="report.checked",
            distinct_from=("draft_report",),
        ),
        Transition(
            action="issue_report",
            source="report_checked",
            target="report_review",
            by="lab",
            name=Name("批准报告", "Sign and issue the report"),
            body=schemas.Check,
            effect=commands.issue_report,
            emits="report.issued",
            distinct_from=("draft_report", "check_report"),
        ),
        *decision.transitions(
            examined_from="report_review",
            may_grant=rules.may_grant,
            grant=commands.grant,
            granted="certificate.granted",
            may_refuse=rules.may_refuse,
            effective="effective",
            delivered="certificate.delivered",
        ),
    ),
)
