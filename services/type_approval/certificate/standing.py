"""What is attached to a certificate in force and does not change it: small changes of the instrument that the holder
declares, and orders of the authority.

A change of structure or material that alters the performance makes a new product, which needs an approval of its own
(Order 74 Art. 2). Whether a declared change is such a one, the laboratory says. There is no suspension of a type
approval: what there is are orders to stop and to seal (Metrology Law Art. 23; Implementing Rules Art. 44).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from marshmallow import fields

from shared.casework.procedure import Effect, Name, Transition
from shared.casework.undoing import gone, way_back
from shared.problems import Text, Violation
from shared.schemas import Day, Flag, Strict, choice, count, several, text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from shared.casework import Case, Step

MEASURES = ("stop_making", "stop_selling", "seal")


class DeclaredChange(Strict):
    """微小改动申报。 A small change of the instrument that its holder declares."""

    change = text(
        maximum=2000, metadata={"description": "改动内容 what is changed", "example": "显示屏更换为同规格产品"}
    )
    models = several(
        text(maximum=100),
        maximum=100,
        unique_by=(),
        metadata={"description": "涉及型号 models concerned", "example": ["ACS-15"]},
    )
    on = Day(required=True, metadata={"description": "实施日期 day from which it is made so"})


class Opinion(Strict):
    """对计量性能影响的意见。 Whether a declared change affects the metrological performance."""

    affects = Flag(
        required=True,
        metadata={"description": "影响计量性能 whether it affects the metrological performance", "example": False},
    )
    opinion = text(
        maximum=2000, metadata={"description": "意见 opinion, with its grounds", "example": "不影响计量性能"}
    )


class Declared(DeclaredChange):
    """微小改动申报, as it is kept."""

    declared_on = fields.Date(required=True, metadata={"description": "申报日期 day of the declaration"})


class Assessed(Declared, Opinion):
    """已评定的微小改动。 A declared change with the opinion on it; one that affects the performance is not made without
    an approval of its own."""

    assessed_by = fields.String(
        required=True, metadata={"description": "评定人 who gave the opinion", "example": "陈检测"}
    )
    assessed_on = fields.Date(required=True, metadata={"description": "评定日期 day of the opinion"})


class Order(Strict):
    """责令. An order attached to the certificate."""

    measures = several(
        choice(*MEASURES),
        maximum=len(MEASURES),
        unique_by=(),
        metadata={
            "description": (
                "措施: stop_making 停止制造 stop making, stop_selling 停止销售 stop selling,"
                " seal 封存 seal what there is"
            ),
            "example": ["stop_making"],
        },
    )
    act = text(
        maximum=100, metadata={"description": "文书编号 number of the order", "example": "吉质监责改〔2014〕3号"}
    )


class Lifting(Strict):
    """解除责令. Which order is lifted."""

    number = count(maximum=10_000, metadata={"description": "序号 its number on this certificate", "example": 1})


class KeptOrder(Order):
    """责令, as it is kept."""

    number = fields.Integer(
        required=True, metadata={"description": "序号 its number on this certificate", "example": 1}
    )
    on = fields.Date(required=True, metadata={"description": "作出日期 day of the order"})
    reason = fields.String(required=True, metadata={"description": "理由 why", "example": "抽查不合格"})
    lifted_on = fields.Date(
        metadata={"description": "解除日期 day on which it was lifted; in force without one", "example": None}
    )
    lifted_reason = fields.String(metadata={"description": "解除理由 why it was lifted", "example": None})


_NAMES = {
    "stop_making": Name("停止制造", "stop making"),
    "stop_selling": Name("停止销售", "stop selling"),
    "seal": Name("封存", "seal what there is"),
}


_EFFECTS = {
    True: Name("影响计量性能，须重新申请型式批准", "it affects the performance: apply for a new approval"),
    False: Name("不影响计量性能", "it does not affect the performance"),
}


def is_declared(case: Case) -> bool:
    return "declared_change" in case.data


def is_not_declared(case: Case) -> bool:
    return not is_declared(case)


def was_assessed(case: Case) -> bool:
    return bool(case.data.get("assessed_changes")) and is_not_declared(case)


def in_force(data: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The orders that were not lifted."""
    return [order for order in data.get("orders", ()) if "lifted_on" not in order]


def is_ordered(case: Case) -> bool:
    return bool(in_force(case.data))


def may_lift(step: Step) -> Sequence[Violation]:
    """The order is in force."""
    numbers = [order["number"] for order in in_force(step.case.data)]
    if step.body["number"] in numbers:
        return []
    known = ", ".join(map(str, numbers))
    reason = Text(f"没有该有效责令；有效的为：{known}", f"orders in force are: {known}")
    return [Violation("number", "unknown_order", reason)]


