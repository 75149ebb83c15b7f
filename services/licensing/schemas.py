"""What licensing reads, and what a case gathers (Order 104, JJF 1246)."""

from __future__ import annotations

from datetime import date

from marshmallow import fields

from services.instruments import SHOWN, ScopeLine
from services.licensing.experts.draw import LEAST
from services.licensing.experts.drawn import Draw
from services.licensing.form import Form
from shared.casework.readers import APPLICANT
from shared.http import views
from shared.law import load
from shared.permits.life import CaseEnd
from shared.problems import Text
from shared.schemas import Answer, Bilingual, Day, Flag, Strict, choice, count, dated, drafted, several, text
from shared.validators import OneOf, Said

RESULTS = ("conform", "minor", "major", "not_applicable")
CONCLUSIONS = ("pass", "rectify", "fail")
"""What an assessment report may conclude."""


class _Days(Strict):
    planned_from = Day(required=True, metadata={"description": "考核开始日期 first day", "example": "2013-11-04"})
    planned_to = Day(required=True, metadata={"description": "考核结束日期 last day", "example": "2013-11-05"})


class AssessmentPlan(_Days):
    """现场考核安排。 When the assessment is to take place, and how many assess. The team is drawn at random from the
    register of experts."""

    size = count(
        LEAST,
        10,
        required=False,
        load_default=LEAST,
        metadata={"description": "考核组人数 assessors of the team; at least two (行政许可法第34条)", "example": 2},
    )


class NewDays(_Days):
    """变更考核日期。 Other days for the same team, which agrees to them anew."""


_ASSESSOR = {
    "description": "考评员 assessor, one of the team: code, number of the certificate, or a name that only one has",
    "example": "E-1",
}


class Confirmation(Strict):
    """考评员确认。 Assessors agree to come and declare that they have no interest in the applicant."""

    assessors = several(
        text(maximum=60),
        maximum=10,
        required=False,
        unique_by=(),
        metadata={"description": "已确认的考评员 who has confirmed; the whole team if not said", "example": None},
    )
    no_interest = Flag(
        required=True,
        validate=OneOf(
            [True], told=Said("interest", Text("有利害关系的不得参加考核", "who has an interest may not assess"))
        ),
        metadata={
            "description": "声明与申请单位无利害关系 they have no interest in the applicant; must be true",
            "example": True,
        },
    )


class StandingAside(Strict):
    """更换考评员。 An assessor does not come; the next in the order of the draw takes the seat."""

    assessor = text(maximum=60, metadata=_ASSESSOR)
    cause = choice(
        *("recused", "declined", "unavailable"),
        metadata={
            "description": "原因: recused 回避 recused, declined 谢绝 declined, unavailable 不能参加 cannot come",
            "example": "recused",
        },
    )


class Reinstated(Strict):
    """恢复考评员。 Whoever stood aside by mistake takes their seat again."""

    assessor = text(maximum=60, metadata=_ASSESSOR)


class Finding(Strict):
    """考核项目。 What the team found on one clause."""

    clause = text(
        maximum=60,
        metadata={"description": "条款 code of the clause of JJF 1246, or of a must-have condition", "example": "4.2"},
    )
    finding = text(maximum=1000, metadata={"description": "考核记录 what was found", "example": "符合"})
    result = choice(
        *RESULTS,
        metadata={
            "description": (
                "结论: conform 符合, minor 一般不符合 to be rectified, major 严重不符合 fails, not_applicable 不适用"
            ),
            "example": "conform",
        },
    )
    evidence = text(
        required=False,
        maximum=200,
        metadata={"description": "证据 evidence, such as photographs and records", "example": None},
    )
    assessor = text(
        required=False,
        maximum=60,
        metadata={**_ASSESSOR, "description": f"{_ASSESSOR['description']}; the leader if not said", "example": None},
    )


_FINDINGS = [
    {"clause": row.id, "finding": "符合", "result": "conform"}
    for row in load().requirements_on(date(2013, 9, 17), ["non_automatic_scale"])
]


class ProductSample(Strict):
    """抽取的样品。 A sample of the product, and how it was tested."""

    model = text(maximum=100, metadata={"description": "型号 model, one of the application", "example": SHOWN.model})
    serial = text(maximum=60, metadata={"description": "出厂编号 serial number", "example": "20131101"})
    tested_to = text(maximum=100, metadata={"description": "检验依据 norm it was tested to", "example": "JJG 539-1997"})
    result = choice(
        *("conform", "not_conform"),
        metadata={"description": "结果: conform 合格, not_conform 不合格", "example": "conform"},
    )


class Clause(Bilingual):
    """考核条款。 A clause of the assessment; `zh` and `en` are its title."""

    code = fields.String(required=True, metadata={"description": "代码 code", "example": "4.2"})
    must_have = fields.Boolean(required=True, metadata={"description": "必备条件 whether it is a must-have condition"})
    sample = fields.Boolean(required=True, metadata={"description": "须抽样 whether it rests on a sample"})


class AssessmentReport(Strict):
    """现场考核报告 (JJF 1246, Annex C)."""

    number = text(maximum=60, metadata={"description": "报告编号 number of the report", "example": "K-1"})
    findings = several(
        fields.Nested(Finding),
        maximum=500,
        metadata={"description": "考核项目 findings, on each clause", "example": _FINDINGS},
    )
    samples = several(
        fields.Nested(ProductSample),
        minimum=0,
        maximum=20,
        required=False,
        unique_by=("serial",),
        metadata={"description": "抽取的样品 samples, where a finding rests on one"},
    )
    conclusion = choice(
        *CONCLUSIONS,
        metadata={
            "description": "结论: pass 合格, rectify 整改, fail 不合格; follows from the findings",
            "example": "pass",
        },
    )


