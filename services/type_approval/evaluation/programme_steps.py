"""Writing, approving and withdrawing a programme of the laboratory 自编大纲.

Until its technical head approves it, what was written is a draft beside the programme that is in force.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from services.type_approval.evaluation import conformity, programme
from services.type_approval.evaluation.facts import ARRANGEMENT, PROGRAMME, PROGRAMME_DRAFT, WrittenProgramme
from services.type_approval.evaluation.schemas import Programme
from services.type_approval.intake.oiml import is_accepted
from services.type_approval.registers import steps
from shared.casework.procedure import Effect, Informed, Transition
from shared.casework.undoing import way_back
from shared.metrology import family_of
from shared.problems import Violation
from shared.text import Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shared.casework import Case, Step
    from shared.registers import Version

_STATES = ("arranged", "samples_received", "evaluating")
"""Once the laboratory has planned the evaluation, until the report is drawn up."""


def may_be_written(case: Case) -> bool:
    """Not where only what an OIML certificate leaves is tested, nor where a draft is there: that is changed."""
    return PROGRAMME_DRAFT not in case and not is_accepted(case.data)


def is_drafted(case: Case) -> bool:
    return PROGRAMME_DRAFT in case


def is_there(case: Case) -> bool:
    return PROGRAMME_DRAFT in case or PROGRAMME in case


def may_write(step: Step) -> Sequence[Violation]:
    """Each item once; own ones with clause and name; no more prototypes of any than were arranged."""
    held = family_of(step.case.form["category"])
    items = programme.kept(step.raw["items"], held)
    planned = step.case[ARRANGEMENT].samples
    told = Text(
        f"安排{planned}台样机：请先变更安排（rearrange）", f"{planned} are arranged: change the plan first (rearrange)"
    )
    found = [
        Violation(f"items.{index}.prototypes", "number_of_prototypes", told)
        for index, one in enumerate(items)
        if one["prototypes"] > planned
    ]
    told = Text("自编项目须填写", "no family has this item: say it")
    found += [
        Violation(f"items.{index}.{name}", "missing", told)
        for index, one in enumerate(items)
        for name in ("clause", "name")
        if name not in one
    ]
    return found or conformity.items_twice([one["item"] for one in items], held, "items.{}.item")


def may_approve(step: Step, person: Version | None) -> Sequence[Violation]:
    """By the technical head; and every test that counts is of an item that the programme has."""
    if found := steps.not_technical_head(person):
        return found
    return _beside(step, {one["item"] for one in step.case[PROGRAMME_DRAFT].items})


def may_withdraw(step: Step) -> Sequence[Violation]:
    """No test that counts rests on the programme alone."""
    if is_drafted(step.case):
        return []
    return _beside(step, {one.id for one in family_of(step.case.form["category"]).items})


def _beside(step: Step, items: set[str]) -> list[Violation]:
    """Tests that count and are of none of these items."""
    held, counting = programme.family_tested(step), conformity.counting(step.case.data)
    return [
        Violation(
            "items",
            "not_in_programme",
            Text(
                f"第{record['number']}号记录的{conformity.told(record).zh}不在其中：请先更正或者作废",
                f"record {record['number']} is of {conformity.told(record).en}: correct it or declare it void first",
            ),
        )
        for record in counting.values()
        if conformity.item_id(record["item"], held) not in items
    ]


def write(step: Step) -> Effect:
    items = programme.kept(step.raw["items"], family_of(step.case.form["category"]))
    given = WrittenProgramme.given({**step.raw, "items": items})
    draft = WrittenProgramme(**given, by=step.actor.name, on=step.today)
    why = {"reason": step.reason} if step.reason else {}
    return Effect(data=PROGRAMME_DRAFT.set(draft), event={"programme": programme.named(draft), **why})


def approve(step: Step) -> Effect:
    approved = replace(step.case[PROGRAMME_DRAFT], approved_by=step.actor.name, approved_on=step.today)
    told = {"programme": programme.named(approved), "items": len(approved.items)}
    return Effect(data=PROGRAMME.set(approved) | PROGRAMME_DRAFT.set(None), event=told)


def withdraw(step: Step) -> Effect:
    """The draft is gone, or else the programme in force: the case is tested again by what was commissioned."""
    gone = PROGRAMME_DRAFT if is_drafted(step.case) else PROGRAMME
    told = {"programme": programme.named(step.case[gone]), "reason": step.reason}
    return Effect(data=gone.set(None), event=told)


def transitions() -> list[Transition]:
    return [
        *(
            Transition(
                action="write_programme",
                source=state,
                target=state,
                by="lab",
                name=Text("编写型式评价大纲", "Write a programme"),
                body=Programme,
                applies=may_be_written,
                guard=may_write,
                effect=write,
                emits="programme.written",
            )
            for state in _STATES
        ),
        *way_back(
            "change_programme",
            [(state, state) for state in _STATES],
            Text("修改大纲草案", "Change the draft of the programme"),
            emits="programme.changed",
            by="lab",
            body=Programme,
            applies=is_drafted,
            guard=may_write,
            effect=write,
            undoes=("write_programme", "change_programme"),
        ),
        *(
            Transition(
                action="approve_programme",
                source=state,
                target=state,
                by="lab",
                name=Text("技术负责人批准大纲", "Approve the programme"),
                applies=is_drafted,
                guard=Informed(steps.person_today, may_approve),
                effect=approve,
                emits="programme.approved",
                distinct_from=("write_programme", "change_programme"),
            )
            for state in _STATES
        ),
        *way_back(
            "withdraw_programme",
            [(state, state) for state in _STATES],
            Text("撤回大纲", "Withdraw the programme"),
            emits="programme.withdrawn",
            by="lab",
            applies=is_there,
            guard=may_withdraw,
            effect=withdraw,
            undoes=("write_programme", "change_programme", "approve_programme"),
        ),
    ]
