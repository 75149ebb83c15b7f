"""What is read and kept of the evaluation."""

from __future__ import annotations

from marshmallow import fields

from services.contracts.type_approval import CONCLUSIONS
from services.instruments import SHOWN, characteristics
from services.type_approval.evaluation.custody import KeptDisposal, KeptHandover, Released
from services.type_approval.evaluation.programme import WrittenProgramme
from services.type_approval.evaluation.records import JudgedRecord, Software, VoidedTest
from services.type_approval.evaluation.review import KeptVerdict
from services.type_approval.intake.oiml import OimlBasis
from shared.casework import Case, Name
from shared.casework.readers import EVERYBODY, OFFICE, Readers, always
from shared.schemas import Answer, Bilingual, Day, Strict, choice, count, dated, several, text


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


class Commissioned(dated(Commission)):  # type: ignore[misc]
    """委托书, as it is kept."""

    route = fields.Nested(
        Bilingual,
        metadata={"description": "评价类别 what the evaluation is, by to whom the type is new", "example": None},
    )


class Declined(Answer):
    """谢绝的委托。 A commission that a laboratory declined."""

    lab = fields.String(required=True, metadata={"description": "技术机构代码 code", "example": "JL-LAB-02"})
    lab_name = fields.String(
        required=True, metadata={"description": "技术机构名称 name", "example": "示例衡器检测中心"}
    )
    reason = fields.String(required=True, metadata={"description": "理由 why", "example": "试验设备检修"})
    on = fields.Date(required=True, metadata={"description": "谢绝日期 on which day"})


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


class Arranged(dated(Arrangement)):  # type: ignore[misc]
    """与申请单位商定的安排。 What was agreed with the applicant, as it is kept."""

    reason = fields.String(metadata={"description": "理由 why other lines are tested than proposed", "example": None})


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


def _registration(zh: str, en: str) -> fields.String:
    said = f"{zh}注册证编号 registration of {en} as metrologist"
    return fields.String(metadata={"description": said, "example": "（吉）02130001"})


class Report(ReportDraft):
    """型式评价报告。 The report with its signatures; the digest covers them, the prototypes and every test record."""

    tester = fields.String(
        required=True, metadata={"description": "主检 test engineer who drew it up", "example": "陈检测"}
    )
    tester_registration = _registration("主检", "its author")
    drafted_on = fields.Date(required=True, metadata={"description": "编制日期 day on which it was drawn up"})
    checker = fields.String(metadata={"description": "核验 reviewer", "example": "周核验"})
    checker_registration = _registration("核验", "the reviewer")
    checked_on = fields.Date(metadata={"description": "核验日期 day of the review"})
    signatory = fields.String(metadata={"description": "批准人 authorised signatory", "example": "吴批准"})
    signatory_registration = _registration("批准人", "the signatory")
    issued_on = fields.Date(metadata={"description": "签发日期 day on which it was issued"})
    sha256 = fields.String(
        metadata={
            "description": "摘要 SHA-256 of the report, hexadecimal",
            "example": "9f86d081884c7d659a2feaa0c55ad015…",
        }
    )
    oiml = fields.Nested(
        OimlBasis, metadata={"description": "OIML依据 OIML certificate that it rests on", "example": None}
    )
    programme = fields.String(
        metadata={
            "description": "型式评价大纲 programme that was tested to",
            "example": "R 76-1:2006",
        }
    )
    signed = fields.String(
        metadata={
            "description": "签发原文 the text that the digest is of, where records were converted since it was signed",
            "example": None,
        }
    )


class SupersededReport(Answer):
    """被替代的报告。 A report that was issued and handed back; its records are among those of the case."""

    report = fields.Nested(Report, required=True)
    superseded_on = fields.Date(required=True, metadata={"description": "退回或者收回日期 day on which it went back"})
    why = fields.String(required=True, metadata={"description": "理由 why", "example": "试验记录不全"})
    items = fields.List(
        fields.String(metadata={"example": "缺少静电放电试验记录"}),
        metadata={"description": "一次告知的内容 what the office told once; none where the laboratory took it back"},
    )


