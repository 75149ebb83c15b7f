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
