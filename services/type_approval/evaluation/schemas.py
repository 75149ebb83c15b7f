"""What is read and kept of the evaluation."""

from __future__ import annotations

from marshmallow import fields

from services.contracts.type_approval import CONCLUSIONS
from services.instruments import SHOWN, characteristics
from services.type_approval.evaluation.records import Software
from shared.casework import Name
from shared.schemas import Day, Strict, choice, count, several, text


class Commission(Strict):
    """委托书: which laboratory evaluates, and to what programme 型式评价大纲."""

    lab = text(maximum=60, metadata={"description": "技术机构代码 code of the laboratory", "example": "LAB-01"})
    lab_name = text(
        required=False,
        maximum=200,
        metadata={
            "description": "技术机构名称 name of the laboratory; that of the register if not said",
            "example": None,
        },
    )
    programme = text(
        required=False,
        maximum=200,
        metadata={
            "description": (
                "型式评价大纲 evaluation programme: the standard tested to; none where the laboratory writes it"
            ),
            "example": "R 76-1:2006",
        },
    )


ROUTES = {
    "country": Name("定型鉴定", "evaluation of a type that is new to the country"),
    "maker": Name("样机试验", "test of samples of a type that is new to this maker alone"),
}
"""What the evaluation is, by to whom the type is new (Implementing Rules Art. 15)."""


class Arrangement(Strict):
    """与申请单位商定的安排。 What the laboratory agreed with the applicant."""

    plan = text(maximum=1000, metadata={"description": "计划 plan, in words", "example": "10月18日送样"})
    samples = count(maximum=100, metadata={"description": "样机数量 number of prototypes to be sent", "example": 1})
    items = several(
        text(maximum=60),
        maximum=200,
        required=False,
        metadata={
            "description": (
                "试验项目 the items of the programme for this case, or their clauses: every prototype is tested in each"
            ),
            "example": ["A.4.4", "A.4.10"],
        },
    )
    lines = several(
        count(maximum=100),
        maximum=100,
        required=False,
        unique_by=(),
        metadata={
            "description": (
                "试验的规格 numbers of the lines of which prototypes are tested, counted from 1; those proposed for the"
                " series if not said, others with a reason"
            ),
            "example": None,
        },
    )


class Sample(Strict):
    """样机。 A prototype."""

    serial = text(maximum=60, metadata={"description": "样机编号 serial number", "example": "S-1"})
    model = text(maximum=100, metadata={"description": "型号 model", "example": SHOWN.model})
    characteristics = characteristics(
        required=False,
        whole=False,
        said="特性 what the laboratory reads on it: must agree with the application, tells lines of one model apart",
        example=None,
    )
    software = fields.Nested(Software, metadata={"description": "软件 software it runs"})
    seals = text(maximum=200, metadata={"description": "封印 state of the seals", "example": "完好"})


class SamplesReceipt(Strict):
    """收样。 Prototypes and documents that the laboratory received."""

    samples = several(
        fields.Nested(Sample), maximum=100, unique_by=("serial",), metadata={"description": "样机 the prototypes"}
    )
    documents = several(
        text(maximum=200),
        maximum=50,
        unique_by=(),
        metadata={"description": "技术资料 technical documents that came with them", "example": ["使用说明书"]},
    )


class Finding(Strict):
    """不符合项。 A nonconformity."""

    item = text(
        maximum=60,
        metadata={"description": "项目 test item of the family, or its clause", "example": "R76-A.4.4"},
    )
    serial = text(
        required=False,
        maximum=60,
        metadata={
            "description": "样机编号 serial number of the prototype it was found on, if not of all",
            "example": None,
        },
    )
    finding = text(maximum=1000, metadata={"description": "不符合之处 what does not conform", "example": "示值超差"})


class Nonconformity(Strict):
    """一次告知全部不符合项。 What does not conform and is to be improved, told once and whole (Order 74 Art. 13)."""

    items = several(fields.Nested(Finding), maximum=100)


class ImprovedSamples(Strict):
    """改进后的样机。 The improved prototypes; one with a known serial number takes the place of the earlier."""

    received_on = Day(metadata={"description": "送达日期 day on which they came; today if not said", "example": None})
    samples = several(fields.Nested(Sample), maximum=100, unique_by=("serial",))


class ReportDraft(Strict):
    """型式评价报告, as the test engineer 主检 draws it up."""

    number = text(maximum=60, metadata={"description": "报告编号 number of the report", "example": "R-1"})
    conclusion = choice(
        *CONCLUSIONS,
        metadata={"description": "结论: pass 合格, fail 不合格 whether the type passed", "example": "pass"},
    )
    synopsis = text(metadata={"description": "综合说明 the findings in short", "example": "符合 JJG 539"})


class ReportReturn(Strict):
    """退回报告。 Why the office does not take the report over: everything that is missing or wrong, told once."""

    items = several(
        text(maximum=500),
        maximum=50,
        unique_by=(),
        metadata={
            "description": "须补充或者更正的全部内容 all that is missing or wrong",
            "example": ["缺少静电放电试验记录"],
        },
    )


class Check(Strict):
    """What the reviewer 核验 or the authorised signatory 批准人 says."""

    opinion = text(maximum=1000, metadata={"description": "意见 opinion", "example": "同意"})
