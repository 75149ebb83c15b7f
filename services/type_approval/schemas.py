"""What type approval reads and tells: request bodies and event payloads (domain: Order 74, JJF 1015)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from marshmallow import ValidationError, fields, validate, validates_schema

from services.fields import ApplicantForm, Measure, Party, Permit, ScopeLine, SpecificationLine
from shared.casework.readers import EVERYBODY, Readers, always
from shared.http import views
from shared.schemas import Answer, Bilingual, EventData, Strict, choice, dated, drafted, text

if TYPE_CHECKING:
    from shared.casework import Case

ACCURACY_CLASSES = ("I", "II", "III", "IIII")


class Software(Strict):
    """What the instrument's legally relevant software says it is."""

    version = text(maximum=60, metadata={"example": "V1.02"})
    checksum = text(maximum=128, metadata={"example": "8F3A"})


class Form(ApplicantForm):
    """计量器具型式批准申请书."""

    fax = text(required=False, maximum=40, metadata={"description": "传真", "example": "0431-80000001"})
    responsible_person = text(maximum=60, metadata={"description": "负责人", "example": "孙负责"})
    contact_person = text(maximum=60, metadata={"description": "联系人", "example": "钱联系"})
    category = text(
        maximum=60, metadata={"description": "目录类别 code of the catalogue", "example": "non_automatic_scale"}
    )
    new_to = choice(
        "country", "maker", metadata={"description": "country 全国新产品, maker 本单位新产品", "example": "maker"}
    )
    """全国新 (定型鉴定) or new to this maker only (样机试验): Implementing Rules Art. 15."""
    lines = fields.List(
        fields.Nested(SpecificationLine),
        required=True,
        validate=validate.Length(min=1, max=100),
        metadata={"description": "规格 what is to be approved, a line each"},
    )
    series_basis = text(
        required=False,
        maximum=500,
        metadata={"description": "系列划分依据", "example": "同一称重传感器与仪表，最大秤量不同"},
    )
    description = text(
        maximum=4000,
        metadata={"description": "产品说明", "example": "应变式称重传感器，带计价显示的电子秤，用于商品零售。"},
    )
    units_made = fields.Integer(
        required=True, strict=True, validate=validate.Range(min=1), metadata={"description": "试制数量", "example": 3}
    )
    software = fields.Nested(Software, metadata={"description": "软件"})
    oiml_certificate = text(
        required=False, maximum=60, metadata={"description": "OIML证书", "example": "R76/2006-A-NL1-13.01"}
    )
    replaces_certificate = text(
        required=False,
        maximum=60,
        metadata={"description": "换发的原证书 the certificate this one is to replace", "example": None},
    )

    @validates_schema(skip_on_field_errors=True)
    def series_has_a_basis(self, data: dict[str, object], **_kwargs: object) -> None:
        lines = data.get("lines")
        if isinstance(lines, list) and len(lines) > 1 and not data.get("series_basis"):
            raise ValidationError(
                "missing: several lines are a series 系列产品: say by what principle they belong together",
                field_name="series_basis",
            )


class Commission(Strict):
    """委托书: which laboratory evaluates, and to what programme 型式评价大纲."""

    lab = text(maximum=60, metadata={"description": "技术机构代码", "example": "LAB-01"})
    lab_name = text(maximum=200, metadata={"description": "技术机构名称", "example": "吉林示例计量检测研究院"})
    programme = text(maximum=200, metadata={"description": "型式评价大纲", "example": "R 76-1:2006"})


class Arrangement(Strict):
    """What the laboratory agreed with the applicant."""

    plan = text(maximum=1000, metadata={"description": "计划", "example": "10月18日送样"})
    samples = fields.Integer(
        required=True,
        strict=True,
        validate=validate.Range(min=1, max=100),
        metadata={"description": "样机数量", "example": 1},
    )


class Sample(Strict):
    serial = text(maximum=60, metadata={"description": "编号", "example": "S-1"})
    model = text(maximum=100, metadata={"description": "型号", "example": "ACS-15"})
    software = fields.Nested(Software)
    seals = text(maximum=200, metadata={"description": "封印", "example": "完好"})


class SamplesReceipt(Strict):
    samples = fields.List(fields.Nested(Sample), required=True, validate=validate.Length(min=1, max=100))
    documents = fields.List(
        text(maximum=200),
        required=True,
        validate=validate.Length(min=1, max=50),
        metadata={"description": "技术资料", "example": ["使用说明书"]},
    )


class Conditions(Strict):
    temperature = fields.Nested(
        Measure, required=True, metadata={"description": "温度", "example": {"value": "20", "unit": "Cel"}}
    )
    humidity = fields.Nested(
        Measure, required=True, metadata={"description": "相对湿度", "example": {"value": "50", "unit": "%"}}
    )


