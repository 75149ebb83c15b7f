"""What licensing reads and tells: request bodies and event payloads (Order 104, JJF 1246)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from marshmallow import ValidationError, fields, validate, validates_schema

from services.fields import Amount, ApplicantForm, CreditCode, Permit, PermitSummary
from services.instruments import CATEGORY, ScopeLine, SpecificationLine, refuse_wrong_lines
from shared.casework.events import Party, PermitCancelled, PermitEnded, Reasoned
from shared.casework.life import CaseEnd
from shared.casework.readers import APPLICANT
from shared.http import views
from shared.http.lists import path_of
from shared.schemas import Answer, Bilingual, Day, EventData, Flag, Strict, choice, count, dated, drafted, several, text

if TYPE_CHECKING:
    from collections.abc import Mapping

RESULTS = ("conform", "minor", "major", "not_applicable")

CONCLUSIONS = ("pass", "rectify", "fail")
"""What an assessment report may conclude."""


class Line(SpecificationLine):
    """拟制造的计量器具。 One instrument the maker wants to make; `type_approval` may name its certificate or running
    application."""

    category = text(maximum=60, metadata=CATEGORY)
    standard = text(
        maximum=100, metadata={"description": "产品标准 product standard it is made to", "example": "GB/T 7722-2005"}
    )
    type_approval = text(
        required=False,
        maximum=60,
        metadata={
            "description": (
                "型式批准证书或申请编号 number of its type approval certificate or running application, if there"
                " are several"
            ),
            "example": None,
        },
    )


class ProductionEquipment(Strict):
    """生产设备。 Equipment for making."""

    name = text(maximum=100, metadata={"description": "设备名称 what it is", "example": "贴片机"})
    count = count(metadata={"description": "数量 how many", "example": 2})


class InspectionEquipment(Strict):
    """检验设备。 Equipment for inspection."""

    name = text(maximum=100, metadata={"description": "设备名称 what it is", "example": "F2级砝码组"})
    range = Amount(above_zero=True, required=True, metadata={"description": "量程 range, up to", "example": "20 kg"})
    calibrated_until = Day(
        required=True, metadata={"description": "有效期至 last day of its calibration", "example": "2014-08-31"}
    )


class Staff(Strict):
    """人员情况。 The maker's people."""

    total = count(metadata={"description": "职工总数 everybody employed", "example": 86})
    technical = count(metadata={"description": "技术人员 technical staff", "example": 12})
    inspection = count(metadata={"description": "检验人员 inspectors", "example": 6})

    @validates_schema(skip_on_field_errors=True)
    def are_of_the_total(self, data: Mapping[str, int], **_kwargs: object) -> None:
        total = data.get("total")
        if wrong := [name for name in ("technical", "inspection") if total is not None and data.get(name, 0) > total]:
            reason = f"contradictory: 多于职工总数。 More than the {total} employed"
            raise ValidationError({name: [reason] for name in wrong})


class Form(ApplicantForm):
    """制造计量器具许可申请书。 Application form for a licence to manufacture."""

    kind = choice(
        "first",
        "renewal",
        metadata={
            "description": "申请种类 kind of application: first 首次 first licence, renewal 复查换证 renewal",
            "example": "first",
        },
    )
    renews = text(
        required=False,
        maximum=60,
        metadata={"description": "许可证编号 number of the licence to renew; with a renewal only", "example": None},
    )
    legal_representative = text(
        maximum=60, metadata={"description": "法定代表人 legal representative", "example": "孙负责"}
    )
    quality_head = text(maximum=60, metadata={"description": "质量负责人 head of quality", "example": "冯质量"})
    metrology_head = text(maximum=60, metadata={"description": "计量负责人 head of metrology", "example": "褚计量"})
    staff = fields.Nested(Staff, required=True)
    lines = several(
        fields.Nested(Line),
        maximum=100,
        metadata={"description": "拟制造的计量器具 instruments to be made, a line each"},
    )
    production_equipment = several(
        fields.Nested(ProductionEquipment),
        maximum=200,
        unique_by=("name",),
        metadata={"description": "生产设备 equipment for making"},
    )
    inspection_equipment = several(
        fields.Nested(InspectionEquipment),
        maximum=200,
        metadata={"description": "检验设备 equipment for inspection"},
    )
    self_assessment = text(
        maximum=4000,
        metadata={
            "description": "自查情况 report on the self-assessment",
            "example": "按JJF 1246-2010逐条自查，结论：具备生产条件。",
        },
    )

    @validates_schema(skip_on_field_errors=False, pass_original=True)
    def instruments_can_be(
        self, data: Mapping[str, Any], original: Mapping[str, Any], *, partial: Any, **_kwargs: object
    ) -> None:
        refuse_wrong_lines(data, original, partial=partial)

    @validates_schema(skip_on_field_errors=False)
    def renewal_names_a_licence(self, data: Mapping[str, Any], *, partial: Any, **_kwargs: object) -> None:
        kind = data.get("kind")
        if kind == "renewal" and "renews" not in data and not partial:
            raise ValidationError("missing: a renewal names the licence it is for", "renews")
        if kind == "first" and "renews" in data:
            raise ValidationError("not_for_first: only a renewal names a licence", "renews")


