"""How a permit in force ends, and what takes such an end back: the same law for certificates and licences
(Administrative Licensing Law Art. 8, 69 and 70).

A permit lives in the case in which it was granted, and what ends it is done to that case.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from marshmallow import Schema, validates_schema

from shared.casework.procedure import ConnectedStep, Effect, FollowUp, Informed, Step, Transition
from shared.casework.undoing import way_back
from shared.labels import labelled
from shared.law import PROVINCE, add_days
from shared.permits import bars
from shared.permits.asked import NOTHING, PERMIT_ENDED, Asked
from shared.permits.ending import ended_in
from shared.permits.facts import BAR, CANCELLED_ON, END, CaseEnd
from shared.permits.historic import ended_before
from shared.permits.intake import Silence
from shared.problems import Violation
from shared.schemas import Strict, choice, text
from shared.text import Text
from shared.validators import refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence
    from datetime import date

    from shared.casework.cases import Case
    from shared.casework.facts import Fact
    from shared.casework.procedure import Guard

ENDS = {
    "EXPIRED": Text("有效期届满未延续", "its term ended without renewal"),
    "ABOLISHED_BY_LAW": Text("许可依法取消", "abolished by law"),
    "CANCELLED": Text("注销", "cancelled"),
    "REVOKED": Text("撤销", "revoked"),
    "WITHDRAWN": Text("撤回", "withdrawn by the authority"),
    "PENALTY": Text("吊销", "taken away as a penalty"),
    "STRUCK_OFF": Text("声明被取消", "its declaration was struck off"),
    "DECLARATION_WITHDRAWN": Text("声明人撤回声明", "who declared it withdrew the declaration"),
    "TYPE_ABOLISHED": Text("型式已被国家主管部门废除", "the national authority abolished the type"),
}
"""How a permit can end, by the word that events use."""
Rows = list[Transition]
Acts = tuple[tuple[str, str], ...]
"""Actions, and the states to which they lead."""


class Revocation(Strict):
    """撤销 (Administrative Licensing Law Art. 69): whose fault it was that the permit could be had. Damages are owed
    where the authority was at fault, none to who got it by deceit or bribery."""

    fault = choice(
        "authority",
        "holder",
        metadata=labelled(
            "过错方",
            "whose fault",
            choices={"authority": Text("行政机关", "the authority's"), "holder": Text("被许可人", "the holder's")},
        ),
    )
    bar = bars.ground(bars.DECEIT, "以欺骗、贿赂等不正当手段取得", "it was obtained by deceit or bribery (Art. 79)")

    @validates_schema
    def who_deceived_is_at_fault(self, data: Mapping[str, Any], **_kwargs: object) -> None:
        if "bar" in data and data["fault"] != "holder":
            told = Text("以欺骗、贿赂取得的，过错在被许可人", "who got it by deceit or bribery is at fault themselves")
            raise refusal("not_at_fault", *told, "bar")


class Withdrawal(Strict):
    """撤回 (Art. 8): a lawful permit taken back because law or circumstances changed; the loss is compensated."""

    compensation = text(maximum=2000, metadata=labelled("补偿", "compensation for the loss", example="按评估补偿"))


class Cancellation(Strict):
    """注销 of a permit that nothing else has ended (Art. 70): the holder is gone, force majeure, another law."""

    cause = choice(
        "HOLDER_GONE",
        "FORCE_MAJEURE",
        "OTHER_BY_LAW",
        metadata=labelled(
            "注销原因",
            "why",
            choices={
                "HOLDER_GONE": Text("被许可人终止", "the holder is gone"),
                "FORCE_MAJEURE": Text("不可抗力", "force majeure"),
                "OTHER_BY_LAW": Text("其他法定情形", "another law"),
            },
        ),
    )


def _above(step: Step) -> dict[str, str]:
    """The office that acts, where that is the one above."""
    return {"office": step.office} if step.office != step.case.office else {}


def last_day(end: CaseEnd) -> date:
    """The last day on which a permit that has come to this end was in force: it expires when the day is over, and any
    other end takes effect on its day."""
    return end.on if end.ground == "EXPIRED" else add_days(end.on, -1)


def register_was_closed(case: Case) -> bool:
    """Whether the register was closed 注销 on a permit that had ended before."""
    return CANCELLED_ON in case


def ended_here(case: Case) -> bool:
    """Whether the office ended it, and has not closed the register on it since."""
    return not register_was_closed(case) and not ended_before(case)


def _shown(end: CaseEnd) -> dict[str, Any]:
    """What a document says of the end."""
    said = end.stored()
    return {part: said[part] for part in ("ground", "zh", "en", "on")}


def end_of(case: Case) -> dict[str, Any]:
    """What the document of the case's permit says of its end, if it has one."""
    end, closed = case.get(END), case.get(CANCELLED_ON)
    found = {"ended": _shown(end)} if end else {}
    return {**found, "cancelled_on": closed.isoformat()} if closed else found