def declare(step: Step) -> Effect:
    kept = {**step.raw, "declared_on": step.today.isoformat()}
    told = {"certificate": step.case.data["certificate"], "change": step.body["change"]}
    return Effect(data={"declared_change": kept}, event=told)


def assess(step: Step) -> Effect:
    declared = step.case.data["declared_change"]
    assessed = {**declared, **step.raw, "assessed_by": step.actor.name, "assessed_on": step.today.isoformat()}
    name = _EFFECTS[step.body["affects"]]
    told = {**step.raw, "certificate": step.case.data["certificate"], "change": declared["change"], **name._asdict()}
    kept = [*step.case.data.get("assessed_changes", ()), assessed]
    return Effect(data={"declared_change": None, "assessed_changes": kept}, event=told)


def withdraw_opinion(step: Step) -> Effect:
    """The last opinion is taken back: the declared change waits for another."""
    *kept, last = step.case.data["assessed_changes"]
    declared = {name: last[name] for name in ("change", "models", "on", "declared_on")}
    told = {"certificate": step.case.data["certificate"], "reason": step.reason}
    return Effect(data={"declared_change": declared, "assessed_changes": kept or None}, event=told)


def issue_order(step: Step) -> Effect:
    before = step.case.data.get("orders", [])
    order = {**step.raw, "number": len(before) + 1, "on": step.today.isoformat(), "reason": step.reason}
    return Effect(data={"orders": [*before, order]}, event=_told(step, order))


def lift_order(step: Step) -> Effect:
    """It stays readable beside those in force."""
    lifted = {"lifted_on": step.today.isoformat(), "lifted_reason": step.reason}
    orders = [
        {**order, **lifted} if order["number"] == step.body["number"] else order for order in step.case.data["orders"]
    ]
    return Effect(data={"orders": orders}, event=_told(step, orders[step.body["number"] - 1]))


def _told(step: Step, order: Mapping[str, Any]) -> dict[str, Any]:
    names = [_NAMES[one] for one in order["measures"]]
    return {
        "certificate": step.case.data["certificate"],
        "act": order["act"],
        "measures": order["measures"],
        "reason": step.reason,
        "zh": "、".join(name.zh for name in names),
        "en": ", ".join(name.en for name in names),
    }


def transitions(live: Sequence[str], may_assess: Callable[[Step], Sequence[Violation]]) -> list[Transition]:
    """The rows for the states in which a certificate is in force; `may_assess` is the guard of an opinion."""
    return [row for state in live for row in _rows(state, may_assess)]


def _rows(state: str, may_assess: Callable[[Step], Sequence[Violation]]) -> Sequence[Transition]:
    here: dict[str, Any] = {"source": state, "target": state}
    return (
        Transition(
            **here,
            action="declare_change",
            by="applicant",
            name=Name("申报微小改动", "Declare a small change"),
            body=DeclaredChange,
            applies=is_not_declared,
            effect=declare,
            emits="certificate.change_declared",
        ),
        *way_back(
            "withdraw_declared_change",
            [(state, state)],
            Name("撤回微小改动申报", "Withdraw the declaration of a small change"),
            emits="certificate.declared_change_withdrawn",
            by="applicant",
            applies=is_declared,
            effect=gone("declared_change"),
            undoes=("declare_change",),
        ),
        Transition(
            **here,
            action="assess_change",
            by="lab",
            name=Name("评定改动对计量性能的影响", "Say whether the change affects the performance"),
            body=Opinion,
            applies=is_declared,
            guard=may_assess,
            effect=assess,
            emits="certificate.change_assessed",
        ),
        *way_back(
            "withdraw_opinion",
            [(state, state)],
            Name("撤回评定意见", "Take the opinion on the change back"),
            emits="certificate.opinion_withdrawn",
            by="lab",
            applies=was_assessed,
            effect=withdraw_opinion,
            undoes=("assess_change",),
        ),
        Transition(
            **here,
            action="issue_order",
            by="staff:decider",
            name=Name("责令停止或者封存", "Order to stop or to seal"),
            body=Order,
            effect=issue_order,
            emits="certificate.order_issued",
            notice="order",
            needs_reason=True,
        ),
        *way_back(
            "lift_order",
            [(state, state)],
            Name("解除责令", "Lift an order"),
            emits="certificate.order_lifted",
            by="staff:decider",
            body=Lifting,
            applies=is_ordered,
            guard=may_lift,
            effect=lift_order,
            notice="order_lifted",
            undoes=("issue_order",),
        ),
    )
