"""What type approval reads and tells: request bodies and event payloads (domain: Order 74, JJF 1015)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from marshmallow import ValidationError, fields, validate, validates_schema

from services.fields import (
    ApplicantForm,
    Measure,
    Permit,
    PermitSummary,
    ScopeLine,
    SpecificationLine,
    of_dimension,
    telephone,
)
from shared.casework.events import Party
from shared.casework.readers import EVERYBODY, Readers, always
from shared.http import views
from shared.http.lists import path_of
from shared.metrology import family
from shared.metrology.families.r76.indication import Reading
from shared.schemas import Answer, Bilingual, Day, EventData, Strict, choice, count, dated, drafted, several, text

if TYPE_CHECKING:
    from shared.casework import Case

CLASSES = tuple(one.id for one in family("r76").classes)
VERDICT = {"description": "结论: pass 合格, fail 不合格, indeterminate 不能判定 too uncertain to say"}

CONCLUSIONS = ("pass", "fail")
"""What an evaluation report may conclude."""


class Software(Strict):
    """软件。 What the instrument's legally relevant software says it is."""

    version = text(maximum=60, metadata={"description": "版本号 version", "example": "V1.02"})
    checksum = text(
        maximum=128, metadata={"description": "校验码 checksum, as the instrument shows it", "example": "8F3A"}
    )


class Form(ApplicantForm):
    """计量器具型式批准申请书。 Application form for type approval."""

    fax = telephone(required=False, metadata={"description": "传真 fax", "example": "0431-80000001"})
    responsible_person = text(
        maximum=60, metadata={"description": "负责人 responsible person, who signs", "example": "孙负责"}
    )
    contact_person = text(maximum=60, metadata={"description": "联系人 contact", "example": "钱联系"})
    category = text(
        maximum=60,
        metadata={"description": "目录类别 category: its code in the catalogue", "example": "non_automatic_scale"},
    )
    new_to = choice(
        "country",
        "maker",
        metadata={
            "description": "country 全国新产品 new to the country, maker 本单位新产品 new to this maker only",
            "example": "maker",
        },
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
        metadata={
            "description": "系列划分依据 by what principle the lines are one series; needed for several lines",
            "example": "同一称重传感器与仪表，最大秤量不同",
        },
    )
    description = text(
        maximum=4000,
        metadata={
            "description": "产品说明 what the instrument is, how it works and what for",
            "example": "应变式称重传感器，带计价显示的电子秤，用于商品零售。",
        },
    )
    units_made = count(metadata={"description": "试制数量 units made on trial so far", "example": 3})
    software = fields.Nested(Software, metadata={"description": "软件 legally relevant software, if it has any"})
    oiml_certificate = text(
        required=False,
        maximum=60,
        metadata={
            "description": "OIML证书 number of its OIML certificate, if it has one",
            "example": "R76/2006-A-NL1-13.01",
        },
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

    lab = text(maximum=60, metadata={"description": "技术机构代码 code of the laboratory", "example": "LAB-01"})
    lab_name = text(
        maximum=200,
        metadata={"description": "技术机构名称 name of the laboratory", "example": "吉林示例计量检测研究院"},
    )
    programme = text(
        maximum=200,
        metadata={"description": "型式评价大纲 evaluation programme: the standard tested to", "example": "R 76-1:2006"},
    )


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
                "试验项目 the items of the programme for this case, by id or clause: every prototype is tested in each"
            ),
            "example": ["A.4.4", "A.4.10"],
        },
    )


class Sample(Strict):
    """样机。 A prototype."""

    serial = text(maximum=60, metadata={"description": "样机编号 serial number", "example": "S-1"})
    model = text(maximum=100, metadata={"description": "型号 model", "example": "ACS-15"})
    software = fields.Nested(Software, metadata={"description": "软件 software it runs"})
    seals = text(maximum=200, metadata={"description": "封印 state of the seals", "example": "完好"})


