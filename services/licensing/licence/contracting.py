"""Contract manufacture 委托加工: the holder of a licence makes instruments for somebody else, under a written contract.

Whoever makes them must hold the licence for them, and they bear its mark and number (AQSIQ Order 104). The holder
reports the contract, so that a number on an instrument of another brand can be explained. Anybody sees the contracts in
force; the holder and the office see the earlier ones too.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

from services.instruments import models_of
from services.licensing.licence.facts import CONTRACTS, LICENCE, Contract, KeptContract
from services.licensing.licence.rules import standing
from services.licensing.licence.schemas import EndedContract
from services.licensing.queries import REGISTER
from services.licensing.states import LIVE
from shared.casework import Case, Effect, Informed, Step, Transition
from shared.casework.undoing import way_back
from shared.identity.uscc import party
from shared.problems import Violation
from shared.text import Text, comparable, same

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def _has_contracts(case: Case) -> bool:
    return any(one.ended_on is None for one in case.get(CONTRACTS, ()))


def listed(case: Case, today: date) -> list[dict[str, Any]]:
    """All contracts that were reported, with their numbers and what they are today."""
    kept = case.get(CONTRACTS, ())
    return [
        {**one.stored(), "number": number, "standing": standing(one, case.state, today)}
        for number, one in enumerate(kept, start=1)
    ]


def _may_report(step: Step, content: Mapping[str, Any]) -> Sequence[Violation]:
    """With somebody else, begun since the licence was granted, reported once, and of models that the licence says: what
    is beyond it is made without a licence."""
    found, body = [], step.body
    if party(body["client_code"]) == party(step.case.applicant):
        told = Text("委托单位不能是持证单位本身", "the holder needs no contract with itself")
        found.append(Violation("client_code", "contradictory", told))
    if body["on"] > step.today:
        told = Text(f"今天是{step.today}：合同开始后再报告", f"today is {step.today}: report it once it has begun")
        found.append(Violation("on", "future", told))
    if body["on"] < (granted := date.fromisoformat(content["granted_on"])):
        told = Text(
            f"许可证于{granted}颁发：请填写依本许可证制造的起始日期",
            f"the licence was granted on {granted}: say from when on it is made under it",
        )
        found.append(Violation("on", "before_step", told))
    if "until" in body and body["until"] < body["on"]:
        told = Text(f"早于起始日期{body['on']}", f"this is before its first day, {body['on']}")
        found.append(Violation("until", "before_from", told))
    known = [
        one
        for one in step.case.get(CONTRACTS, ())
        if one.ended_on is None and party(one.client_code) == party(body["client_code"])
        # One that has run out may be prolonged.
        if one.until is None or step.today <= one.until
    ]
    if any(same(one.contract, body["contract"]) for one in known):
        told = Text("该合同已报告，且未终止", "this contract was reported, and has not ended")
        found.append(Violation("contract", "twice", told))
    models = models_of(content)
    for index, model in enumerate(body["models"]):
        if comparable(model) not in models:
            told = Text(f"许可证中没有型号{model}", f"the licence does not have the model {model}")
            found.append(Violation(f"models.{index}", "not_licensed", told))
    return found


def _report(step: Step) -> Effect:
    new = KeptContract(**KeptContract.given(step.raw), reported_on=step.today)
    kept = (*step.case.get(CONTRACTS, ()), new)
    told = {"licence": step.case[LICENCE], "number": len(kept), "client": new.client_name}
    return Effect(data=CONTRACTS.set(kept), event=told)


def _may_end(step: Step) -> Sequence[Violation]:
    number, kept = step.body["number"], step.case[CONTRACTS]
    if number <= len(kept) and kept[number - 1].ended_on is None:
        return []
    told = Text(f"没有序号为{number}的有效合同", f"there is no contract number {number} in force")
    return [Violation("number", "unknown_contract", told)]


def _end(step: Step) -> Effect:
    number, kept = step.body["number"], [*step.case[CONTRACTS]]
    kept[number - 1] = replace(kept[number - 1], ended_on=step.today, reason=step.reason)
    told = {"licence": step.case[LICENCE], "number": number, "reason": step.reason}
    return Effect(data=CONTRACTS.set(tuple(kept)), event=told)


TRANSITIONS = (
    *(
        Transition(
            action="report_contract",
            source=state,
            target=state,
            by="applicant",
            name=Text("报告委托加工", "Report a contract to make instruments"),
            body=Contract,
            guard=Informed(REGISTER.content, _may_report),
            effect=_report,
            emits="licence.contract_reported",
        )
        for state in LIVE
    ),
    *way_back(
        "end_contract",
        [(state, state) for state in LIVE],
        Text("终止委托加工", "End a contract to make instruments"),
        emits="licence.contract_ended",
        by="applicant",
        body=EndedContract,
        applies=_has_contracts,
        guard=_may_end,
        effect=_end,
        undoes=("report_contract",),
    ),
)
