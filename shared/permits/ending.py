"""The end of a case that is not decided: the procedure is terminated by law 依法终止, the same for all permits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared.casework.procedure import Effect, Informed, Step, Transition
from shared.casework.queries import came_from
from shared.casework.undoing import way_back
from shared.labels import labelled
from shared.permits.facts import END, REFERRED_TO, CaseEnd
from shared.permits.needed import LAW_CHANGED
from shared.problems import Violation
from shared.schemas import Strict, choice, text
from shared.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence

    from shared.casework.procedure import ConnectedStep, Guard, Rule

ENDS = ("terminate", "not_required", "not_accept")
"""By which the authority ends a case without deciding on what was applied for."""
STATES = {"terminated": Text("依法终止", "terminated by law")}

APPLICANT_GONE = "APPLICANT_GONE"


class Termination(Strict):
    """依法终止办理。 `basis` is the provision that ends the procedure."""

    ground = choice(
        LAW_CHANGED,
        APPLICANT_GONE,
        metadata=labelled(
            "原因",
            "ground",
            choices={
                "LAW_CHANGED": Text("法律变更", "the law changed"),
                "APPLICANT_GONE": Text("申请人终止", "the applicant is gone"),
            },
            example=APPLICANT_GONE,
        ),
    )
    basis = text(maximum=500, metadata=labelled("依据", "provision it rests on", example="行政许可法第七十条"))


def keep_end(step: Step) -> Effect:
    end = CaseEnd(**CaseEnd.given(step.in_each(step.raw)), on=step.today, **step.reasons)
    return Effect(data=END.set(end), event={**step.raw, "reason": step.reason, **team_of(step)})


def team_of(step: Step) -> dict[str, list[str]]:
    """What an event says of the experts who assess on site, if there are any: that what they do is over, or goes on."""
    return {"experts": [*step.case.team]} if step.case.team else {}


def take_up(step: ConnectedStep) -> Effect:
    """The effect of going on with a case that had ended."""
    return Effect(data=END.set(None) | REFERRED_TO.set(None), event={"reason": step.reason, **team_of(step)})


def transitions(
    states: Sequence[str],
    not_needed: Callable[[Step], Text | None],
    *,
    may_take_up: Guard | None,
    take_up: Callable[[ConnectedStep], Effect] = take_up,
) -> tuple[Transition, ...]:
    """Termination in any of `states`, by the head of the authority or automatically when the law changes; its way back.

    `not_needed` says why no permit is needed on the day of the step, or None: whether one is needed is a question of
    the day of the decision, however long ago the case was accepted (SAMR Notice 2020 No. 42). `may_take_up` says what
    stands in the way of going on with a case that had ended.
    """

    def law_has_changed(step: Step) -> Sequence[Violation]:
        if step.body["ground"] == LAW_CHANGED and not_needed(step) is None:
            reason = Text(f"{step.today}法律仍要求该许可", f"on {step.today} the law still asks for this permit")
            return [Violation("ground", "law_unchanged", reason)]
        return []

    return (
        *(
            Transition(
                action="terminate",
                source=state,
                target="terminated",
                by=by,
                name=Text("依法终止", "Terminate by law"),
                body=Termination,
                guard=law_has_changed,
                effect=keep_end,
                emits="application.terminated",
                notice="termination",
                needs_reason=True,
            )
            for state in states
            for by in ("staff:decider", "system")
        ),
        *reopening("terminated", states, may_take_up, take_up),
    )


def reopening(
    ended: str,
    states: Sequence[str],
    may_take_up: Guard | None,
    take_up: Callable[[ConnectedStep], Effect] = take_up,
) -> Iterable[Transition]:
    """The authority revokes its own decision that ended a case: the case goes on in the state it was in."""
    return (
        row
        for state in states
        for row in way_back(
            "reopen",
            [(ended, state)],
            Text("撤销终结决定，恢复办理", "Revoke the end and go on"),
            emits="application.reopened",
            by="staff:decider",
            when=ended_in(state, ENDS),
            guard=may_take_up,
            effect=take_up,
            undoes=ENDS,
        )
    )


def ended_in(state: str, by: Collection[str]) -> Rule[bool]:
    """Whether the case was in that state when one of the actions `by` ended it."""
    return Informed(lambda step: came_from(step.tx, step.case, by), lambda _step, before: before == state)
