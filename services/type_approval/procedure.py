"""Type approval 型式批准 as data (AQSIQ Order 74; Administrative Licensing Law).

A certificate lives in the case in which it was granted; what ends it is done to that case. It has no term.
"""

from __future__ import annotations

from services.earlier import LINE_VERSIONS
from services.type_approval import commands, custody, oiml, records, review, rules, schemas, standing, testing
from services.type_approval.queries import REGISTER
from services.type_approval.rules import PENDING, UNDECIDED
from shared.casework import Name, Procedure, Transition, assignment
from shared.casework.undoing import gone, way_back
from shared.documents.notices import written
from shared.permits import decision, ending, hearing, intake
from shared.permits.changing import Changing
from shared.permits.life import ENDS, Life

WITH_LAB = ("arranged", "samples_received", "evaluating")
"""Once the laboratory has planned the evaluation, until it reports; while samples are improved, nothing is planned."""
LIFE = Life("certificate", rules.LIVE, REGISTER.order_anew)

IN_FORCE = (
    *LIFE.ending(
        *(
            "abolish_type",
            "type_abolished",
            "TYPE_ABOLISHED",
            Name("登记型式废除", "Register that the type is abolished"),
        ),
        body=schemas.TypeAbolition,
        guard=commands.may_abolish,
        notice="type_abolished",
    ),
    *LIFE.acts((("abolish_type", "type_abolished"),)),
    *Changing("certificate", rules.LIVE, REGISTER.content, REGISTER.amend).transitions(),
    *standing.transitions(rules.LIVE, commands.may_assess_change),
)

