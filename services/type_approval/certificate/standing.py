"""What is attached to a certificate in force and does not change it: small changes of the instrument that the holder
declares, and orders of the authority.

A change of structure or material that alters the performance makes a new product, which needs an approval of its own
(Order 74 Art. 2). Whether a declared change is such a one, the laboratory that evaluated the type, or the one that the
office named, says; the office does where there is none, as of a certificate from a historic register, or it is no
longer authorised. There is no suspension of a type approval: what there is are orders to stop and to seal (Metrology
Law Art. 23; Implementing Rules Art. 44).
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

from services.type_approval.certificate import site_check
from services.type_approval.certificate.facts import (
    ASSESSED_CHANGES,
    CERTIFICATE,
    DECLARED_CHANGE,
    ORDERS,
    Assessed,
    Declared,
    DeclaredChange,
    KeptOrder,
    Opinion,
    Order,
)
from shared.casework.procedure import Effect, Transition
from shared.casework.undoing import gone, way_back
from shared.labels import labelled
from shared.problems import Violation
from shared.schemas import Strict, count
from shared.text import Text, same

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from shared.casework import Case, Guard, Step


class Lifting(Strict):
    """解除责令. Which order is lifted."""

    number = count(maximum=10_000, metadata=labelled("序号", "its number on this certificate", example=1))


_NAMES = {
    "stop_making": Text("停止制造", "stop making"),
    "stop_selling": Text("停止销售", "stop selling"),
    "seal": Text("封存", "seal what there is"),
}


_EFFECTS = {
    True: Text("影响计量性能，须重新申请型式批准", "it affects the performance: apply for a new approval"),
    False: Text("不影响计量性能", "it does not affect the performance"),
}


def is_declared(case: Case) -> bool:
    return DECLARED_CHANGE in case


def is_for_laboratory(case: Case) -> bool:
    """Whether a change is declared, and there is a laboratory to ask."""
    return is_declared(case) and case.checker is not None


def is_not_declared(case: Case) -> bool:
    return not is_declared(case)


def may_go_to_laboratory(case: Case) -> bool:
    return is_not_declared(case) and case.checker is not None


def may_go_to_office(case: Case) -> bool:
    """Whether there is no laboratory to ask, as of a type from a historic register."""
    return is_not_declared(case) and case.checker is None


def was_assessed(case: Case) -> bool:
    """Whether the last opinion is the laboratory's, and no other change is declared."""
    return _last_opinion(case) is False


def was_assessed_by_office(case: Case) -> bool:
    """The same of the office."""
    return _last_opinion(case) is True


def _last_opinion(case: Case) -> bool | None:
    """Whether the office gave the last opinion; None where there is none, or another change waits for one."""
    assessed = case.get(ASSESSED_CHANGES)
    return bool(assessed[-1].by_office) if assessed and is_not_declared(case) else None


def in_force(data: Mapping[str, Any]) -> list[KeptOrder]:
    """The orders that were not lifted."""
    return [order for order in ORDERS.of(data) or () if order.lifted_on is None]


def is_ordered(case: Case) -> bool:
    return bool(in_force(case.data))


def may_order(step: Step) -> Sequence[Violation]:
    """No order of that document is in force."""
    if not any(same(one.act, step.body["act"]) for one in in_force(step.case.data)):
        return []
    told = Text("该文书的责令已登记，且未解除", "an order of this document is in force already")
    return [Violation("act", "twice", told)]


def may_lift(step: Step) -> Sequence[Violation]:
    """The order is in force."""
    numbers = [order.number for order in in_force(step.case.data)]
    if step.body["number"] in numbers:
        return []
    known = ", ".join(map(str, numbers))
    reason = Text(f"没有该有效责令；有效的为：{known}", f"orders in force are: {known}")
    return [Violation("number", "unknown_order", reason)]


def declare(step: Step) -> Effect:
    kept = Declared(**Declared.given(step.raw), declared_on=step.today)
    return Effect(data=DECLARED_CHANGE.set(kept), event={"certificate": step.case[CERTIFICATE], "change": kept.change})


def assessing(case: Case) -> Sequence[str]:
    """The laboratory that gave the last opinion: the one that evaluated, unless the opinion names another."""
    assessed = case.get(ASSESSED_CHANGES)
    lab = (assessed[-1].lab if assessed else None) or case.lab
    return (lab,) if lab else ()


def assess_by_office(step: Step) -> Effect:
    return assess(step, {"by_office": True})


def assess_by_laboratory(step: Step) -> Effect:
    return assess(step, site_check.another(step))


def assess(step: Step, by: Mapping[str, Any]) -> Effect:
    given = Assessed.given({**step.case[DECLARED_CHANGE].stored(), **step.raw})
    assessed = Assessed(**given, assessed_by=step.actor.name, assessed_on=step.today, **by)
    name = _EFFECTS[assessed.affects]
    told = {**step.raw, "certificate": step.case[CERTIFICATE], "change": assessed.change, **name._asdict()}
    kept = (*step.case.get(ASSESSED_CHANGES, ()), assessed)
    return Effect(data=DECLARED_CHANGE.set(None) | ASSESSED_CHANGES.set(kept), event=told)