class SamplesReceipt(Strict):
    """收样。 Prototypes and documents that the laboratory received."""

    samples = fields.List(
        fields.Nested(Sample),
        required=True,
        validate=validate.Length(min=1, max=100),
        metadata={"description": "样机 the prototypes"},
    )
    documents = fields.List(
        text(maximum=200),
        required=True,
        validate=validate.Length(min=1, max=50),
        metadata={"description": "技术资料 technical documents that came with them", "example": ["使用说明书"]},
    )


class Conditions(Strict):
    """环境条件。 The conditions of the test."""

    temperature = fields.Nested(
        Measure,
        required=True,
        validate=of_dimension("temperature", least=-100, most=200),
        metadata={"description": "温度 temperature; Cel is °C", "example": {"value": "20", "unit": "Cel"}},
    )
    humidity = fields.Nested(
        Measure,
        required=True,
        validate=of_dimension("ratio", least=0, most=100),
        metadata={"description": "相对湿度 relative humidity", "example": {"value": "50", "unit": "%"}},
    )


class Equipment(Strict):
    """标准器。 A measurement standard that was used."""

    asset = text(maximum=100, metadata={"description": "标准器 which standard", "example": "M1-set"})
    calibrated_until = Day(
        required=True, metadata={"description": "有效期至 last day of its calibration", "example": "2014-12-31"}
    )


class WeighingPoint(Strict):
    """称量点。 One point of R 76-1 A.4.4: load, indication, and, unless it is read directly, the weights added until
    the indication changes."""

    load_ = fields.Nested(
        Measure,
        required=True,
        data_key="load",
        validate=of_dimension(least=0),
        metadata={"description": "载荷 load L", "example": {"value": "10", "unit": "kg"}},
    )
    indication = fields.Nested(
        Measure,
        required=True,
        metadata={"description": "示值 indication I", "example": {"value": "10.000", "unit": "kg"}},
    )
    added = fields.Nested(
        Measure,
        validate=of_dimension(least=0),
        metadata={
            "description": "附加砝码 additional weights ΔL up to the change-over; none where it is read directly",
            "example": {"value": "2.5", "unit": "g"},
        },
    )
    verdict = choice(
        "pass",
        "fail",
        "indeterminate",
        required=False,
        metadata={
            "description": (
                "结论: pass 合格, fail 不合格, indeterminate 不能判定; computed by the service, checked if sent"
            ),
            "example": "pass",
        },
    )


class TestRecord(Strict):
    """试验记录。 One test item of one prototype. The service computes errors and verdicts; a verdict that is sent is
    checked."""

    item = text(maximum=60, metadata={"description": "项目 test item: clause of the programme", "example": "R76-A.4.4"})
    name = text(maximum=100, metadata={"description": "项目名称 name of the test", "example": "称量性能"})
    serial = text(maximum=60, metadata={"description": "样机编号 serial number of the prototype", "example": "S-1"})
    software = fields.Nested(Software, metadata={"description": "软件 software that ran in the test"})
    occasion = choice(
        "initial",
        "repeat_incident",
        "retest_after_modification",
        metadata={
            "description": (
                "initial 首次 first, repeat_incident 异常重试 repeated after an incident, retest_after_modification"
                " 改进后重试 of an improved prototype"
            ),
            "example": "initial",
        },
    )
    """Why the test was made: the reason of every repeated test belongs in the report (R 60-2, 2.3)."""
    accuracy_class = choice(*CLASSES, metadata={"description": "准确度等级 accuracy class", "example": "III"})
    scale_interval = fields.Nested(
        Measure,
        required=True,
        metadata={"description": "分度值 scale interval e", "example": {"value": "5", "unit": "g"}},
    )
    reading = choice(
        *Reading,
        required=False,
        metadata={
            "description": (
                "读数方式: direct 直接读数 as displayed, where d ≤ e/5; changeover 闪变点 at the change-over point;"
                " changeover if neither this nor d is said"
            ),
            "example": "changeover",
        },
    )
    actual_interval = fields.Nested(
        Measure,
        metadata={
            "description": "实际分度值 scale interval d in which the indication changes; e if not said",
            "example": {"value": "5", "unit": "g"},
        },
    )
    zero_error = fields.Nested(
        Measure,
        validate=of_dimension("mass"),
        metadata={"description": "零点误差 error at zero E0; zero if not said", "example": {"value": "0", "unit": "g"}},
    )
    expanded_uncertainty = fields.Nested(
        Measure,
        validate=of_dimension("mass", above_zero=True),
        metadata={
            "description": "扩展不确定度 expanded uncertainty U, k=2; near the limit it makes a verdict indeterminate",
            "example": {"value": "0.5", "unit": "g"},
        },
    )
    conditions = fields.Nested(Conditions, required=True)
    equipment = fields.List(
        fields.Nested(Equipment),
        required=True,
        validate=validate.Length(min=1, max=50),
        metadata={"description": "所用标准器 standards that were used"},
    )
    points = fields.List(
        fields.Nested(WeighingPoint),
        required=True,
        validate=validate.Length(min=1, max=200),
        metadata={"description": "称量点 weighing points"},
    )
    supersedes = count(
        required=False,
        metadata={
            "description": (
                "更正第几号记录 number of the record that this one corrects, with a reason; that one stays readable and"
                " counts no more"
            ),
            "example": None,
        },
    )

    @validates_schema(skip_on_field_errors=True)
    def says_how_it_was_read(self, data: dict[str, Any], **_kwargs: object) -> None:
        if "actual_interval" in data and "reading" not in data:
            raise ValidationError("missing: an interval d is said: say how the indication was read", "reading")