EVALUATION_STATES = {
    "commissioned": Name("已委托型式评价", "evaluation commissioned"),
    "arranged": Name("待送样", "awaiting samples"),
    "samples_received": Name("样机已接收", "samples received"),
    "evaluating": Name("型式评价中", "being evaluated"),
    "improving": Name("改进样机中", "samples being improved"),
    "report_drafted": Name("报告待核验", "report to be checked"),
    "report_checked": Name("报告待批准", "report to be signed"),
    "report_review": Name("报告审查", "report being examined"),
}
CERTIFICATE_STATES = {
    "effective": Name("有效", "in force"),
    "type_abolished": ENDS["TYPE_ABOLISHED"],
    "revoked": ENDS["REVOKED"],
    "certificate_withdrawn": ENDS["WITHDRAWN"],
    "cancelled": ENDS["CANCELLED"],
}
INTAKE = (
    Transition(
        action="submit",
        source="draft",
        target="received",
        by="applicant",
        name=Name("提交申请", "Submit"),
        guard=commands.may_submit,
        effect=commands.submit,
        emits="application.received",
        notice="receipt",
    ),
    *intake.transitions(
        may_supplement=commands.may_supplement,
        supplement=commands.supplement,
        withdrawable=PENDING,
        may_take_up=commands.may_take_up,
    ),
    *ending.transitions(PENDING, rules.not_needed, may_take_up=commands.may_take_up),
    *(
        Transition(
            action="examine_oiml",
            source="accepted",
            target="accepted",
            by="staff:examiner",
            name=Name("审查OIML证书", "Examine the OIML certificate"),
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
        Name("撤回OIML证书审查结果", "Take the examination of the OIML certificate back"),
        emits="oiml.examination_withdrawn",
        by="staff:examiner",
        applies=oiml.is_examined,
        effect=gone("oiml"),
        undoes=("examine_oiml",),
    ),
)
EVALUATION = (
    Transition(
        action="commission",
        source="accepted",
        target="commissioned",
        by="staff:examiner",
        name=Name("委托型式评价", "Commission the evaluation"),
        body=schemas.Commission,
        guard=commands.may_commission,
        effect=commands.commission,
        emits="evaluation.commissioned",
    ),
    *way_back(
        "withdraw_commission",
        [("commissioned", "accepted"), ("arranged", "accepted")],
        Name("撤回委托", "Take the commission back"),
        emits="evaluation.commission_withdrawn",
        by="staff:examiner",
        effect=commands.withdraw_commission,
        undoes=("commission",),
    ),
    *way_back(
        "decline_commission",
        [("commissioned", "accepted"), ("arranged", "accepted")],
        Name("谢绝委托", "Decline the commission"),
        emits="evaluation.commission_declined",
        by="lab",
        effect=commands.decline_commission,
        undoes=("commission",),
    ),
    *decision.time_notice(("commissioned", "arranged", "samples_received", "evaluating"), since=rules.commissioned_on),
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
    *way_back(
        "rearrange",
        [(state, state) for state in WITH_LAB],
        Name("变更安排", "Change the plan"),
        emits="evaluation.rearranged",
        by="lab",
        body=schemas.Arrangement,
        guard=rules.may_arrange,
        effect=commands.rearrange,
        undoes=("arrange", "rearrange"),
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
    *way_back(
        "correct_receipt",
        [("samples_received", "samples_received"), ("evaluating", "evaluating")],
        Name("更正样机接收记录", "Correct the receipt of the samples"),
        emits="samples.corrected",
        by="lab",
        body=schemas.SamplesReceipt,
        guard=rules.may_correct_receipt,
        effect=commands.correct_receipt,
        undoes=("receive_samples", "correct_receipt"),
    ),
    *way_back(
        "cancel_receipt",
        [("samples_received", "arranged"), ("evaluating", "arranged")],
        Name("撤销样机接收", "Cancel the receipt of the samples"),
        emits="samples.receipt_cancelled",
        by="lab",
        guard=rules.may_cancel_receipt,
        effect=gone("samples", "documents", "document_reviews", "handovers"),
        undoes=("receive_samples", "correct_receipt"),
    ),
    *(
        Transition(
            action="record_test",
            source=state,
            target="evaluating",
            by="lab",
            name=Name("记录试验", "Record a test"),
            body=records.TestRecord,
            guard=testing.may_record_test,
            effect=commands.record_test,
            emits="test.recorded",
            # A record that corrects another says which, and why.
            undoes=("record_test", "void_test"),
        )
        for state in ("samples_received", "evaluating")
    ),
    *way_back(
        "void_test",
        [("evaluating", "evaluating")],
        Name("作废试验记录", "Declare a test record void"),
        emits="test.voided",
        by="lab",
        body=records.VoidTest,
        guard=testing.may_void_test,
        effect=commands.void_test,
        undoes=("record_test",),
    ),
    Transition(
        action="find_nonconformity",
        source="evaluating",
        target="improving",
        by="lab",
        name=Name("发现不符合，要求改进", "Find a nonconformity"),
        body=schemas.Nonconformity,
        guard=rules.may_find_nonconformity,
        effect=commands.find_nonconformity,
        emits="evaluation.nonconformity_found",
    ),
    *way_back(
        "withdraw_nonconformity",
        [("improving", "evaluating")],
        Name("撤回不符合项", "Take the nonconformity back"),
        emits="evaluation.nonconformity_withdrawn",
        by="lab",
        effect=gone("improvement"),
        undoes=("find_nonconformity",),
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
    *way_back(
        "deliver_improved",
        [("evaluating", "evaluating")],
        Name("补登限期内送达的改进样机", "Register improved samples that came in time"),
        emits="evaluation.improved",
        by="lab",
        body=schemas.ImprovedSamples,
        applies=rules.failed_by_silence,
        guard=rules.may_deliver_improved,
        effect=commands.deliver_improved,
        undoes=("fail_evaluation",),
    ),
    *way_back(
        "cancel_improved",
        [("evaluating", "improving")],
        Name("撤销改进样机接收", "Cancel the receipt of improved samples"),
        emits="evaluation.improvement_cancelled",
        by="lab",
        applies=rules.was_improved,
        guard=rules.may_cancel_improved,
        effect=commands.cancel_improved,
        undoes=("deliver_improved",),
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
        guard=commands.may_draft_report,
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
        guard=commands.may_check_report,
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
        guard=commands.may_issue_report,
        effect=commands.issue_report,
        emits="report.issued",
        distinct_from=("draft_report", "check_report"),
    ),
    *way_back(
        "return_report",
        [("report_drafted", "evaluating"), ("report_checked", "evaluating")],
        Name("退回主检", "Return the report to its author"),
        emits="report.returned",
        by="lab",
        effect=gone("report"),
        undoes=("draft_report", "check_report"),
    ),
    *way_back(
        "return_to_lab",
        [("report_review", "evaluating")],
        Name("退回技术机构更正", "Return the report to the laboratory"),
        emits="report.withdrawn",
        by="staff:examiner",
        effect=gone("report"),
        undoes=("issue_report",),
    ),
    *review.transitions(),
    *custody.transitions(),
)
DECISION = (
    *decision.extension(UNDECIDED),
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
    *decision.sending_back("accepted", when=rules.never_evaluated),
    *hearing.transitions(("report_review", "reviewed"), since=rules.examined_since),
    *decision.transitions(
        examined_from="report_review",
        may_grant=rules.may_grant,
        grant=commands.grant,
        granted="certificate.granted",
        granting=schemas.Granting,
        may_refuse=rules.may_refuse,
        may_take_up=commands.may_take_up,
        effective="effective",
        delivered="certificate.delivered",
    ),
)
_PROCEDURE = Procedure(
    id="type_approval",
    source="type_approval",
    name=Name("计量器具型式批准", "type approval of a measuring instrument"),
    versions=LINE_VERSIONS,
    states={
        **intake.STATES,
        **EVALUATION_STATES,
        **decision.STATES,
        **ending.STATES,
        **CERTIFICATE_STATES,
    },
    transitions=(*INTAKE, *EVALUATION, *DECISION, *IN_FORCE),
    notices=("certificate.issued",),
)

PROCEDURE = written(assignment.assignable(_PROCEDURE, (*PENDING, "granted", "refused")), "certificate")