class Equipment(Strict):
    asset = text(maximum=100, metadata={"description": "标准器", "example": "M1-set"})
    calibrated_until = fields.Date(required=True, metadata={"description": "有效期至", "example": "2014-12-31"})


class WeighingPoint(Strict):
    """One point of R 76-1 A.4.4: load, indication, and the weights added until the indication flips by one e."""

    load_ = fields.Nested(
        Measure,
        required=True,
        data_key="load",
        metadata={"description": "载荷 L", "example": {"value": "10", "unit": "kg"}},
    )
    indication = fields.Nested(
        Measure, required=True, metadata={"description": "示值 I", "example": {"value": "10.000", "unit": "kg"}}
    )
    added = fields.Nested(
        Measure, required=True, metadata={"description": "附加砝码 ΔL", "example": {"value": "2.5", "unit": "g"}}
    )
    verdict = choice(
        "pass",
        "fail",
        "indeterminate",
        required=False,
        metadata={"description": "结论 computed by the service; checked if sent", "example": "pass"},
    )


class TestRecord(Strict):
    """One test item of one prototype. The service computes errors and verdicts; a verdict that is sent is checked."""

    item = text(maximum=60, metadata={"description": "项目 clause", "example": "R76-A.4.4"})
    name = text(maximum=100, metadata={"description": "名称", "example": "称量性能"})
    serial = text(maximum=60, metadata={"description": "样机编号", "example": "S-1"})
    occasion = choice(
        "initial",
        "repeat_incident",
        "retest_after_modification",
        metadata={
            "description": "initial 首次, repeat_incident 异常重试, retest_after_modification 改进后重试",
            "example": "initial",
        },
    )
    """Why the test was made: the reason of every repeated test belongs in the report (R 60-2, 2.3)."""
    accuracy_class = choice(*ACCURACY_CLASSES, metadata={"description": "准确度等级", "example": "III"})
    scale_interval = fields.Nested(
        Measure, required=True, metadata={"description": "分度值 e", "example": {"value": "5", "unit": "g"}}
    )
    zero_error = fields.Nested(Measure, metadata={"description": "零点误差 E0", "example": {"value": "0", "unit": "g"}})
    expanded_uncertainty = fields.Nested(
        Measure, metadata={"description": "扩展不确定度 U, k=2", "example": {"value": "0.5", "unit": "g"}}
    )
    conditions = fields.Nested(Conditions, required=True)
    equipment = fields.List(fields.Nested(Equipment), required=True, validate=validate.Length(min=1, max=50))
    points = fields.List(fields.Nested(WeighingPoint), required=True, validate=validate.Length(min=1, max=200))


class Finding(Strict):
    item = text(maximum=60, metadata={"description": "项目", "example": "R76-A.4.4"})
    finding = text(maximum=1000, metadata={"description": "不符合之处", "example": "示值超差"})


class Nonconformity(Strict):
    """What does not conform and is to be improved, told once and whole (Order 74 Art. 13)."""

    items = fields.List(fields.Nested(Finding), required=True, validate=validate.Length(min=1, max=100))


class ImprovedSamples(Strict):
    """The improved prototypes; one with a known serial number takes the place of the earlier."""

    samples = fields.List(fields.Nested(Sample), required=True, validate=validate.Length(min=1, max=100))


class ReportDraft(Strict):
    """型式评价报告, as the test engineer 主检 draws it up."""

    number = text(maximum=60, metadata={"description": "报告编号", "example": "R-1"})
    conclusion = choice("pass", "fail", metadata={"description": "结论", "example": "pass"})
    synopsis = text(metadata={"description": "综合说明", "example": "符合 JJG 539"})


class Check(Strict):
    """What the reviewer 核验 or the authorised signatory 批准人 says."""

    opinion = text(maximum=1000, metadata={"description": "意见", "example": "同意"})


class JudgedPoint(Answer):
    """A weighing point with its error, the limit for it, the rule that sets the limit, and the verdict."""

    load_ = fields.String(required=True, data_key="load", metadata={"example": "10 kg"})
    indication = fields.String(required=True, metadata={"example": "10.000 kg"})
    added = fields.String(required=True, metadata={"example": "2.5 g"})
    error = fields.String(required=True, metadata={"example": "0.0 g"})
    mpe = fields.String(required=True, metadata={"example": "±5 g"})
    rule = fields.String(required=True, metadata={"example": "r76-1-table-6"})
    verdict = choice("pass", "fail", "indeterminate")


