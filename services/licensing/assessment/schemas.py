"""What is read and kept of the on-site assessment."""

from __future__ import annotations

from datetime import date
from typing import Any

from marshmallow import fields

from services.contracts import conclusions
from services.instruments import SHOWN
from services.licensing.experts.draw import LEAST
from services.licensing.intake.form import SelfAssessed
from shared.labels import labelled
from shared.law import load
from shared.schemas import Bilingual, Day, Flag, Strict, choice, count, several, text
from shared.text import Text
from shared.validators import OneOf, Said

RESULTS = ("conform", "minor", "major", "not_applicable")


class _Days(Strict):
    planned_from = Day(required=True, metadata=labelled("考核开始日期", "first day", example="2013-11-04"))
    planned_to = Day(required=True, metadata=labelled("考核结束日期", "last day", example="2013-11-05"))


class AssessmentPlan(_Days):
    """现场考核安排。 When the assessment is to take place, and how many assess. The team is drawn at random from the
    register of experts."""

    size = count(
        LEAST,
        10,
        required=False,
        load_default=LEAST,
        metadata=labelled(
            "考核组人数",
            "assessors of the team",
            hint=Text("不少于两人（行政许可法第34条）", "at least two (Administrative Licensing Law Art. 34)"),
            example=2,
        ),
    )


class NewDays(_Days):
    """变更考核日期。 Other days for the same team, which agrees to them again."""


_ASSESSOR = labelled(
    "考评员",
    "assessor",
    hint=Text("不填即为组长", "the leader if not said"),
    written=Text(
        "考核组成员的代码或者证书编号",
        "one of the team: code or number of the certificate",
    ),
    example="E-1",
)


class Agreement(Strict):
    """确认参加考核。 An expert agrees to come and declares to have no interest in the applicant."""

    no_interest = Flag(
        required=True,
        validate=OneOf(
            [True], told=Said("interest", Text("有利害关系的不得参加考核", "who has an interest may not assess"))
        ),
        metadata=labelled(
            "声明与申请单位无利害关系",
            "they have no interest in the applicant",
            hint=Text("必须为true", "must be true"),
            example=True,
        ),
    )


class Confirmation(Agreement):
    """考评员确认。 Assessors agree to come and declare that they have no interest in the applicant."""

    assessors = several(
        text(maximum=60),
        maximum=10,
        required=False,
        unique_by=(),
        metadata=labelled(
            "已确认的考评员",
            "who has confirmed",
            hint=Text("不填即为考核组全体", "the whole team if not said"),
            example=None,
        ),
    )


class Recused(Strict):
    """退出考核。 An expert of the team does not come; the next in the order of the draw takes the seat."""

    cause = choice(
        *("recused", "declined", "unavailable"),
        metadata=labelled(
            "原因",
            "cause",
            choices={
                "recused": Text("回避", "recused"),
                "declined": Text("谢绝", "declined"),
                "unavailable": Text("不能参加", "cannot come"),
            },
            example="recused",
        ),
    )


class StandingAside(Recused):
    """更换考评员。 An assessor does not come; the next in the order of the draw takes the seat."""

    assessor = text(maximum=60, metadata=_ASSESSOR)


class RecusalRequest(Strict):
    """申请回避。 An assessor of whom the applicant thinks that they are not impartial; the reason says why."""

    assessor = text(maximum=60, metadata=_ASSESSOR)


class RecusalDecision(Strict):
    """回避决定。 Whether the assessor stands aside; the next in the order of the draw comes instead."""

    outcome = choice(
        *("granted", "rejected"),
        metadata=labelled(
            "决定",
            "decision",
            choices={"granted": Text("准予回避", "granted"), "rejected": Text("驳回", "rejected")},
            example="granted",
        ),
    )


class Reinstated(Strict):
    """恢复考评员。 Whoever stood aside by mistake takes their seat again."""

    assessor = text(maximum=60, metadata=_ASSESSOR)


def _documents(zh: str, en: str) -> fields.List[Any]:
    """Documents of the case, by id."""
    return several(
        text(maximum=36),
        minimum=0,
        maximum=20,
        required=False,
        unique_by=(),
        metadata=labelled(zh, en, example=None),
    )


class RecordedFinding(Strict):
    """考核记录。 What an expert found on one clause."""

    clause = text(
        maximum=60,
        metadata=labelled(
            "条款",
            "clause of JJF 1246",
            written=Text("JJF 1246的条款或必备条件的代码", "its code, or that of a must-have condition"),
            example="4.2",
        ),
    )
    finding = text(maximum=1000, metadata=labelled("考核记录", "what was found", example="符合"))
    result = choice(
        *RESULTS,
        metadata=labelled(
            "结论",
            "result",
            choices={
                "conform": Text("符合", "conforms"),
                "minor": Text("一般不符合", "to be rectified"),
                "major": Text("严重不符合", "fails"),
                "not_applicable": Text("不适用", "not applicable"),
            },
            example="conform",
        ),
    )
    evidence = text(
        required=False,
        maximum=200,
        metadata=labelled(
            "证据", "evidence", hint=Text("如照片、记录", "such as photographs and records"), example=None
        ),
    )
    documents = _documents("所据材料", "documents of the case on which it rests")


