"""Who handles a case: staff claim it, their heads assign it, and whoever has it may give it back. Its state stays."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from marshmallow import fields

from shared.casework.facts import ASSIGNEE, Assignee, Person
from shared.casework.procedure import Effect, Step, Transition
from shared.identity import STAFF_POSTS, Actor, Role
from shared.labels import labelled
from shared.problems import Violation
from shared.schemas import Strict
from shared.text import Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shared.casework.cases import Case
    from shared.casework.procedure import Procedure

HEADS = ("section_head", "bureau_head", "decider")
"""Who may give a case to somebody, or take it away."""
NOT_HANDLING = ("extend", "terminate")
"""Acts of the head of the authority on other people's cases."""
ACTIONS = ("claim", "assign", "release")
EMITS = "case.assigned"


class Assignment(Strict):
    """指定承办人。 Who is to handle the case."""

    to = fields.Nested(Person, required=True, metadata=labelled("工作人员", "member of staff"))


def unassigned(case: Case) -> bool:
    return case.assignee is None


def assigned(case: Case) -> bool:
    return case.assignee is not None


def claim(step: Step) -> Effect:
    return _to(Assignee(subject=step.actor.subject, name=step.actor.name))


def assign(step: Step) -> Effect:
    return _to(Assignee(**step.body["to"]))


def may_handle(step: Step) -> Sequence[Violation]:
    """Something is left to do for whoever gets the case, as far as the case knows what they did on it."""
    to = Actor(**step.body["to"], role=Role.STAFF, posts=frozenset(STAFF_POSTS), office=step.case.office)
    next_ = [row for row in step.procedure.rows(step.case) if row.by.startswith("staff:") and is_handling(row)]
    if next_ and all(step.procedure.bars(row, step.case, to) for row in next_):
        names = dict.fromkeys(row.name for row in next_)
        zh, en = "、".join(one.zh for one in names), ", ".join(one.en for one in names)
        reason = Text(
            f"{to.name}此前办理过本案，不得再办理：{zh}。请指派他人",
            f"{to.name} must stand aside from this for what they did earlier on this case: {en}; assign somebody else",
        )
        return [Violation("to", "must_stand_aside", reason)]
    return []


def is_handling(row: Transition) -> bool:
    """Whether it moves the case on, not back, and is not somebody else's act on cases that others handle."""
    return row.action not in {*NOT_HANDLING, *ACTIONS} and not row.undoes


def release(_step: Step) -> Effect:
    return Effect(data=ASSIGNEE.set(None))


def _to(person: Assignee) -> Effect:
    return Effect(data=ASSIGNEE.set(person), event={"assignee": person.stored()})


def assignable(procedure: Procedure, states: Sequence[str]) -> Procedure:
    """The procedure with claim, assign and release in each of `states`. Whoever may act there may claim."""
    return replace(
        procedure, transitions=(*procedure.transitions, *(row for state in states for row in _rows(procedure, state)))
    )


def _rows(procedure: Procedure, state: str) -> list[Transition]:
    handling = dict.fromkeys(
        row.by
        for row in procedure.transitions
        if row.source == state and row.by.startswith("staff:") and is_handling(row) and not row.applies
    )
    heads = [f"staff:{post}" for post in HEADS]
    return [
        *(
            Transition(
                action="claim",
                source=state,
                target=state,
                by=by,
                name=Text("认领", "Claim"),
                applies=unassigned,
                effect=claim,
                emits=EMITS,
                undoes=("release",),
            )
            for by in handling
        ),
        *(
            Transition(
                action="assign",
                source=state,
                target=state,
                by=by,
                name=Text("指派", "Assign"),
                body=Assignment,
                guard=may_handle,
                effect=assign,
                emits=EMITS,
                undoes=("claim", "assign", "release"),
            )
            for by in heads
        ),
        # What keeps one person from it says more than that it is a head's, so that row comes first.
        *(
            Transition(
                action="release",
                source=state,
                target=state,
                by=by,
                name=Text("退回待领", "Release"),
                applies=assigned,
                in_hand=by not in heads,
                effect=release,
                emits=EMITS,
                undoes=("claim", "assign"),
            )
            for by in ("staff", *heads)
        ),
    ]