class JudgedRecord(TestRecord):
    """A test record as it is kept: judged, with who made it and when."""

    points = fields.List(fields.Nested(JudgedPoint), required=True)
    verdict = choice("pass", "fail", "indeterminate")
    tester = fields.String(required=True, metadata={"example": "陈检测"})
    on = fields.Date(required=True)


class Report(ReportDraft):
    """The report with its signatures; the digest covers them, the prototypes and every test record."""

    tester = fields.String(required=True, metadata={"example": "陈检测"})
    drafted_on = fields.Date(required=True)
    checker = fields.String(metadata={"example": "周核验"})
    checked_on = fields.Date()
    signatory = fields.String(metadata={"example": "吴批准"})
    issued_on = fields.Date()
    sha256 = fields.String(metadata={"example": "9f86d081884c7d659a2feaa0c55ad015…"})


class Improvement(Answer):
    """改进样机: what was found, and the improved prototypes or that none came. `tests_before` were made before it."""

    items = fields.List(fields.Nested(Finding), required=True)
    found_on = fields.Date(required=True)
    tests_before = fields.Integer(required=True)
    serials = fields.List(fields.String(metadata={"example": "S-2"}), metadata={"description": "改进后样机编号"})
    delivered_on = fields.Date(metadata={"example": "2013-11-11"})
    failed_on = fields.Date(metadata={"description": "逾期日期", "example": None})
    reason = fields.String(metadata={"example": None})


def issued(case: Case) -> bool:
    """Whether the laboratory has signed its report; before that, verdicts are not yet checked."""
    return "issued_on" in case.data.get("report", {})


_ISSUED = Readers(applicant=issued, lab=always)


class Gathered(views.Gathered):
    """型式批准申请: an application for type approval, and what became of it."""

    form = fields.Nested(drafted(Form), required=True, metadata={"readers": EVERYBODY})
    commission = fields.Nested(dated(Commission), metadata={"readers": EVERYBODY})
    arrangement = fields.Nested(dated(Arrangement), metadata={"readers": EVERYBODY})
    samples = fields.List(fields.Nested(Sample), metadata={"readers": EVERYBODY})
    documents = fields.List(fields.String(metadata={"example": "使用说明书"}), metadata={"readers": EVERYBODY})
    tests = fields.List(fields.Nested(JudgedRecord), metadata={"readers": _ISSUED})
    improvement = fields.Nested(Improvement, metadata={"readers": EVERYBODY})
    report = fields.Nested(Report, metadata={"readers": _ISSUED})
    certificate = fields.String(metadata={"readers": EVERYBODY, "description": "证书编号", "example": "2013F101-22"})


class Category(Bilingual):
    code = fields.String(required=True, metadata={"example": "non_automatic_scale"})


class CertifiedReport(Answer):
    """The evaluation report that the certificate rests on."""

    number = fields.String(required=True, metadata={"example": "R-1"})
    lab = fields.String(required=True, metadata={"example": "吉林示例计量检测研究院"})
    sha256 = fields.String(required=True, metadata={"example": "9f86d081884c7d659a2feaa0c55ad015…"})


class Certificate(Permit):
    """计量器具型式批准证书, with its status now."""

    number = fields.String(required=True, metadata={"example": "2013F101-22"})
    category = fields.Nested(Category, required=True)
    lines = fields.List(fields.Nested(ScopeLine), required=True)
    report = fields.Nested(CertifiedReport, required=True)
    software = fields.Nested(Software)
    valid = fields.Nested(Bilingual, required=True)
    status = fields.String(required=True, metadata={"example": "in_force"})


class ApplicationReceived(EventData):
    procedure = fields.String(required=True)
    rules = fields.String(required=True)
    applicant = fields.Nested(Party, required=True)
    lines = fields.List(fields.Nested(ScopeLine), required=True)


class EvaluationCommissioned(EventData):
    lab = fields.String(required=True)
    lab_name = fields.String(required=True)
    programme = fields.String(required=True)


class EvaluationArranged(EventData):
    plan = fields.String(required=True)


class SamplesReceived(EventData):
    samples = fields.Integer(required=True)


class TestRecorded(EventData):
    item = fields.String(required=True)
    verdict = fields.String(required=True)


class NonconformityFound(EventData):
    items = fields.List(fields.String(), required=True)


class EvaluationImproved(EventData):
    serials = fields.List(fields.String(), required=True)


class EvaluationFailed(EventData):
    reason = fields.String(required=True)


class ReportDrafted(EventData):
    report = fields.String(required=True)


class ReportIssued(EventData):
    report = fields.String(required=True)
    conclusion = fields.String(required=True)
    sha256 = fields.String(required=True)


class CertificateGranted(EventData):
    certificate = fields.String(required=True)
    holder = fields.String(required=True)
    lines = fields.List(fields.Nested(ScopeLine), required=True)
