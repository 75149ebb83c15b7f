"""What a case gathers while it is evaluated."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from marshmallow import fields

from services.type_approval.evaluation.records import JudgedRecord
from services.type_approval.evaluation.schemas import (
    Arrangement,
    Commission,
    Disposal,
    DocumentVerdict,
    Finding,
    Handover,
    Programme,
    Release,
    ReportDraft,
    Sample,
)
from shared.casework.facts import Fact, Kept, kept, maybe, one, some
from shared.casework.readers import EVERYBODY, OFFICE, Readers, always
from shared.labels import labelled
from shared.schemas import Answer, Bilingual, dated
from shared.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from shared.casework.readers import Gathered


class KeptHandover(Kept, schema=Handover):
    """样机交接记录, as it is kept."""

    serials: tuple[str, ...]
    place: str
    to: str
    seals: str
    photos: tuple[Mapping[str, Any], ...] | None = None
    by: str = kept(fields.String(), labelled("交出人", "who handed them over", example="陈检测"))
    on: date = kept(fields.Date(), labelled("交接日期", "day"))


class KeptDisposal(Kept, schema=Disposal):
    """样机处理记录, as it is kept."""

    serials: tuple[str, ...]
    outcome: str
    received_by: str | None = None
    explanation: str | None = None
    by: str = kept(fields.String(), labelled("经办人", "who recorded it", example="陈检测"))
    on: date = kept(fields.Date(), labelled("处理日期", "day"))


class Released(Kept, schema=Release):
    """档案处置记录, as it is kept."""

    disposed: str
    by: str = kept(fields.String(), labelled("经办人", "who recorded it", example="陈检测"))
    on: date = kept(fields.Date(), labelled("处置日期", "day"))


class WrittenProgramme(Kept, schema=Programme):
    """自编型式评价大纲, as it is kept: who wrote it, and who approved it."""

    number: str
    edition: str
    title: str
    items: tuple[Mapping[str, Any], ...]
    by: str = kept(fields.String(), labelled("编写人", "who wrote it", example="陈检测"))
    on: date = kept(fields.Date(), labelled("编写日期", "day on which it was written"))
    approved_by: str | None = maybe(
        fields.String(), labelled("批准人（技术负责人）", "technical head who approved it", example="郑技术")
    )
    approved_on: date | None = maybe(fields.Date(), labelled("批准日期", "day of the approval", example="2013-09-18"))


class KeptVerdict(Kept, schema=DocumentVerdict):
    """技术资料审查结论, as it is kept: the last on each document; the journal has those before."""

    document: str
    verdict: str
    remark: str | None = None
    versions: tuple[str, ...] | None = maybe(
        some(fields.String(metadata={"example": "9f86d081884c7d659a2feaa0c55ad015…"})),
        labelled(
            "所审版本",
            "SHA-256 of the versions that were reviewed",
            hint=Text("书面资料没有", "none of what came on paper"),
            example=None,
        ),
    )

    name: Mapping[str, Any] = kept(one(Bilingual), labelled("资料名称", "name of the document"))
    by: str = kept(fields.String(), labelled("审查人", "who reviewed it", example="陈检测"))
    on: date = kept(fields.Date(), labelled("审查日期", "day of the review"))


class OimlBasis(Answer):
    """OIML依据。 The OIML certificate that a report rests on."""

    certificate = fields.String(
        required=True, metadata=labelled("OIML证书编号", "its number", example="R76/2006-A-NL1-13.01")
    )
    reports = fields.List(
        fields.String(metadata={"example": "NMi-2300123-01"}),
        required=True,
        metadata=labelled("报告编号", "numbers of its type evaluation reports"),
    )


class VoidedTest(Kept):
    """作废的试验记录。 That a test record no longer counts, and why; the record stays readable."""

    number: int = kept(fields.Integer(), labelled("记录序号", "number of the record", example=1))
    reason: str = kept(fields.String(), labelled("理由", "why it is void", example="误录"))
    by: str = kept(fields.String(), labelled("经办人", "who declared it void", example="陈检测"))
    on: date = kept(fields.Date(), labelled("作废日期", "day on which it was declared void"))


class Commissioned(Kept, schema=dated(Commission)):
    """委托书, as it is kept."""

    lab: str
    lab_name: str | None = None
    programme: str | None = None
    on: date
    route: Mapping[str, Any] | None = maybe(
        one(Bilingual),
        labelled(
            "评价类别",
            "what the evaluation is",
            hint=Text("按对谁为新产品分", "by to whom the type is new"),
            example=None,
        ),
    )


class Declined(Kept):
    """谢绝的委托。 A commission that a laboratory declined."""

    lab: str = kept(
        fields.String(), labelled("技术机构", "laboratory", written=Text("其代码", "its code"), example="JL-LAB-02")
    )
    lab_name: str = kept(fields.String(), labelled("技术机构名称", "name", example="示例衡器检测中心"))
    reason: str = kept(fields.String(), labelled("理由", "why", example="试验设备检修"))
    on: date = kept(fields.Date(), labelled("谢绝日期", "on which day"))


class Arranged(Kept, schema=dated(Arrangement)):
    """与申请单位商定的安排。 What was agreed with the applicant, as it is kept."""

    plan: str
    samples: int
    items: tuple[str, ...] | None = None
    lines: tuple[int, ...] | None = None
    on: date
    reason: str | None = maybe(
        fields.String(), labelled("理由", "why other lines are tested than proposed", example=None)
    )


def _registration(zh: str, en: str) -> fields.String:
    label = labelled(f"{zh}注册证编号", f"registration of {en} as metrologist", example="（吉）02130001")
    return fields.String(metadata=label)


class ItemLeftOut(Answer):
    """未做项目。 An item of the programme that was not examined, and why."""

    item = fields.String(required=True, metadata=labelled("项目", "item", example="r76.vehicle"))
    clause = fields.String(required=True, metadata=labelled("条款", "clause", example="B.3.7"))
    name = fields.Nested(Bilingual, required=True, metadata=labelled("名称", "name"))
    why = fields.Nested(Bilingual, required=True, metadata=labelled("理由", "why it was not examined"))
    exempt = fields.Boolean(
        required=True,
        metadata=labelled("大纲规定不适用", "whether the programme exempts the instrument", example=False),
    )


class Report(Kept, schema=ReportDraft):
    """型式评价报告。 The report with its signatures; the digest covers them, the prototypes and every test record."""

    number: str
    conclusion: str
    synopsis: str
    left_out: tuple[Mapping[str, Any], ...] | None = maybe(
        some(ItemLeftOut), labelled("未做项目", "items of the programme that were not examined")
    )
    tester: str = kept(fields.String(), labelled("主检", "test engineer who drew it up", example="陈检测"))
    tester_registration: str | None = maybe(_registration("主检", "its author"))
    drafted_on: date = kept(fields.Date(), labelled("编制日期", "day on which it was drawn up"))
    checker: str | None = maybe(fields.String(), labelled("核验", "reviewer", example="周核验"))
    checker_registration: str | None = maybe(_registration("核验", "the reviewer"))
    checked_on: date | None = maybe(fields.Date(), labelled("核验日期", "day of the review"))
    signatory: str | None = maybe(fields.String(), labelled("批准人", "authorised signatory", example="吴批准"))
    signatory_registration: str | None = maybe(_registration("批准人", "the signatory"))
    issued_on: date | None = maybe(fields.Date(), labelled("签发日期", "day on which it was issued"))
    sha256: str | None = maybe(
        fields.String(),
        labelled(
            "摘要",
            "SHA-256 of the report",
            hint=Text("十六进制", "hexadecimal"),
            example="9f86d081884c7d659a2feaa0c55ad015…",
        ),
    )
    oiml: Mapping[str, Any] | None = maybe(
        one(OimlBasis), labelled("OIML依据", "OIML certificate that it rests on", example=None)
    )
    programme: str | None = maybe(
        fields.String(), labelled("型式评价大纲", "programme that was tested to", example="R 76-1:2006")
    )
    signed: str | None = maybe(
        fields.String(),
        labelled(
            "签发原文",
            "the text that the digest is of",
            hint=Text("签发后记录转换过的才有", "where records were converted since it was signed"),
            example=None,
        ),
    )


class SupersededReport(Kept):
    """被替代的报告。 A report that was issued and handed back; its records are among those of the case."""

    report: Report = kept(one(Report), labelled("型式评价报告", "evaluation report"))
    superseded_on: date = kept(fields.Date(), labelled("退回或者收回日期", "day on which it went back"))
    why: str = kept(fields.String(), labelled("理由", "why", example="试验记录不全"))
    items: tuple[str, ...] | None = maybe(
        some(fields.String(metadata={"example": "缺少静电放电试验记录"})),
        labelled(
            "一次告知的内容",
            "what the office told once",
            hint=Text("由技术机构收回的没有", "none where the laboratory took it back"),
        ),
    )


class Improvement(Kept):
    """改进样机: what was found, and the improved prototypes or that none came. `tests_before` were made before it."""

    items: tuple[Mapping[str, Any], ...] = kept(some(Finding), labelled("不符合项", "what did not conform"))
    found_on: date = kept(fields.Date(), labelled("告知日期", "day on which it was told"))
    tests_before: int = kept(fields.Integer(), labelled("改进前试验数", "number of tests made before"))
    serials: tuple[str, ...] | None = maybe(
        some(fields.String(metadata={"example": "S-2"})),
        labelled("改进后样机编号", "serial numbers of the improved prototypes"),
    )
    replaced: tuple[Mapping[str, Any], ...] | None = maybe(
        some(Sample), labelled("被替换的样机", "prototypes whose place they took", example=None)
    )
    delivered_on: date | None = maybe(
        fields.Date(), labelled("送样日期", "day on which they came", example="2013-11-11")
    )
    failed_on: date | None = maybe(
        fields.Date(), labelled("逾期日期", "day on which it was recorded that none came in time", example=None)
    )
    reason: str | None = maybe(fields.String(), labelled("理由", "why it failed", example=None))
    reason_zh: str | None = maybe(fields.String(), labelled("理由（中文）", "why it failed, in Chinese", example=None))
    reason_en: str | None = maybe(fields.String(), labelled("理由（英文）", "why it failed, in English", example=None))


def issued(case: Gathered) -> bool:
    """Whether the laboratory has signed its report; before that, verdicts are not yet checked."""
    report: Report | None = case.get(REPORT)
    return report is not None and report.issued_on is not None


_ISSUED = Readers(applicant=issued, lab=always)


_LAB = Readers(lab=always)


COMMISSION = Fact("commission", one(Commissioned), EVERYBODY, labelled("委托书", "commission of the evaluation"))
DECLINED = Fact("declined", some(Declined), OFFICE, labelled("谢绝的委托", "commissions that laboratories declined"))
ARRANGEMENT = Fact(
    "arrangement", one(Arranged), EVERYBODY, labelled("与申请单位商定的安排", "what was agreed with the applicant")
)
PROGRAMME = Fact(
    "programme", one(WrittenProgramme), EVERYBODY, labelled("自编大纲", "programme of the laboratory", example=None)
)
PROGRAMME_DRAFT = Fact(
    "programme_draft",
    one(WrittenProgramme),
    _LAB,
    labelled("大纲草案", "draft of a programme", hint=Text("待批准", "to be approved"), example=None),
)
SAMPLES = Fact("samples", some(Sample), EVERYBODY, labelled("样机", "prototypes received"))
DOCUMENTS = Fact(
    "documents",
    some(fields.String(metadata={"example": "使用说明书"})),
    EVERYBODY,
    labelled("技术资料", "technical documents received"),
)
DOCUMENT_REVIEWS = Fact("document_reviews", some(KeptVerdict), _ISSUED, labelled("技术资料审查", "review of documents"))
HANDOVERS = Fact(
    "handovers",
    some(KeptHandover),
    _LAB,
    labelled("样机交接", "handovers of prototypes", hint=Text("按先后", "first to last"), example=None),
)
DISPOSALS = Fact(
    "disposals", some(KeptDisposal), EVERYBODY, labelled("样机处理", "what became of the prototypes", example=None)
)
ARCHIVE_DUE = Fact(
    "archive_due",
    fields.Date(),
    _LAB,
    labelled("档案保存期满日期", "last day on which the records were to be kept", example=None),
)
ARCHIVE_RELEASED = Fact(
    "archive_released", one(Released), _LAB, labelled("档案处置", "that the archive was released", example=None)
)
TESTS = Fact("tests", some(JudgedRecord), _ISSUED, labelled("试验记录", "test records"))
VOIDED_TESTS = Fact("voided_tests", some(VoidedTest), _ISSUED, labelled("作废的记录", "test records that are void"))
IMPROVEMENT = Fact("improvement", one(Improvement), EVERYBODY, labelled("改进样机", "improved prototypes"))
REPORT = Fact("report", one(Report), _ISSUED, labelled("型式评价报告", "evaluation report"))
SUPERSEDED_REPORTS = Fact(
    "superseded_reports",
    some(SupersededReport),
    EVERYBODY,
    labelled("被替代的报告", "reports that were handed back", hint=Text("按先后", "first to last"), example=None),
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
