"""What a case gathers while the applicant is assessed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from marshmallow import fields

from services.licensing.assessment.schemas import (
    AssessmentReport,
    Feedback,
    Finding,
    RectificationReport,
    Rectified,
)
from services.licensing.experts.drawn import Draw
from shared.casework.facts import TEAM_IN, Fact, Kept, kept, maybe, one, some
from shared.casework.readers import APPLICANT, ASSESSED, TEAM
from shared.labels import labelled
from shared.schemas import choice, dated
from shared.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date


class Assessor(Kept):
    """考评员。 An assessor of the team."""

    code: str | None = maybe(fields.String(), labelled("人员编号", "code in the register of experts", example="E-1"))
    name: str = kept(fields.String(), labelled("姓名", "name", example="卫考评"))
    certificate: str = kept(
        fields.String(), labelled("考评员证号", "number of the assessor's certificate", example="考评1")
    )
    employer: str = kept(fields.String(), labelled("工作单位", "employer", example="某检定所"))
    confirmed_on: date | None = maybe(
        fields.Date(), labelled("确认日期", "day on which the assessor agreed and declared to have no interest")
    )


class Planned(Kept):
    """现场考核安排。 The planned on-site assessment, as it is kept."""

    team: tuple[Assessor, ...] = kept(some(Assessor), labelled("考核组", "assessors of the team"))
    leader: str = kept(fields.String(), labelled("组长", "leader", example="卫考评"))
    leader_certificate: str | None = maybe(
        fields.String(), labelled("组长证号", "number of the leader's certificate", example="考评1")
    )
    planned_from: date = kept(fields.Date(), labelled("考核开始日期", "first day"))
    planned_to: date = kept(fields.Date(), labelled("考核结束日期", "last day"))
    on: date = kept(fields.Date(), labelled("安排日期", "day on which it was planned"))


class Recusal(Kept):
    """回避申请。 The applicant's request that an assessor stand aside, and what the office decided on it."""

    number: int | None = maybe(fields.Integer(), labelled("序号", "number of the request in the case", example=1))
    assessor: str = kept(
        fields.String(),
        labelled("考评员", "assessor", written=Text("其人员编号", "their code in the register"), example="E-1"),
    )
    name: str = kept(fields.String(), labelled("姓名", "name", example="卫考评"))
    reason: str = kept(fields.String(), labelled("申请理由", "why it is asked for", example="曾任本单位顾问"))
    on: date = kept(fields.Date(), labelled("申请日期", "day of the request"))
    outcome: str | None = maybe(
        choice(
            *("granted", "rejected", "withdrawn", "stood_aside"),
            metadata=labelled(
                "结果",
                "outcome",
                hint=Text("尚未决定的没有", "absent while undecided"),
                choices={
                    "granted": Text("准予回避", "granted"),
                    "rejected": Text("驳回", "rejected"),
                    "withdrawn": Text("撤回", "withdrawn by the applicant"),
                    "stood_aside": Text("自行回避", "the assessor stood aside without a decision"),
                },
                example="rejected",
            ),
        )
    )
    decided_on: date | None = maybe(fields.Date(), labelled("处理日期", "day of that"))
    why: str | None = maybe(fields.String(), labelled("处理理由", "why", example="经核实无利害关系"))


class Found(Kept, schema=Finding):
    """考核项目, as it is kept."""

    clause: str
    finding: str
    result: str
    evidence: str | None = None
    documents: tuple[str, ...] | None = None
    assessor: str | None = None
    assessor_certificate: str | None = maybe(
        fields.String(), labelled("考评员证号", "number of the assessor's certificate", example="考评1")
    )


class ReportedRectification(Kept, schema=dated(RectificationReport)):
    done: str
    documents: tuple[str, ...] | None = None
    on: date


class Rectification(Kept, schema=dated(Rectified)):
    report: str
    verified: str
    documents: tuple[str, ...] | None = None
    how: str
    verified_on: date | None = None
    on: date


class Assessed(Kept, schema=dated(AssessmentReport)):
    """现场考核: the team's report, and what it found when it looked again."""

    number: str
    samples: tuple[Mapping[str, Any], ...] | None = None
    conclusion: str
    on: date
    findings: tuple[Found, ...] = kept(
        some(Found), labelled("考核项目", "findings", hint=Text("逐条", "clause by clause"))
    )
    rectification_report: ReportedRectification | None = maybe(
        one(ReportedRectification), labelled("整改报告", "what the applicant has rectified")
    )
    rectification: Rectification | None = maybe(
        one(Rectification), labelled("整改核实", "what the team found when it looked again")
    )
    failed_on: date | None = maybe(
        fields.Date(),
        labelled(
            "逾期日",
            "last day on which it could be rectified",
            hint=Text("未整改的才有", "if nothing was"),
            example=None,
        ),
    )


class Said(Kept, schema=dated(Feedback)):
    as_planned: bool
    fairness: int
    competence: int
    clean: bool
    remarks: str | None = None
    on: date


ASSESSMENT_PLAN = Fact(TEAM_IN, one(Planned), ASSESSED, labelled("现场考核安排", "the planned on-site assessment"))
DRAW = Fact("draw", one(Draw), label=labelled("抽取记录", "the draw"))
RECUSALS = Fact(
    "recusals", some(Recusal), APPLICANT, labelled("回避申请", "requests that assessors stand aside", example=None)
)
FEEDBACK = Fact(
    "feedback", one(Said), APPLICANT, labelled("现场考核反馈", "what the manufacturer says of the team", example=None)
)
ASSESSMENT = Fact("assessment", one(Assessed), ASSESSED, labelled("现场考核", "on-site assessment"))
RECORDED = Fact(
    "recorded_findings",
    some(Found),
    TEAM,
    labelled("考评员考核记录", "findings as the experts recorded them, before the report", example=None),
)
FACTS: tuple[Fact[Any], ...] = (ASSESSMENT_PLAN, DRAW, RECUSALS, RECORDED, FEEDBACK, ASSESSMENT)
"""What a case gathers while the applicant is assessed."""