class Finding(RecordedFinding):
    """考核项目。 What the team found on one clause."""

    assessor = text(
        required=False,
        maximum=60,
        metadata={**_ASSESSOR, "example": None},
    )


_FINDINGS = [
    {"clause": row.id, "finding": "符合", "result": "conform"}
    for row in load().requirements_on(date(2013, 9, 17), ["non_automatic_scale"])
]


class RecordedFindings(Strict):
    """考核原始记录 (JJF 1246, Annex B). What an expert found, on any of the clauses."""

    findings = several(
        fields.Nested(RecordedFinding),
        maximum=500,
        metadata=labelled(
            "考核项目",
            "findings",
            hint=Text("本人考核的条款", "on the clauses that the expert assessed"),
            example=_FINDINGS[:1],
        ),
    )


class ProductSample(Strict):
    """抽取的样品。 A sample of the product, and how it was tested."""

    model = text(
        maximum=100,
        metadata=labelled(
            "型号", "model", written=Text("申请书中的型号之一", "one of the application"), example=SHOWN.model
        ),
    )
    serial = text(maximum=60, metadata=labelled("出厂编号", "serial number", example="20131101"))
    tested_to = text(maximum=100, metadata=labelled("检验依据", "norm it was tested to", example="JJG 539-1997"))
    result = choice(
        *("conform", "not_conform"),
        metadata=labelled(
            "结果",
            "result",
            choices={"conform": Text("合格", "conforms"), "not_conform": Text("不合格", "does not conform")},
            example="conform",
        ),
    )


class Clause(Bilingual):
    """考核条款。 A clause of the assessment; `zh` and `en` are its title."""

    code = fields.String(required=True, metadata=labelled("代码", "code", example="4.2"))
    must_have = fields.Boolean(required=True, metadata=labelled("必备条件", "whether it is a must-have condition"))
    sample = fields.Boolean(required=True, metadata=labelled("须抽样", "whether it rests on a sample"))
    self_assessed = fields.Nested(
        SelfAssessed, metadata=labelled("自查结果", "what the maker found on it", example=None)
    )


CONCLUSIONS = {"pass": Text("合格", "pass"), "rectify": Text("整改", "rectify"), "fail": Text("不合格", "fail")}


class AssessmentReport(Strict):
    """现场考核报告 (JJF 1246, Annex C)."""

    number = text(maximum=60, metadata=labelled("报告编号", "number of the report", example="K-1"))
    findings = several(
        fields.Nested(Finding),
        minimum=0,
        maximum=500,
        required=False,
        load_default=[],
        metadata=labelled(
            "考核项目",
            "findings",
            hint=Text("考评员尚未记录的条款，逐条填写", "on each clause that no expert has recorded"),
            example=_FINDINGS,
        ),
    )
    samples = several(
        fields.Nested(ProductSample),
        minimum=0,
        maximum=20,
        required=False,
        unique_by=("serial",),
        metadata=labelled(
            "抽取的样品", "samples", hint=Text("考核结果以样品为据时填写", "where a finding rests on one")
        ),
    )
    conclusion = choice(
        *conclusions.ASSESSMENT,
        metadata=labelled(
            "结论",
            "conclusion",
            hint=Text("由各项考核结果得出", "follows from the findings"),
            choices=CONCLUSIONS,
            example="pass",
        ),
    )


class RectificationReport(Strict):
    """整改报告。 What the applicant has rectified."""

    done = text(maximum=2000, metadata=labelled("整改情况", "what was done", example="已补做期间核查并归档"))
    documents = _documents("证明材料", "documents of the case that show it")


class Rectified(Strict):
    """整改核实。 What the team found when it looked again."""

    report = text(maximum=60, metadata=labelled("报告编号", "number of the report", example="K-2"))
    verified = text(maximum=2000, metadata=labelled("核实情况", "what was verified", example="已整改"))
    documents = _documents("所据材料", "documents of the case on which it rests")
    how = choice(
        *("on_paper", "on_site"),
        metadata=labelled(
            "方式",
            "how",
            choices={"on_paper": Text("书面", "by documents"), "on_site": Text("现场", "on site")},
            example="on_paper",
        ),
    )
    verified_on = Day(
        required=False,
        metadata=labelled(
            "核实日期", "day on which it was verified", hint=Text("不填即为今天", "today if not said"), example=None
        ),
    )


_RATED = Text("1至5分，5为最好", "from 1 to 5, the best")


class Feedback(Strict):
    """现场考核反馈 (JJF 1246, Annex D). What the manufacturer says of the team: to the office, never to the team."""

    as_planned = Flag(
        required=True,
        metadata=labelled("按通知的日期和人员考核", "came on the days and with the people told", example=True),
    )
    fairness = count(1, 5, metadata=labelled("公正性", "fairness", hint=_RATED, example=5))
    competence = count(1, 5, metadata=labelled("专业能力", "competence", hint=_RATED, example=4))
    clean = Flag(
        required=True,
        metadata=labelled("未收受财物、未提其他要求", "took nothing and asked for nothing else", example=True),
    )
    remarks = text(required=False, maximum=2000, metadata=labelled("意见", "in words", example=None))
