"""What a case gathers while the applicant is assessed."""

from __future__ import annotations

from typing import Any

from marshmallow import fields

from services.licensing.assessment.schemas import AssessmentReport, Feedback, Finding, Rectified
from services.licensing.experts.drawn import Draw
from shared.casework.facts import Fact, one
from shared.casework.readers import APPLICANT
from shared.schemas import Answer, dated


class Assessor(Answer):
    """考评员。 An assessor of the team."""

    code = fields.String(metadata={"description": "人员编号 code in the register of experts", "example": "E-1"})
    name = fields.String(required=True, metadata={"description": "姓名 name", "example": "卫考评"})
    certificate = fields.String(
        required=True, metadata={"description": "考评员证号 number of the assessor's certificate", "example": "考评1"}
    )
    employer = fields.String(required=True, metadata={"description": "工作单位 employer", "example": "某检定所"})
    confirmed_on = fields.Date(
        metadata={"description": "确认日期 day on which the assessor agreed and declared to have no interest"}
    )


class Planned(Answer):
    """现场考核安排。 The planned on-site assessment, as it is kept."""

    team = fields.List(fields.Nested(Assessor), required=True, metadata={"description": "考核组 assessors of the team"})
    leader = fields.String(required=True, metadata={"description": "组长 leader", "example": "卫考评"})
    leader_certificate = fields.String(
        metadata={"description": "组长证号 number of the leader's certificate", "example": "考评1"}
    )
    planned_from = fields.Date(required=True, metadata={"description": "考核开始日期 first day"})
    planned_to = fields.Date(required=True, metadata={"description": "考核结束日期 last day"})
    on = fields.Date(required=True, metadata={"description": "安排日期 day on which it was planned"})


class Found(Finding):
    """考核项目, as it is kept."""

    assessor_certificate = fields.String(
        metadata={"description": "考评员证号 number of the assessor's certificate", "example": "考评1"}
    )


class Assessed(dated(AssessmentReport)):  # type: ignore[misc]
    """现场考核: the team's report, and what it found when it looked again."""

    findings = fields.List(
        fields.Nested(Found),
        required=True,
        metadata={"description": "考核项目 findings, clause by clause"},
    )
    rectification = fields.Nested(dated(Rectified))
    failed_on = fields.Date(
        metadata={"description": "逾期日 last day on which it could be rectified, if nothing was", "example": None}
    )


ASSESSMENT_PLAN = Fact("assessment_plan", one(Planned), APPLICANT)
DRAW = Fact("draw", one(Draw))
FEEDBACK = Fact("feedback", one(dated(Feedback)), APPLICANT, example=None)
ASSESSMENT = Fact("assessment", one(Assessed), APPLICANT)
FACTS: tuple[Fact[Any], ...] = (ASSESSMENT_PLAN, DRAW, FEEDBACK, ASSESSMENT)
"""What a case gathers while the applicant is assessed."""