def withdraw_opinion(step: Step) -> Effect:
    """The last opinion is taken back: the declared change waits for another."""
    *kept, last = step.case[ASSESSED_CHANGES]
    declared = Declared(**Declared.given(last.stored()))
    told = {"certificate": step.case[CERTIFICATE], "reason": step.reason}
    return Effect(data=DECLARED_CHANGE.set(declared) | ASSESSED_CHANGES.set(tuple(kept) or None), event=told)


def issue_order(step: Step) -> Effect:
    before = step.case.get(ORDERS, ())
    order = KeptOrder(**KeptOrder.given(step.raw), number=len(before) + 1, on=step.today, reason=step.why)
    return Effect(data=ORDERS.set((*before, order)), event=_told(step, order))


def lift_order(step: Step) -> Effect:
    """It stays readable beside those in force."""
    orders = tuple(
        replace(order, lifted_on=step.today, lifted_reason=step.reason)
        if order.number == step.body["number"]
        else order
        for order in step.case[ORDERS]
    )
    return Effect(data=ORDERS.set(orders), event=_told(step, orders[step.body["number"] - 1]))


def _told(step: Step, order: KeptOrder) -> dict[str, Any]:
    names = [_NAMES[one] for one in order.measures]
    return {
        "certificate": step.case[CERTIFICATE],
        "act": order.act,
        "measures": [*order.measures],
        "reason": step.reason,
        "zh": "、".join(name.zh for name in names),
        "en": ", ".join(name.en for name in names),
    }


class Guards(NamedTuple):
    """What stands in the way of declaring a change, and of the opinion of the laboratory and of the office on it."""

    declare: Guard
    assess: Guard
    assess_by_office: Guard


def transitions(live: Sequence[str], ended: Iterable[str], delivered: str, guards: Guards) -> list[Transition]:
    """The rows for the states in which a certificate is in force; the office gives its opinion once the certificate is
    `delivered`, as those of historic registers are. An order outlasts the certificate: it is lifted in those in which
    that has `ended` too."""
    rows = (row for state in live for row in _rows(state, guards))
    return [*rows, *_by_office(delivered, guards), *_lifting((*live, *ended))]


def _by_office(state: str, guards: Guards) -> Sequence[Transition]:
    here: dict[str, Any] = {"source": state, "target": state}
    return (
        Transition(
            **here,
            action="assess_change_by_office",
            by="staff:examiner",
            name=Text("无技术机构时评定改动", "Assess the change where no laboratory can"),
            body=Opinion,
            applies=is_declared,
            guard=guards.assess_by_office,
            effect=assess_by_office,
            emits="certificate.change_assessed",
        ),
        *way_back(
            "withdraw_office_opinion",
            [(state, state)],
            Text("撤回本机关的评定意见", "Take the office's opinion on the change back"),
            emits="certificate.office_opinion_withdrawn",
            by="staff:examiner",
            applies=was_assessed_by_office,
            effect=withdraw_opinion,
            undoes=("assess_change_by_office",),
        ),
    )


def _rows(state: str, guards: Guards) -> Sequence[Transition]:
    here: dict[str, Any] = {"source": state, "target": state}
    return (
        *(
            Transition(
                **here,
                action="declare_change",
                by="applicant",
                name=Text("申报微小改动", "Declare a small change"),
                body=DeclaredChange,
                applies=applies,
                guard=guards.declare,
                effect=declare,
                emits=told,
            )
            for applies, told in (
                (may_go_to_laboratory, "certificate.change_declared"),
                (may_go_to_office, "certificate.change_declared_to_office"),
            )
        ),
        *way_back(
            "withdraw_declared_change",
            [(state, state)],
            Text("撤回微小改动申报", "Withdraw the declaration of a small change"),
            emits="certificate.declared_change_withdrawn",
            by="applicant",
            applies=is_declared,
            effect=gone(DECLARED_CHANGE),
            undoes=("declare_change",),
        ),
        Transition(
            **here,
            action="assess_change",
            by="lab",
            labs=site_check.asked,
            name=Text("评定改动对计量性能的影响", "Say whether the change affects the performance"),
            body=Opinion,
            applies=is_for_laboratory,
            guard=guards.assess,
            effect=assess_by_laboratory,
            emits="certificate.change_assessed",
        ),
        *way_back(
            "withdraw_opinion",
            [(state, state)],
            Text("撤回评定意见", "Take the opinion on the change back"),
            emits="certificate.opinion_withdrawn",
            by="lab",
            labs=assessing,
            applies=was_assessed,
            effect=withdraw_opinion,
            undoes=("assess_change",),
        ),
        Transition(
            **here,
            action="issue_order",
            by="staff:decider",
            name=Text("责令停止或者封存", "Order to stop or to seal"),
            body=Order,
            guard=may_order,
            effect=issue_order,
            emits="certificate.order_issued",
            notice="order",
            needs_reason=True,
        ),
    )


def _lifting(states: Sequence[str]) -> Sequence[Transition]:
    return way_back(
        "lift_order",
        [(state, state) for state in states],
        Text("解除责令", "Lift an order"),
        emits="certificate.order_lifted",
        by="staff:decider",
        body=Lifting,
        applies=is_ordered,
        guard=may_lift,
        effect=lift_order,
        notice="order_lifted",
        undoes=("issue_order",),
    )