class VoidTest(Strict):
    """作废试验记录。 A test record that should not have been made and that no other corrects, such as one of another
    case."""

    number = count(metadata={"description": "记录序号 number of the record", "example": 1})


class VoidedTest(Answer):
    """作废的试验记录。 That a test record counts no more, and why; the record stays readable."""

    number = fields.Integer(required=True, metadata={"description": "记录序号 number of the record", "example": 1})
    reason = fields.String(required=True, metadata={"description": "理由 why it is void", "example": "误录"})
    by = fields.String(required=True, metadata={"description": "经办人 who declared it void", "example": "陈检测"})
    on = fields.Date(required=True, metadata={"description": "作废日期 day on which it was declared void"})


class Finding(Strict):
    """不符合项。 A nonconformity."""

    item = text(maximum=60, metadata={"description": "项目 test item: clause of the programme", "example": "R76-A.4.4"})
    finding = text(maximum=1000, metadata={"description": "不符合之处 what does not conform", "example": "示值超差"})


class Nonconformity(Strict):
    """一次告知全部不符合项。 What does not conform and is to be improved, told once and whole (Order 74 Art. 13)."""

    items = fields.List(fields.Nested(Finding), required=True, validate=validate.Length(min=1, max=100))


class ImprovedSamples(Strict):
    """改进后的样机。 The improved prototypes; one with a known serial number takes the place of the earlier."""

    samples = fields.List(fields.Nested(Sample), required=True, validate=validate.Length(min=1, max=100))


class ReportDraft(Strict):
    """型式评价报告, as the test engineer 主检 draws it up."""

    number = text(maximum=60, metadata={"description": "报告编号 number of the report", "example": "R-1"})
    conclusion = choice(
        *CONCLUSIONS,
        metadata={"description": "结论: pass 合格, fail 不合格 whether the type passed", "example": "pass"},
    )
    synopsis = text(metadata={"description": "综合说明 the findings in short", "example": "符合 JJG 539"})


class Check(Strict):
    """What the reviewer 核验 or the authorised signatory 批准人 says."""

    opinion = text(maximum=1000, metadata={"description": "意见 opinion", "example": "同意"})


class JudgedPoint(Answer):
    """称量点的判定。 A weighing point with its error, the limit for it, the rule that sets the limit, and the
    verdict."""

    load_ = fields.String(
        required=True, data_key="load", metadata={"description": "载荷 load L, with unit", "example": "10 kg"}
    )
    indication = fields.String(
        required=True, metadata={"description": "示值 indication I, with unit", "example": "10.000 kg"}
    )
    added = fields.String(metadata={"description": "附加砝码 additional weights ΔL, with unit", "example": "2.5 g"})
    error = fields.String(required=True, metadata={"description": "误差 error, with unit", "example": "0.0 g"})
    mpe = fields.String(
        required=True, metadata={"description": "最大允许误差 maximum permissible error", "example": "±5 g"}
    )
    rule = fields.String(
        required=True, metadata={"description": "依据 rule that sets the limit", "example": "r76-1-table-6"}
    )
    verdict = choice("pass", "fail", "indeterminate", metadata=VERDICT)