def ended_by_office(case: Case) -> Collection[str]:
    """The office that ended it, which alone takes that back."""
    end = case.get(END)
    return {(end and end.office) or case.office}


@dataclass(frozen=True)
class Life:
    """A kind of permit. `permit` is the number of one, called what events and states call it; `live` are the
    states of its case in which it is in force. `order` has its document made again, as the permit is after a step;
    `restored` says what the law does because a permit is in force again; `asked` is work that others have about it."""

    permit: Fact[str]
    live: Sequence[str]
    order: Callable[..., None]
    restored: Callable[[ConnectedStep], Sequence[FollowUp]] = lambda _step: ()
    asked: Asked = NOTHING

    def _number(self, step: Step) -> dict[str, str]:
        return {self.permit.name: step.case[self.permit]}

    def ending(
        self,
        action: str,
        target: str,
        ground: str,
        name: Text,
        *,
        body: type[Schema],
        guard: Guard | None = None,
        **more: Any,
    ) -> Rows:
        """An act that ends a permit in force; the head of the authority does it, who says why, if not `more` says
        else."""
        told: dict[str, Any] = {"by": "staff:decider", "needs_reason": True} | more
        return [
            Transition(
                action=action,
                source=state,
                target=target,
                name=name,
                body=body,
                guard=guard,
                effect=partial(self._end, ground=ground),
                emits=f"{self.permit.name}.ended",
                **told,
            )
            for state in self.live
        ]

    def acts(
        self,
        besides: Acts = (),
        *,
        lapsed: Sequence[str] = (),
        may_close: Guard | None = None,
    ) -> Rows:
        """The acts of the office that end a permit in force, with their ways back, and 注销 in the register after any
        end.

        `besides` are acts of this permit alone and the states to which they lead, `lapsed` the states to which the law
        itself leads; `may_close` says what stands in the way of closing the register on a permit that has ended.
        """
        withdraw, withdrawn = f"withdraw_{self.permit.name}", f"{self.permit.name}_withdrawn"
        return [
            *self.ending(
                *("revoke", "revoked", "REVOKED", Text("撤销许可", "Revoke")),
                body=Revocation,
                # Nobody judges whether what they granted themselves was rightly granted.
                distinct_from=("grant",),
                # Art. 69: the office that granted it revokes it, or the one above.
                offices=lambda case: {case.office, PROVINCE},
                notice="revocation",
                undoes=("grant", "restore"),
            ),
            *self.ending(
                *(withdraw, withdrawn, "WITHDRAWN", Text("撤回许可", f"Withdraw the {self.permit.name}")),
                body=Withdrawal,
                notice="permit_withdrawal",
                undoes=("grant",),
            ),
            *self.cancellable(
                (("revoke", "revoked"), (withdraw, withdrawn), *besides), lapsed=lapsed, may_close=may_close
            ),
        ]

    def expiry(self, lasts_until: Callable[[ConnectedStep], date | None]) -> Rows:
        """The end of a term, which the clock of the law tells; `lasts_until` says when it ends as things stand."""

        def is_over(step: Step, until: date | None) -> Sequence[Violation]:
            if until == step.body["due_on"] < step.today:
                return []
            return [Violation("due_on", "another_limit", Text(f"有效期至{until}", f"the term ends on {until}"))]

        return [
            Transition(
                action="lapse",
                source=state,
                target="expired",
                by="system",
                name=Text("有效期届满", "Expired"),
                body=Silence,
                guard=Informed(lasts_until, is_over),
                effect=self._expire,
                emits=f"{self.permit.name}.ended",
            )
            for state in self.live
        ]

    def cancellable(
        self,
        acts: Acts,
        *,
        lapsed: Sequence[str] = (),
        may_close: Guard | None = None,
        may_restore: Guard | None = None,
    ) -> Rows:
        """注销 of a permit in force; the ways back from that and from the office's other `acts` that end one; and 注销
        in the register after these, or after what leads to a state that has `lapsed`."""
        acts = (*acts, ("cancel", "cancelled"))
        ended_by = tuple(action for action, _ in acts)
        return [
            *self.ending(
                *("cancel", "cancelled", "CANCELLED", Text("注销", "Cancel")), body=Cancellation, notice="cancellation"
            ),
            *(
                row
                for _, ended in acts
                for state in self.live
                for row in way_back(
                    "restore",
                    [(ended, state)],
                    Text("撤销终止许可的决定", f"Revoke the act that ended the {self.permit.name}"),
                    emits=f"{self.permit.name}.restored",
                    by="staff:decider",
                    applies=ended_here,
                    offices=ended_by_office,
                    when=ended_in(state, ended_by),
                    guard=may_restore,
                    effect=self._restore,
                    undoes=ended_by,
                )
            ),
            *self._closing((*lapsed, *(target for _, target in acts if target != "cancelled")), may_close),
        ]

    def _closing(self, states: Sequence[str], may_close: Guard | None) -> Rows:
        """注销 in the register of a permit that has ended in one of `states`, and its way back."""
        return [
            *(
                Transition(
                    action="cancel_ended",
                    source=state,
                    target="cancelled",
                    by="staff:decider",
                    name=Text("注销登记", "Cancel in the register"),
                    guard=may_close,
                    effect=self._close,
                    emits=f"{self.permit.name}.cancelled",
                    notice="register_closed",
                )
                for state in states
            ),
            *(
                row
                for state in states
                for row in way_back(
                    "withdraw_cancellation",
                    [("cancelled", state)],
                    Text("撤销注销登记", "Open the register again"),
                    emits=f"{self.permit.name}.cancellation_withdrawn",
                    by="staff:decider",
                    applies=register_was_closed,
                    when=ended_in(state, ("cancel_ended",)),
                    effect=self._open,
                    undoes=("cancel_ended",),
                )
            ),
        ]

    def _end(self, step: ConnectedStep, ground: str) -> Effect:
        """The permit ends on `ground`; by law on the day the law says, else on the day of the act."""
        return self._ended(step, ground, step.body.get("on", step.today), CaseEnd.given(step.raw))

    def _expire(self, step: ConnectedStep) -> Effect:
        """The law's clock has told that the term is over."""
        return self._ended(step, "EXPIRED", step.body["due_on"], {})

    def _ended(self, step: ConnectedStep, ground: str, day: date, said: Mapping[str, Any]) -> Effect:
        name, bar = ENDS[ground], bars.bar(step)
        told = {"ground": ground, "zh": name.zh, "en": name.en, "on": day, **step.reasons}
        above = _above(step)
        end = CaseEnd(**{**said, **told, **above})
        self.order(step, "ended", ended=_shown(end))
        reason = {"reason": step.reason} if step.reason else {}
        left = self.asked.dropped(step, PERMIT_ENDED)
        event = {**self._number(step), **_shown(end), **reason, **bar.event, **above, **left.event}
        return Effect(data=END.set(end) | {**bar.data, **left.data}, event=event)

    def _restore(self, step: ConnectedStep) -> Effect:
        """The authority revokes its own act: the permit counts as never ended."""
        self.order(step, "restored")
        again = self.asked.again(step)
        told = {**self._number(step), "reason": step.reason, **_above(step), **again.event}
        return Effect(data=END.set(None) | BAR.set(None) | {**again.data}, event=told, then=self.restored(step))

    def _close(self, step: ConnectedStep) -> Effect:
        """注销 follows every other end and has its ground (Art. 70)."""
        ended = step.case[END]
        told = {"ground": ended.ground, "zh": ended.zh, "en": ended.en}
        self.order(step, "cancelled", **{**end_of(step.case), "cancelled_on": step.today.isoformat()})
        return Effect(data=CANCELLED_ON.set(step.today), event={**self._number(step), **told})

    def _open(self, step: ConnectedStep) -> Effect:
        self.order(step, "ended", ended=_shown(step.case[END]))
        return Effect(data=CANCELLED_ON.set(None), event={**self._number(step), "reason": step.reason})
