"""Type approval 型式批准 as data (AQSIQ Order 74; Administrative Licensing Law)."""

from __future__ import annotations

from services.type_approval import commands, rules, schemas
from shared.casework import Name, Procedure, Transition, assignment, decision, ending, intake

UNDECIDED = (
    *("accepted", "commissioned", "arranged", "samples_received", "evaluating", "improving"),
    *("report_drafted", "report_checked", "report_review", "reviewed", "hearing"),
)
"""From acceptance to the decision."""

_PROCEDURE = Procedure(
    id="type_approval",
    source="type_approval",
    name=Name("计量器具型式批准", "type approval of a measuring instrument"),
    states={
        **intake.STATES,
        "commissioned": Name("已委托型式评价", "evaluation commissioned"),
        "arranged": Name("待送样", "awaiting samples"),
        "samples_received": Name("样机已接收", "samples received"),
        "evaluating": Name("型式评价中", "being evaluated"),
        "improving": Name("改进样机中", "samples being improved"),
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
            guard=rules.may_commission,
            effect=commands.commission,
            emits="evaluation.commissioned",
        ),
        *(
            Transition(
                action="withdraw_commission",
                source=state,
                target="accepted",
                by="staff:examiner",
                name=Name("撤回委托", "Take the commission back"),
                effect=commands.withdraw_commission,
                emits="evaluation.commission_withdrawn",
                needs_reason=True,
            )
            for state in ("commissioned", "arranged")
        ),
        Transition(
            action="reject_preliminarily",
            source="accepted",
            target="reviewed",
            by="staff:examiner",
            name=Name("初审不通过", "Reject on preliminary review"),
            effect=commands.reject_preliminarily,
            emits="application.reviewed",
            needs_reason=True,
        ),
        decision.sending_back("accepted", when=rules.never_evaluated),
        *decision.time_notice(
            ("commissioned", "arranged", "samples_received", "evaluating"), since=rules.commissioned_on
        ),
        Transition(
            action="arrange",
            source="commissioned",
            target="arranged",
            by="lab",
            name=Name("联系申请人并安排", "Contact the applicant and plan"),
            body=schemas.Arrangement,
            guard=rules.may_arrange,
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
            guard=rules.may_receive_samples,
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
            action="find_nonconformity",
            source="evaluating",
            target="improving",
            by="lab",
            name=Name("发现不符合，要求改进", "Find a nonconformity"),
            body=schemas.Nonconformity,
            guard=rules.improved_once,
            effect=commands.find_nonconformity,
            emits="evaluation.nonconformity_found",
        ),
        Transition(
            action="deliver_improved",
            source="improving",
            target="evaluating",
            by="lab",
            name=Name("接收改进样机", "Receive improved samples"),
            body=schemas.ImprovedSamples,
            guard=rules.may_deliver_improved,
            effect=commands.deliver_improved,
            emits="evaluation.improved",
        ),
        Transition(
            action="fail_evaluation",
            source="improving",
            target="evaluating",
            by="system",
            name=Name("逾期未改进，评价不合格", "Evaluation failed"),
            body=intake.Silence,
            guard=rules.silent_on_improvement,
            effect=commands.fail_evaluation,
            emits="evaluation.failed",
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
        *decision.hearing(("report_review", "reviewed"), since=rules.examined_since),
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

PROCEDURE = assignment.assignable(_PROCEDURE, ("received", "supplement", *UNDECIDED, "granted", "refused"))