class Assessor(Strict):
    """考评员。 An assessor."""

    name = text(maximum=60, metadata={"description": "姓名 name", "example": "卫考评"})
    certificate = text(
        maximum=60, metadata={"description": "考评员证号 number of the assessor's certificate", "example": "考评0"}
    )
    employer = text(maximum=200, metadata={"description": "工作单位 employer", "example": "某检定所"})
    employer_code = CreditCode(
        metadata={"description": "工作单位统一社会信用代码 credit code of the employer", "example": None}
    )
    no_interest = Flag(
        required=True,
        validate=validate.OneOf([True], error="interest: who has an interest may not assess"),
        metadata={
            "description": "与申请单位无利害关系 has no interest in the applicant; must be true",
            "example": True,
        },
    )


_TEAM = [
    {"name": name, "certificate": f"考评{number}", "employer": "某检定所", "no_interest": True}
    for number, name in enumerate(("卫考评", "蒋考评"), start=1)
]


class AssessmentPlan(Strict):
    """现场考核安排。 Who goes when; at least two assessors (Administrative Licensing Law Art. 34)."""

    team = several(
        fields.Nested(Assessor),
        minimum=2,
        maximum=10,
        too_few="too_few: at least two assessors (行政许可法第34条)",
        unique_by=("certificate",),
        metadata={"description": "考核组 assessors of the team", "example": _TEAM},
    )
    leader = text(
        maximum=60,
        metadata={
            "description": "组长 leader, one of the team: number of the certificate, or a name that only one has",
            "example": "考评1",
        },
    )
    planned_from = Day(required=True, metadata={"description": "考核开始日期 first day", "example": "2013-11-04"})
    planned_to = Day(required=True, metadata={"description": "考核结束日期 last day", "example": "2013-11-05"})


class Finding(Strict):
    """考核项目。 What the team found on one clause."""

    clause = text(maximum=60, metadata={"description": "条款 clause of JJF 1246", "example": "4.2"})
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
    assessor = text(
        maximum=60,
        metadata={
            "description": "考评员 assessor, one of the team: number of the certificate, or a name that only one has",
            "example": "考评1",
        },
    )