class Rectified(Strict):
    """整改核实。 What the team found when it looked again."""

    report = text(maximum=60, metadata={"description": "报告编号 number of the report", "example": "K-2"})
    verified = text(maximum=2000, metadata={"description": "核实情况 what was verified", "example": "已整改"})
    how = choice(
        *("on_paper", "on_site"),
        metadata={"description": "方式: on_paper 书面 by documents, on_site 现场 on site", "example": "on_paper"},
    )
    verified_on = Day(
        required=False,
        metadata={"description": "核实日期 day on which it was verified; today if not said", "example": None},
    )


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


_RATED = "；1至5分，5为最好 from 1 to 5, the best"


class Feedback(Strict):
    """现场考核反馈 (JJF 1246, Annex D). What the manufacturer says of the team: to the office, never to the team."""

    as_planned = Flag(
        required=True,
        metadata={"description": "按通知的日期和人员考核 came on the days and with the people told", "example": True},
    )
    fairness = count(1, 5, metadata={"description": f"公正性 fairness{_RATED}", "example": 5})
    competence = count(1, 5, metadata={"description": f"专业能力 competence{_RATED}", "example": 4})
    clean = Flag(
        required=True,
        metadata={"description": "未收受财物、未提其他要求 took nothing and asked for nothing else", "example": True},
    )
    remarks = text(required=False, maximum=2000, metadata={"description": "意见 in words", "example": None})


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


class LicensedLine(ScopeLine):
    """许可的计量器具。 A line of a licence: the instrument, the type approval it lies inside, and the standard it
    is made to."""

    type_approval = fields.String(
        metadata={"description": "型式批准证书编号 number of its type approval certificate", "example": "2013F101-22"}
    )
    standard = fields.String(
        required=True, metadata={"description": "产品标准 product standard it is made to", "example": "GB/T 7722-2005"}
    )


class Term(Answer):
    """有效期。 A term of a licence, first and last day, and the application it was granted on."""

    kind = choice(
        "granted",
        "renewed",
        "deemed_renewed",
        metadata={
            "description": (
                "granted 首次 first, renewed 延续 renewed, deemed_renewed 视为延续 renewed by law since nothing was"
                " decided in time"
            )
        },
    )
    begins = fields.Date(
        required=True, data_key="from", metadata={"description": "起始日期 first day", "example": "2014-02-18"}
    )
    until = fields.Date(required=True, metadata={"description": "届满日 last day", "example": "2017-02-18"})
    application = fields.String(
        required=True,
        metadata={"description": "申请编号 number of the application it was granted on", "example": "ML-2013-00001"},
    )


class Settled(Answer):
    """核查结论。 What the office found."""

    on = fields.Date(required=True, metadata={"description": "核查日期 day of it"})
    reason = fields.String(
        required=True, metadata={"description": "结论 what was found, and what is done about it", "example": "停止制造"}
    )


class LostApproval(Bilingual):
    """失效的型式批准。 A type approval under lines of the licence that has ended; `zh` and `en` say how."""

    certificate = fields.String(
        required=True, metadata={"description": "证书编号 number of the certificate", "example": "2013F101-22"}
    )
    on = fields.Date(required=True, metadata={"description": "失效日期 day from which it has no effect"})
    lines = fields.List(
        fields.Integer(metadata={"example": 1}),
        required=True,
        metadata={"description": "所涉许可项目 numbers of the lines that stood on it, from 1"},
    )
    settled = fields.Nested(Settled, metadata={"description": "核查结论 absent until the office has settled it"})


class Gathered(views.Gathered):
    """制造计量器具许可申请: an application for a licence, and what became of it."""

    form = fields.Nested(drafted(Form), required=True, metadata={"readers": APPLICANT})
    lodged_on = fields.Date(
        metadata={
            "readers": APPLICANT,
            "description": "预先提交日期 day on which it was lodged ahead of its type approval",
        }
    )
    assessment_plan = fields.Nested(Planned, metadata={"readers": APPLICANT})
    draw = fields.Nested(Draw)
    feedback = fields.Nested(dated(Feedback), metadata={"readers": APPLICANT, "example": None})
    assessment = fields.Nested(Assessed, metadata={"readers": APPLICANT})
    licence = fields.String(
        metadata={"readers": APPLICANT, "description": "许可证编号 number of the licence", "example": "吉制00000001号"}
    )
    end = fields.Nested(CaseEnd, metadata={"readers": APPLICANT, "example": None})
    cancelled_on = fields.Date(
        metadata={
            "readers": APPLICANT,
            "description": "注销日期 day on which the register was closed on it",
            "example": None,
        }
    )
    lost_approvals = fields.List(
        fields.Nested(LostApproval),
        metadata={
            "readers": APPLICANT,
            "description": "失效的型式批准 type approvals under it that have ended",
            "example": None,
        },
    )


class ByLaw(Strict):
    """What the law itself does, on a day that need not be today."""

    on = Day(required=True)


class Renewed(ByLaw):
    """The new term of a licence; `application` is the renewal it was granted on."""

    application = text(maximum=60)
    valid_until = Day(required=True)
    deemed = Flag(required=True)


class Penalty(Strict):
    """吊销 is a penalty, not a licensing act: the decision lies in its own case."""

    penalty_case = text(maximum=60, metadata={"description": "处罚决定书文号 number of the penalty decision"})
