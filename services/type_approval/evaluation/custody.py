"""Where prototypes are and who has them, from their receipt until they go back; and the archive of an evaluation.

Prototypes and secret documents go back to the applicant, or stay with an explanation (JJF 1015-2014, chapter 6 and
Annex B); records are kept for three years at least (Order 74 Art. 14).
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from marshmallow import fields, validates_schema

from shared.casework.procedure import Effect, Name, Transition
from shared.casework.undoing import way_back
from shared.law import due, national
from shared.permits import intake
from shared.problems import Text, Violation
from shared.schemas import Strict, choice, several, text
from shared.text import comparable, same
from shared.validators import refusal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from shared.casework import Case, Step
    from shared.law import RuleSet

AT_LAB = ("samples_received", "evaluating", "improving", "report_drafted", "report_checked")


REPORTED = ("report_review", "reviewed", "hearing", "granted", "effective", "refused", "closed")
"""States of a case whose evaluation has been reported."""


GIVEN_UP = ("withdrawn", "terminated")
"""States of a case that ended before the decision, with whatever of the evaluation was done by then."""


OVER = ("effective", "closed", "type_abolished", "revoked", "certificate_withdrawn", "cancelled", *GIVEN_UP)
"""States in which nothing rests on the laboratory's records but the law's time for keeping them."""


KEPT = ("report_review", "reviewed", "hearing", "granted", "refused", *OVER)
"""States in which the time for keeping the records of a reported evaluation may come to its end."""


_SERIALS = several(
    text(maximum=60),
    maximum=100,
    unique_by=(),
    metadata={"description": "样机编号 serial numbers of the prototypes", "example": ["S-1"]},
)


class Handover(Strict):
    """样机交接。 Prototypes change hands or place."""

    serials = _SERIALS
    place = text(maximum=200, metadata={"description": "存放地点 where they are from now on", "example": "环境试验室"})
    to = text(maximum=100, metadata={"description": "接收人 who takes them over", "example": "周核验"})
    seals = text(maximum=200, metadata={"description": "封印 state of the seals", "example": "完好"})


class KeptHandover(Handover):
    """样机交接记录, as it is kept."""

    by = fields.String(required=True, metadata={"description": "交出人 who handed them over", "example": "陈检测"})
    on = fields.Date(required=True, metadata={"description": "交接日期 day"})


class Disposal(Strict):
    """样机处理。 Prototypes go back to the applicant, or stay with the laboratory, which explains why."""

    serials = _SERIALS
    outcome = choice(
        *("returned", "retained"),
        metadata={
            "description": "处理方式: returned 退还 they went back, retained 留存 the laboratory keeps them",
            "example": "returned",
        },
    )
    received_by = text(
        required=False,
        maximum=100,
        metadata={"description": "签收人 who received them back; needed where they were returned", "example": "钱联系"},
    )
    explanation = text(
        required=False,
        maximum=1000,
        metadata={"description": "留存说明 why they are kept; needed where they are retained", "example": None},
    )

    @validates_schema(skip_on_field_errors=True)
    def is_accounted_for(self, data: Mapping[str, Any], **_kwargs: object) -> None:
        needed = "received_by" if data["outcome"] == "returned" else "explanation"
        if needed not in data:
            raise refusal("missing", "这样处理的样机须填写", f"prototypes that are {data['outcome']} need it", needed)


class KeptDisposal(Disposal):
    """样机处理记录, as it is kept."""

    by = fields.String(required=True, metadata={"description": "经办人 who recorded it", "example": "陈检测"})
    on = fields.Date(required=True, metadata={"description": "处理日期 day"})


class Release(Strict):
    """档案处置。 What became of the archive once its time was over."""

    disposed = text(maximum=500, metadata={"description": "处置方式 what was done with it", "example": "移交市档案馆"})


class Released(Release):
    """档案处置记录, as it is kept."""

    by = fields.String(required=True, metadata={"description": "经办人 who recorded it", "example": "陈检测"})
    on = fields.Date(required=True, metadata={"description": "处置日期 day"})


def held(data: Mapping[str, Any]) -> list[str]:
    """The serial numbers of the prototypes that the laboratory still has to account for."""
    gone = {comparable(serial) for one in data.get("disposals", ()) for serial in one["serials"]}
    improved = data.get("improvement", {}).get("replaced", ())
    serials = [sample["serial"] for sample in (*data.get("samples", ()), *improved)]
    return [serial for serial in dict.fromkeys(serials) if comparable(serial) not in gone]


def has_some(case: Case) -> bool:
    return bool(held(case.data))


def was_handed_over(case: Case) -> bool:
    return bool(case.data.get("handovers"))


def some_are_gone(case: Case) -> bool:
    return bool(case.data.get("disposals"))


def is_archived(case: Case) -> bool:
    return "issued_on" in case.data.get("report", {}) and "archive_released" not in case.data


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


def kept_until(data: Mapping[str, Any], rules: RuleSet) -> date:
    """The last day on which the records are to be kept, by the rules of the day on which the report was issued."""
    issued = date.fromisoformat(data["report"]["issued_on"])
    return due(issued, rules.limit("archive", issued).budget, national()).on


def may_release(step: Step) -> Sequence[Violation]:
    """The time for keeping the records is over, and every prototype is accounted for."""
    found, last = [], kept_until(step.case.data, step.rules)
    if step.today <= last:
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
    kept = {**step.raw, "by": step.actor.name, "on": step.today.isoformat()}
    told = {name: step.body[name] for name in ("serials", "place", "to")}
    return Effect(data={"handovers": [*step.case.data.get("handovers", ()), kept]}, event=told)


def dispose(step: Step) -> Effect:
    kept = {**step.raw, "by": step.actor.name, "on": step.today.isoformat()}
    told = {name: step.body[name] for name in ("serials", "outcome")}
    return Effect(data={"disposals": [*step.case.data.get("disposals", ()), kept]}, event=told)


def other_report(step: Step) -> Sequence[Violation]:
    """The time that ran out is that of the report as it was issued last."""
    if (issued := step.case.data["report"]["issued_on"]) != step.raw["started_on"]:
        told = Text(f"报告是{issued}签发的", f"the report was issued on {issued}")
        return [Violation("started_on", "another_limit", told)]
    return []


def end_archive(step: Step) -> Effect:
    """To release the records is a task of the laboratory from now on."""
    told = {"report": step.case.data["report"]["number"], "reason": step.reason}
    return Effect(data={"archive_due": step.raw["due_on"]}, event=told)


def release(step: Step) -> Effect:
    kept = {**step.raw, "by": step.actor.name, "on": step.today.isoformat()}
    return Effect(data={"archive_released": kept}, event={"disposed": step.body["disposed"]})


def _taken_back(step: Step, records: str) -> Effect:
    """The last of these records is taken back: it was entered by mistake."""
    *kept, last = step.case.data[records]
    return Effect(data={records: kept or None}, event={"serials": last["serials"], "reason": step.reason})


def cancel_handover(step: Step) -> Effect:
    return _taken_back(step, "handovers")


def cancel_disposal(step: Step) -> Effect:
    return _taken_back(step, "disposals")


def transitions() -> list[Transition]:
    return [
        *(
            Transition(
                action="hand_over_samples",
                source=state,
                target=state,
                by="lab",
                name=Name("登记样机交接", "Record that prototypes change hands"),
                body=Handover,
                applies=has_some,
                guard=may_move,
                effect=hand_over,
                emits="samples.handed_over",
            )
            for state in AT_LAB
        ),
        *way_back(
            "cancel_handover",
            [(state, state) for state in AT_LAB],
            Name("撤销样机交接登记", "Cancel the record of a handover"),
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
                name=Name("退还或者留存样机", "Return prototypes, or say why they stay"),
                body=Disposal,
                applies=has_some,
                guard=may_move,
                effect=dispose,
                emits="samples.disposed",
            )
            for state in (*REPORTED, *GIVEN_UP)
        ),
        *way_back(
            "cancel_disposal",
            [(state, state) for state in (*REPORTED, *GIVEN_UP)],
            Name("撤销样机处理登记", "Cancel the record of what became of prototypes"),
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
                name=Name("评价档案保存期满", "The records need not be kept any longer"),
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
                name=Name("处置期满档案", "Release the archive"),
                body=Release,
                applies=is_archived,
                guard=may_release,
                effect=release,
                emits="archive.released",
                stands=Name(
                    "期满处置的档案不能恢复", "What was disposed of once its time was over is not brought back"
                ),
            )
            for state in OVER
        ),
    ]
