"""The C mark of prepackaged goods 定量包装商品计量保证能力合格标志 as data.

Until 2018 it is granted for three years on an assessment; from 2019 its maker declares it, and the office may check
that later. Which of the two is the law's to say, by the day on which it is submitted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from services.applications import submission
from services.c_mark import acts, facts, rules
from services.c_mark.queries import REGISTER
from services.c_mark.rules import DECLARED, GRANTED, PENDING, UNDECIDED
from services.contracts.meanings import TIME_TOLD_IN
from shared.casework import Procedure, Transition, assignment
from shared.casework.undoing import OWN_ACT, gone, way_back
from shared.documents.notices import written
from shared.permits import decision, ending, hearing, intake
from shared.permits.changing import Changing
from shared.permits.ending import ended_in
from shared.permits.life import ENDS, Life
from shared.permits.milestones import accepted_on
from shared.schemas import Empty
from shared.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

_ENDED = ("expired", "revoked", "mark_withdrawn", "cancelled")
"""States of a case whose certificate has ended."""
CERTIFICATE = Life(facts.MARK, GRANTED, REGISTER.order_anew)
DECLARATION = Life(facts.MARK, DECLARED, REGISTER.order_anew)

ASSESSED = (
    submission(acts.MAY_SUBMIT, acts.receive),
    *intake.transitions(
        may_supplement=acts.MAY_SUPPLEMENT,
        supplement=acts.supplement,
        withdrawable=PENDING,
        may_take_up=acts.MAY_TAKE_UP,
    ),
    *decision.time_notice(TIME_TOLD_IN["c_mark"], since=accepted_on),
    Transition(
        action="assess",
        source="accepted",
        target="assessed",
        by="staff:examiner",
        name=Text("登记考核结果", "Report the assessment"),
        body=facts.Assessment,
        guard=rules.may_assess,
        effect=acts.assess,
        emits="assessment.reported",
    ),
    *way_back(
        "withdraw_assessment",
        [("assessed", "accepted")],
        Text("撤回考核结果", "Take the assessment back"),
        emits="assessment.withdrawn",
        by="staff:examiner",
        effect=gone(facts.ASSESSMENT),
        undoes=("assess",),
    ),
    *decision.transitions(
        examined_from="assessed",
        may_grant=acts.MAY_GRANT,
        grant=acts.grant,
        granted="mark.granted",
        may_refuse=rules.may_refuse,
        may_take_up=acts.MAY_TAKE_UP,
        effective="valid",
        delivered="mark.delivered",
    ),
    *hearing.transitions(("assessed", "reviewed"), since=rules.assessed_on),
    *decision.extension(UNDECIDED),
    *ending.transitions(PENDING, rules.not_needed, may_take_up=acts.MAY_TAKE_UP),
    *CERTIFICATE.expiry(acts.term),
    *CERTIFICATE.acts(lapsed=("expired",)),
    *Changing(facts.MARK, GRANTED, _ENDED, REGISTER.content, REGISTER.amend).transitions(),
)
"""Assessed and granted for a term."""

DECLARED_BY_MAKER = (
    Transition(
        action="submit",
        source="draft",
        target="declared",
        by="applicant",
        name=Text("提交声明", "Declare"),
        when=rules.is_declaration,
        guard=acts.MAY_SUBMIT,
        effect=acts.declare,
        emits="mark.declared",
        notice="declaration_receipt",
    ),
    *way_back(
        "amend",
        [(state, state) for state in DECLARED],
        Text("修改声明", "Amend the declaration"),
        emits="mark.amended",
        by="applicant",
        body=intake.WithForm,
        guard=acts.MAY_SUPPLEMENT,
        effect=acts.amend,
        undoes=("submit", "amend"),
    ),
    *(
        Transition(
            action="check",
            source=state,
            target=target,
            by="staff:examiner",
            name=Text("登记核查结果", "Report a check"),
            body=facts.Check,
            when=when,
            guard=rules.may_check,
            effect=acts.check,
            emits=emits,
            notice=notice,
        )
        for state in DECLARED
        for target, when, emits, notice in (
            ("to_correct", rules.is_to_be_corrected, "mark.correction_ordered", "correction_order"),
            ("declared", None, "mark.found_in_order", None),
        )
    ),
    *(
        row
        for state in DECLARED
        for row in way_back(
            "withdraw_check",
            [(now, state) for now in DECLARED],
            Text("撤回核查结果", "Take the check back"),
            emits="mark.check_withdrawn",
            by="staff:examiner",
            applies=rules.was_checked,
            when=ended_in(state, ("check",)),
            effect=acts.withdraw_check,
            undoes=("check",),
        )
    ),
    Transition(
        action="report_correction",
        source="to_correct",
        target="to_correct",
        by="applicant",
        name=Text("报告改正情况", "Report the correction"),
        body=facts.Correction,
        effect=acts.report_correction,
        emits="mark.correction_reported",
        stands=Text("可以再次报告，以最后一次为准", "It may be reported again: the last report counts"),
    ),
    *DECLARATION.ending(
        *("strike_off", "struck_off", "STRUCK_OFF", Text("取消声明", "Strike the declaration off")),
        body=Empty,
        # Whoever checks it does not decide on it.
        distinct_from=("check",),
        notice="striking_off",
    ),
    *DECLARATION.ending(
        *("withdraw_declaration", "declaration_withdrawn", "DECLARATION_WITHDRAWN"),
        Text("撤回声明", "Withdraw the declaration"),
        body=Empty,
        by="applicant",
        needs_reason=False,
        stands=OWN_ACT,
    ),
    *DECLARATION.cancellable(
        (("strike_off", "struck_off"),), lapsed=("declaration_withdrawn",), may_restore=acts.MAY_RESTORE
    ),
)
"""Declared, and perhaps checked later."""

_PROCEDURE = Procedure(
    id="c_mark",
    source="c_mark",
    name=Text("定量包装商品计量保证能力合格标志（C标志）", "C mark of prepackaged goods"),
    states={
        **intake.STATES,
        "assessed": Text("已考核", "assessed"),
        **decision.STATES,
        **ending.STATES,
        "valid": Text("有效", "in force"),
        "declared": Text("已声明", "declared"),
        "to_correct": Text("责令改正中", "to be corrected"),
        "expired": ENDS["EXPIRED"],
        "revoked": ENDS["REVOKED"],
        "mark_withdrawn": ENDS["WITHDRAWN"],
        "struck_off": ENDS["STRUCK_OFF"],
        "declaration_withdrawn": ENDS["DECLARATION_WITHDRAWN"],
        "cancelled": ENDS["CANCELLED"],
    },
    transitions=(*DECLARED_BY_MAKER, *ASSESSED),
    notices=("mark.issued", "document.infected"),
)


def goods(line: Mapping[str, str]) -> str:
    """What a notice says of a line of the form."""
    return f"{line['name']}　{line['least']}～{line['most']}"


PROCEDURE = written(assignment.assignable(_PROCEDURE, (*PENDING, "granted", "refused", *DECLARED)), "mark", goods)