class JudgedRecord(TestRecord):
    """已判定的试验记录。 A test record as it is kept: judged, with who made it and when.

    Records are only added; one that corrects another says when and why."""

    number = fields.Integer(metadata={"description": "记录序号 number of the record, from 1", "example": 1})
    points = fields.List(
        fields.Nested(JudgedPoint), required=True, metadata={"description": "称量点 weighing points, judged"}
    )
    verdict = choice("pass", "fail", "indeterminate", metadata=VERDICT)
    tester = fields.String(required=True, metadata={"description": "试验人员 who tested", "example": "陈检测"})
    on = fields.Date(required=True, metadata={"description": "试验日期 day of the test"})
    corrected_on = fields.Date(metadata={"description": "更正日期 day of the correction", "example": None})
    reason = fields.String(metadata={"description": "更正理由 why the earlier record was corrected", "example": None})


class Report(ReportDraft):
    """型式评价报告。 The report with its signatures; the digest covers them, the prototypes and every test record."""

    tester = fields.String(
        required=True, metadata={"description": "主检 test engineer who drew it up", "example": "陈检测"}
    )
    drafted_on = fields.Date(required=True, metadata={"description": "编制日期 day on which it was drawn up"})
    checker = fields.String(metadata={"description": "核验 reviewer", "example": "周核验"})
    checked_on = fields.Date(metadata={"description": "核验日期 day of the review"})
    signatory = fields.String(metadata={"description": "批准人 authorised signatory", "example": "吴批准"})
    issued_on = fields.Date(metadata={"description": "签发日期 day on which it was issued"})
    sha256 = fields.String(
        metadata={
            "description": "摘要 SHA-256 of the report, hexadecimal",
            "example": "9f86d081884c7d659a2feaa0c55ad015…",
        }
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
    delivered_on = fields.Date(metadata={"description": "送样日期 day on which they came", "example": "2013-11-11"})
    failed_on = fields.Date(
        metadata={"description": "逾期日期 day on which it was recorded that none came in time", "example": None}
    )
    reason = fields.String(metadata={"description": "理由 why it failed", "example": None})


def issued(case: Case) -> bool:
    """Whether the laboratory has signed its report; before that, verdicts are not yet checked."""
    return "issued_on" in case.data.get("report", {})


_ISSUED = Readers(applicant=issued, lab=always)


class Gathered(views.Gathered):
    """型式批准申请: an application for type approval, and what became of it."""

    form = fields.Nested(drafted(Form), required=True, metadata={"readers": EVERYBODY})
    commission = fields.Nested(dated(Commission), metadata={"readers": EVERYBODY})
    arrangement = fields.Nested(dated(Arrangement), metadata={"readers": EVERYBODY})
    samples = fields.List(
        fields.Nested(Sample), metadata={"readers": EVERYBODY, "description": "样机 prototypes received"}
    )
    documents = fields.List(
        fields.String(metadata={"example": "使用说明书"}),
        metadata={"readers": EVERYBODY, "description": "技术资料 technical documents received"},
    )
    tests = fields.List(
        fields.Nested(JudgedRecord), metadata={"readers": _ISSUED, "description": "试验记录 test records"}
    )
    voided_tests = fields.List(
        fields.Nested(VoidedTest), metadata={"readers": _ISSUED, "description": "作废的记录 test records that are void"}
    )
    improvement = fields.Nested(Improvement, metadata={"readers": EVERYBODY})
    report = fields.Nested(Report, metadata={"readers": _ISSUED})
    certificate = fields.String(
        metadata={"readers": EVERYBODY, "description": "证书编号 number of the certificate", "example": "2013F101-22"}
    )


class Category(Bilingual):
    """目录类别。 A category of the catalogue."""

    code = fields.String(
        required=True, metadata={"description": "类别代码 its code in the catalogue", "example": "non_automatic_scale"}
    )


class TestedPrototype(Answer):
    """样机。 A prototype that was tested."""

    serial = fields.String(required=True, metadata={"description": "样机编号 serial number", "example": "S-1"})
    model = fields.String(required=True, metadata={"description": "型号 model", "example": "ACS-15"})
    software = fields.Nested(Software, metadata={"description": "软件 software it ran"})


class CertifiedReport(Answer):
    """型式评价报告。 The evaluation report that the certificate rests on, and what was tested."""

    programme = fields.String(
        metadata={"description": "型式评价大纲 evaluation programme", "example": "R 76-1:2006"},
    )
    items = fields.List(
        fields.String(metadata={"example": "R76-A.4.4"}), metadata={"description": "试验项目 items tested"}
    )

    number = fields.String(required=True, metadata={"description": "报告编号 number of the report", "example": "R-1"})
    lab = fields.String(
        required=True, metadata={"description": "技术机构 name of the laboratory", "example": "吉林示例计量检测研究院"}
    )
    sha256 = fields.String(
        required=True,
        metadata={
            "description": "摘要 SHA-256 of the report, hexadecimal",
            "example": "9f86d081884c7d659a2feaa0c55ad015…",
        },
    )


_NUMBER = fields.String(
    required=True, metadata={"description": "证书编号 number of the certificate", "example": "2013F101-22"}
)
_STATUS = fields.String(required=True, metadata={"description": "现状: in_force 有效 in force", "example": "in_force"})


class Certificate(Permit):
    """计量器具型式批准证书, with its status now."""

    number = _NUMBER
    category = fields.Nested(Category, required=True, metadata={"description": "目录类别 category of the catalogue"})
    lines = fields.List(
        fields.Nested(ScopeLine), required=True, metadata={"description": "批准的型式 types approved, a line each"}
    )
    report = fields.Nested(CertifiedReport, required=True)
    prototypes = fields.List(
        fields.Nested(TestedPrototype), metadata={"description": "试验样机 prototypes that were tested"}
    )
    software = fields.Nested(Software, metadata={"description": "软件 legally relevant software"})
    valid = fields.Nested(Bilingual, required=True, metadata={"description": "有效期 how long it is valid, in words"})
    status = _STATUS


class CertificateSummary(PermitSummary):
    """型式批准证书摘要。 What the register shows of a certificate; the whole of it is at `href`."""

    number = _NUMBER
    status = _STATUS
    href = path_of("/v1/certificates/2013F101-22")


class ApplicationReceived(EventData):
    procedure = fields.String(required=True)
    rules = fields.String(required=True)
    applicant = fields.Nested(Party, required=True)
    lines = fields.List(fields.Nested(ScopeLine), required=True)


class EvaluationCommissioned(EventData):
    lab = fields.String(required=True)
    lab_name = fields.String(required=True)
    programme = fields.String(required=True)


class CommissionWithdrawn(EventData):
    lab = fields.String(required=True)
    reason = fields.String(required=True)


class EvaluationArranged(EventData):
    plan = fields.String(required=True)


class SamplesReceived(EventData):
    samples = fields.Integer(required=True)


class TestRecorded(EventData):
    """`supersedes` and `reason`: of a record that corrects the one with that number."""

    item = fields.String(required=True)
    verdict = fields.String(required=True)
    supersedes = fields.Integer()
    reason = fields.String()


class TestVoided(EventData):
    number = fields.Integer(required=True)
    item = fields.String(required=True)
    reason = fields.String(required=True)


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
    conclusion = choice(*CONCLUSIONS)
    sha256 = fields.String(required=True)


class CertificateGranted(EventData):
    certificate = fields.String(required=True)
    holder = fields.String(required=True)
    lines = fields.List(fields.Nested(ScopeLine), required=True)


class CertificateIssued(EventData):
    """The certificate's document is made, in its `issue`-th version; `sha256` is that of the PDF."""

    certificate = fields.String(required=True)
    issue = fields.Integer(required=True)
    sha256 = fields.String(required=True)