class AssessmentReport(Strict):
    """现场考核报告 (JJF 1246, Annex C)."""

    number = text(maximum=60, metadata={"description": "报告编号 number of the report", "example": "K-1"})
    findings = several(
        fields.Nested(Finding),
        maximum=500,
        metadata={"description": "考核项目 findings, clause by clause"},
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


class Planned(dated(AssessmentPlan)):  # type: ignore[misc]
    """现场考核安排。 The planned on-site assessment, as it is kept."""

    leader_certificate = fields.String(
        metadata={"description": "组长证号 number of the leader's certificate", "example": "考评1"}
    )


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


_NUMBER = fields.String(
    required=True, metadata={"description": "许可证编号 number of the licence", "example": "吉制00000001号"}
)
_VALID_UNTIL = fields.Date(required=True, metadata={"description": "有效期至 last day of the term"})
_STATUS = choice(
    *("valid", "expired", "abolished_by_law", "revoked", "licence_withdrawn", "taken_away", "cancelled"),
    metadata={
        "description": (
            "现状: valid 有效 in force, expired 届满 expired, abolished_by_law 依法取消 abolished by law,"
            " revoked 撤销 revoked, licence_withdrawn 撤回 withdrawn, taken_away 吊销 taken away as a penalty,"
            " cancelled 注销 cancelled"
        ),
        "example": "valid",
    },
)


class Licence(Permit):
    """制造计量器具许可证 as anybody may read it, with what it is now."""

    number = _NUMBER
    lines = fields.List(
        fields.Nested(LicensedLine),
        required=True,
        metadata={"description": "许可的计量器具 instruments licensed, a line each"},
    )
    valid_until = _VALID_UNTIL
    terms = fields.List(
        fields.Nested(Term), required=True, metadata={"description": "历次有效期 its terms, first to last"}
    )
    status = _STATUS


class LicenceSummary(PermitSummary):
    """制造许可证摘要。 What the register shows of a licence; the whole of it is at `href`."""

    number = _NUMBER
    valid_until = _VALID_UNTIL
    status = _STATUS
    href = path_of("/v1/licences/%E5%90%89%E5%88%B600000001%E5%8F%B7")


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


class ApplicationLodged(EventData):
    """Lodged ahead: `awaits` are the type approval applications it waits for."""

    procedure = fields.String(required=True)
    rules = fields.String(required=True)
    applicant = fields.Nested(Party, required=True)
    awaits = fields.List(fields.String(), required=True)
    renews = fields.String()


class ApplicationReceived(EventData):
    procedure = fields.String(required=True)
    rules = fields.String(required=True)
    applicant = fields.Nested(Party, required=True)
    lines = fields.List(fields.Nested(ScopeLine), required=True)
    renews = fields.String()


class AssessmentPlanned(EventData):
    team = fields.List(fields.String(), required=True)
    planned_from = fields.Date(required=True)
    planned_to = fields.Date(required=True)


class AssessmentReplanned(AssessmentPlanned, Reasoned):
    """Another plan, or other assessors."""


class AssessmentReported(EventData):
    report = fields.String(required=True)
    conclusion = choice(*CONCLUSIONS)


class LicenceGranted(EventData):
    licence = fields.String(required=True)
    holder = fields.String(required=True)
    valid_until = fields.Date(required=True)
    lines = fields.List(fields.Nested(ScopeLine), required=True)


class LicenceIssued(EventData):
    """The licence's document is made, in its `issue`-th version; `sha256` is that of the PDF."""

    licence = fields.String(required=True)
    issue = fields.Integer(required=True)
    sha256 = fields.String(required=True)


class RenewalGranted(EventData):
    """Told of the renewal's own case; of the licence's case `licence.renewed` is told."""

    licence = fields.String(required=True)
    holder = fields.String(required=True)
    valid_until = fields.Date(required=True)
    deemed = fields.Boolean(required=True)
    zh = fields.String(required=True)
    en = fields.String(required=True)


class LicenceRenewed(EventData):
    """`deemed`: by law, since the authority had not decided when the term ended. `application` is the renewal."""

    licence = fields.String(required=True)
    valid_until = fields.Date(required=True)
    deemed = fields.Boolean(required=True)
    application = fields.String(required=True)


class LicenceEnded(PermitEnded):
    licence = fields.String(required=True)


class LicenceRestored(Reasoned):
    """The act that had ended the licence, or closed the register on it, was revoked."""

    licence = fields.String(required=True)


class LicenceCancelled(PermitCancelled):
    licence = fields.String(required=True)


class ApprovalLost(EventData):
    """Type approvals under these lines of the licence have ended: the office looks at it, nothing lapses by itself."""

    licence = fields.String(required=True)
    certificates = fields.List(fields.String(), required=True)
    lines = fields.List(fields.Integer(), required=True)


class ApprovalRegained(EventData):
    """Nothing is left to settle: the type approvals that had ended are in force again, or the licence stands on
    others."""

    licence = fields.String(required=True)


class ApprovalSettled(Reasoned):
    """The office has settled the loss of type approvals; `reason` is what it found."""

    licence = fields.String(required=True)
