"""Where prototypes are and who has them, from their receipt until they go back; and the archive of an evaluation.

Prototypes and secret documents go back to the applicant, or stay with an explanation (JJF 1015-2014, chapter 6 and
Annex B); records are kept for three years at least (Order 74 Art. 14).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from services.type_approval.evaluation import attaching
from services.type_approval.evaluation.attached import CUSTODY
from services.type_approval.evaluation.facts import (
    ARCHIVE_DUE,
    ARCHIVE_RELEASED,
    DISPOSALS,
    HANDOVERS,
    IMPROVEMENT,
    REPORT,
    SAMPLES,
    KeptDisposal,
    KeptHandover,
    Released,
    issued,
)
from services.type_approval.evaluation.schemas import Disposal, Handover, Release
from shared.casework.procedure import Effect, Informed, Transition
from shared.casework.undoing import way_back
from shared.law import due, national
from shared.permits import intake
from shared.problems import Violation
from shared.text import Text, comparable, same

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from shared.casework import Case, Step
    from shared.law import RuleSet

AT_LAB = ("samples_received", "evaluating", "improving", "report_drafted", "report_checked")


REPORTED = ("report_review", "reviewed", "hearing", "granted", "effective", "refused", "closed")
"""States of a case whose evaluation has been reported."""


GIVEN_UP = ("withdrawn", "terminated")
"""States of a case that ended before the decision, with whatever of the evaluation was done by then."""


OVER = ("effective", "closed", "type_abolished", "revoked", "certificate_withdrawn", "cancelled", *GIVEN_UP)
"""States in which nothing rests on the laboratory's records but the law's time for keeping them."""


RETURNING = tuple(dict.fromkeys((*REPORTED, *OVER)))
"""States in which prototypes go back."""


KEPT = ("report_review", "reviewed", "hearing", "granted", "refused", *OVER)
"""States in which the time for keeping the records of a reported evaluation may come to its end."""


def held(data: Mapping[str, Any]) -> list[str]:
    """The serial numbers of the prototypes that the laboratory still has to account for."""
    gone = {comparable(serial) for one in DISPOSALS.of(data) or () for serial in one.serials}
    improvement = IMPROVEMENT.of(data)
    replaced = (improvement and improvement.replaced) or ()
    serials = [sample["serial"] for sample in (*(SAMPLES.of(data) or ()), *replaced)]
    return [serial for serial in dict.fromkeys(serials) if comparable(serial) not in gone]


def has_some(case: Case) -> bool:
    return bool(held(case.data))


def was_handed_over(case: Case) -> bool:
    return HANDOVERS in case


def some_are_gone(case: Case) -> bool:
    return DISPOSALS in case


def is_archived(case: Case) -> bool:
    return issued(case) and ARCHIVE_RELEASED not in case


def may_move(step: Step) -> Sequence[Violation]:
    """They are prototypes that the laboratory has."""
    there = held(step.case.data)
    return [
        Violation(
            f"serials.{index}",
            "unknown_prototype",
            Text(f"本机构现有样机：{'、'.join(there)}", f"the laboratory has: {', '.join(there)}"),
        )
        for index, serial in enumerate(step.body["serials"])
        if not any(same(serial, one) for one in there)
    ]


def _photos(step: Step) -> Sequence[Mapping[str, Any]]:
    photos: Sequence[Mapping[str, Any]] = step.body.get("photos", ())
    return photos


MAY_HAND_OVER = Informed(
    lambda step: attaching.there(step, _photos(step)),
    lambda step, there: [
        *may_move(step),
        *attaching.wrong_attachments(_photos(step), there, "photos", CUSTODY),
    ],
)
"""They are prototypes that the laboratory has, and what shows the handover is in the case."""


def kept_until(issued_on: date, rules: RuleSet) -> date:
    """The last day on which the records are to be kept, by the rules of the day on which the report was issued."""
    return due(issued_on, rules.limit("archive", issued_on).budget, national()).on


def may_release(step: Step) -> Sequence[Violation]:
    """The time for keeping the records is over, and every prototype is accounted for."""
    found, issued_on = [], step.case[REPORT].issued_on
    if issued_on and step.today <= (last := kept_until(issued_on, step.rules)):
        reason = Text(f"应保存至{last}", f"the records are kept until {last}")
        found.append(Violation("disposed", "too_early", reason))
    if left := held(step.case.data):
        serials = ", ".join(left)
        reason = Text(
            f"请先返还样机{serials}，或者说明留存理由",
            f"return {serials}, or explain why they are retained, first",
        )
        found.append(Violation("serials", "samples_left", reason))
    return found


def hand_over(step: Step) -> Effect:
    kept = KeptHandover(**KeptHandover.given(step.raw), by=step.actor.name, on=step.today)
    told = {name: step.body[name] for name in ("serials", "place", "to")}
    return Effect(data=HANDOVERS.set((*step.case.get(HANDOVERS, ()), kept)), event=told)


def dispose(step: Step) -> Effect:
    kept = KeptDisposal(**KeptDisposal.given(step.raw), by=step.actor.name, on=step.today)
    told = {name: step.body[name] for name in ("serials", "outcome")}
    return Effect(data=DISPOSALS.set((*step.case.get(DISPOSALS, ()), kept)), event=told)


def other_report(step: Step) -> Sequence[Violation]:
    """The time that ran out is that of the report as it was issued last."""
    if (issued_on := step.case[REPORT].issued_on) != step.body["started_on"]:
        told = Text(f"报告是{issued_on}签发的", f"the report was issued on {issued_on}")
        return [Violation("started_on", "another_limit", told)]
    return []


def end_archive(step: Step) -> Effect:
    """To release the records is a task of the laboratory from now on."""
    told = {"report": step.case[REPORT].number, "reason": step.reason}
    return Effect(data=ARCHIVE_DUE.set(step.body["due_on"]), event=told)


def release(step: Step) -> Effect:
    kept = Released(**Released.given(step.raw), by=step.actor.name, on=step.today)
    return Effect(data=ARCHIVE_RELEASED.set(kept), event={"disposed": step.body["disposed"]})


def cancel_handover(step: Step) -> Effect:
    """The last one is taken back: it was entered by mistake."""
    *kept, last = step.case[HANDOVERS]
    return Effect(data=HANDOVERS.set(tuple(kept) or None), event=_taken_back(step, last.serials))


def cancel_disposal(step: Step) -> Effect:
    """The last one is taken back: it was entered by mistake."""
    *kept, last = step.case[DISPOSALS]
    return Effect(data=DISPOSALS.set(tuple(kept) or None), event=_taken_back(step, last.serials))


def _taken_back(step: Step, serials: Sequence[str]) -> dict[str, Any]:
    return {"serials": [*serials], "reason": step.reason}


def transitions() -> list[Transition]:
    return [
        *(
            Transition(
                action="hand_over_samples",
                source=state,
                target=state,
                by="lab",
                name=Text("登记样机交接", "Record that prototypes change hands"),
                body=Handover,
                applies=has_some,
                guard=MAY_HAND_OVER,
                effect=hand_over,
                emits="samples.handed_over",
            )
            for state in AT_LAB
        ),
        *way_back(
            "cancel_handover",
            [(state, state) for state in AT_LAB],
            Text("撤销样机交接登记", "Cancel the record of a handover"),
            emits="samples.handover_cancelled",
            by="lab",
            applies=was_handed_over,
            effect=cancel_handover,
            undoes=("hand_over_samples",),
        ),
        *(
            Transition(
                action="dispose_of_samples",
                source=state,
                target=state,
                by="lab",
                name=Text("退还或者留存样机", "Return prototypes, or say why they stay"),
                body=Disposal,
                applies=has_some,
                guard=may_move,
                effect=dispose,
                emits="samples.disposed",
            )
            for state in RETURNING
        ),
        *way_back(
            "cancel_disposal",
            [(state, state) for state in RETURNING],
            Text("撤销样机处理登记", "Cancel the record of what became of prototypes"),
            emits="samples.disposal_cancelled",
            by="lab",
            applies=some_are_gone,
            effect=cancel_disposal,
            undoes=("dispose_of_samples",),
        ),
        *(
            Transition(
                action="end_archive",
                source=state,
                target=state,
                by="system",
                name=Text("评价档案保存期满", "The records need not be kept any longer"),
                body=intake.Silence,
                applies=is_archived,
                guard=other_report,
                effect=end_archive,
                emits="archive.due",
            )
            for state in KEPT
        ),
        *(
            Transition(
                action="release_archive",
                source=state,
                target=state,
                by="lab",
                name=Text("处置期满档案", "Release the archive"),
                body=Release,
                applies=is_archived,
                guard=may_release,
                effect=release,
                emits="archive.released",
                stands=Text(
                    "期满处置的档案不能恢复", "What was disposed of once its time was over is not brought back"
                ),
            )
            for state in OVER
        ),
    ]
