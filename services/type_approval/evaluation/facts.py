"""What a case gathers while it is evaluated."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from marshmallow import fields

from services.type_approval.evaluation.custody import KeptDisposal, KeptHandover, Released
from services.type_approval.evaluation.programme import WrittenProgramme
from services.type_approval.evaluation.records import JudgedRecord, VoidedTest
from services.type_approval.evaluation.review import KeptVerdict
from services.type_approval.evaluation.schemas import Arrangement, Commission, Finding, ReportDraft, Sample
from services.type_approval.intake.oiml import OimlBasis
from shared.casework.facts import Fact, one, some
from shared.casework.readers import EVERYBODY, OFFICE, Readers, always
from shared.schemas import Answer, Bilingual, dated

if TYPE_CHECKING:
    from shared.casework import Case


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


class Arranged(dated(Arrangement)):  # type: ignore[misc]
    """与申请单位商定的安排。 What was agreed with the applicant, as it is kept."""

    reason = fields.String(metadata={"description": "理由 why other lines are tested than proposed", "example": None})


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


COMMISSION = Fact("commission", one(Commissioned), EVERYBODY, description="委托书 commission of the evaluation")
DECLINED = Fact("declined", some(Declined), OFFICE, description="谢绝的委托 commissions that laboratories declined")
ARRANGEMENT = Fact("arrangement", one(Arranged), EVERYBODY)
PROGRAMME = Fact(
    "programme", one(WrittenProgramme), EVERYBODY, description="自编大纲 programme of the laboratory", example=None
)
PROGRAMME_DRAFT = Fact(
    "programme_draft",
    one(WrittenProgramme),
    _LAB,
    description="大纲草案 draft of a programme, to be approved",
    example=None,
)
SAMPLES = Fact("samples", some(Sample), EVERYBODY, description="样机 prototypes received")
DOCUMENTS = Fact(
    "documents",
    some(fields.String(metadata={"example": "使用说明书"})),
    EVERYBODY,
    description="技术资料 technical documents received",
)
DOCUMENT_REVIEWS = Fact("document_reviews", some(KeptVerdict), _ISSUED, description="技术资料审查 review of documents")
HANDOVERS = Fact(
    "handovers", some(KeptHandover), _LAB, description="样机交接 handovers of prototypes, first to last", example=None
)
DISPOSALS = Fact(
    "disposals", some(KeptDisposal), EVERYBODY, description="样机处理 what became of the prototypes", example=None
)
ARCHIVE_DUE = Fact(
    "archive_due",
    fields.Date(),
    _LAB,
    description="档案保存期满日期 last day on which the records were to be kept",
    example=None,
)
ARCHIVE_RELEASED = Fact(
    "archive_released", one(Released), _LAB, description="档案处置 that the archive was released", example=None
)
TESTS = Fact("tests", some(JudgedRecord), _ISSUED, description="试验记录 test records")
VOIDED_TESTS = Fact("voided_tests", some(VoidedTest), _ISSUED, description="作废的记录 test records that are void")
IMPROVEMENT = Fact("improvement", one(Improvement), EVERYBODY)
REPORT = Fact("report", one(Report), _ISSUED)
SUPERSEDED_REPORTS = Fact(
    "superseded_reports",
    some(SupersededReport),
    EVERYBODY,
    description="被替代的报告 reports that were handed back, first to last",
    example=None,
)
FACTS: tuple[Fact[Any], ...] = (
    COMMISSION,
    DECLINED,
    ARRANGEMENT,
    PROGRAMME,
    PROGRAMME_DRAFT,
    SAMPLES,
    DOCUMENTS,
    DOCUMENT_REVIEWS,
    HANDOVERS,
    DISPOSALS,
    ARCHIVE_DUE,
    ARCHIVE_RELEASED,
    TESTS,
    VOIDED_TESTS,
    IMPROVEMENT,
    REPORT,
    SUPERSEDED_REPORTS,
)
"""What a case gathers while it is evaluated."""