class Improvement(Answer):
    """改进样机: what was found, and the improved prototypes or that none came. `tests_before` were made before it."""

    items = fields.List(
        fields.Nested(Finding), required=True, metadata={"description": "不符合项 what did not conform"}
    )
    found_on = fields.Date(required=True, metadata={"description": "告知日期 day on which it was told"})
    tests_before = fields.Integer(required=True, metadata={"description": "改进前试验数 number of tests made before"})
    serials = fields.List(
        fields.String(metadata={"example": "S-2"}),
        metadata={"description": "改进后样机编号 serial numbers of the improved prototypes"},
    )
    replaced = fields.List(
        fields.Nested(Sample),
        metadata={"description": "被替换的样机 prototypes whose place they took", "example": None},
    )
    delivered_on = fields.Date(metadata={"description": "送样日期 day on which they came", "example": "2013-11-11"})
    failed_on = fields.Date(
        metadata={"description": "逾期日期 day on which it was recorded that none came in time", "example": None}
    )
    reason = fields.String(metadata={"description": "理由 why it failed", "example": None})


def issued(case: Case) -> bool:
    """Whether the laboratory has signed its report; before that, verdicts are not yet checked."""
    return "issued_on" in case.data.get("report", {})


_ISSUED = Readers(applicant=issued, lab=always)


_LAB = Readers(lab=always)


class OfEvaluation(Answer):
    """What a case gathers while it is evaluated."""

    commission = fields.Nested(
        Commissioned, metadata={"readers": EVERYBODY, "description": "委托书 commission of the evaluation"}
    )
    declined = fields.List(
        fields.Nested(Declined),
        metadata={"readers": OFFICE, "description": "谢绝的委托 commissions that laboratories declined"},
    )
    arrangement = fields.Nested(Arranged, metadata={"readers": EVERYBODY})
    programme = fields.Nested(
        WrittenProgramme,
        metadata={"readers": EVERYBODY, "description": "自编大纲 programme of the laboratory", "example": None},
    )
    programme_draft = fields.Nested(
        WrittenProgramme,
        metadata={"readers": _LAB, "description": "大纲草案 draft of a programme, to be approved", "example": None},
    )
    samples = fields.List(
        fields.Nested(Sample), metadata={"readers": EVERYBODY, "description": "样机 prototypes received"}
    )
    documents = fields.List(
        fields.String(metadata={"example": "使用说明书"}),
        metadata={"readers": EVERYBODY, "description": "技术资料 technical documents received"},
    )
    document_reviews = fields.List(
        fields.Nested(KeptVerdict), metadata={"readers": _ISSUED, "description": "技术资料审查 review of documents"}
    )
    handovers = fields.List(
        fields.Nested(KeptHandover),
        metadata={"readers": _LAB, "description": "样机交接 handovers of prototypes, first to last", "example": None},
    )
    disposals = fields.List(
        fields.Nested(KeptDisposal),
        metadata={"readers": EVERYBODY, "description": "样机处理 what became of the prototypes", "example": None},
    )
    archive_due = fields.Date(
        metadata={
            "readers": _LAB,
            "description": "档案保存期满日期 last day on which the records were to be kept",
            "example": None,
        }
    )
    archive_released = fields.Nested(
        Released,
        metadata={"readers": _LAB, "description": "档案处置 that the archive was released", "example": None},
    )
    tests = fields.List(
        fields.Nested(JudgedRecord), metadata={"readers": _ISSUED, "description": "试验记录 test records"}
    )
    voided_tests = fields.List(
        fields.Nested(VoidedTest), metadata={"readers": _ISSUED, "description": "作废的记录 test records that are void"}
    )
    improvement = fields.Nested(Improvement, metadata={"readers": EVERYBODY})
    report = fields.Nested(Report, metadata={"readers": _ISSUED})
    superseded_reports = fields.List(
        fields.Nested(SupersededReport),
        metadata={
            "readers": EVERYBODY,
            "description": "被替代的报告 reports that were handed back, first to last",
            "example": None,
        },
    )
