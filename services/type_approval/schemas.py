"""What type approval reads and tells: request bodies and event payloads (domain: Order 74, JJF 1015)."""

from __future__ import annotations

from marshmallow import ValidationError, fields, validate, validates_schema

from services.fields import CreditCode, Measure, Party, ScopeLine, Site, SpecificationLine
from shared.schemas import EventData, Strict, choice, text

ACCURACY_CLASSES = ("I", "II", "III", "IIII")


class Software(Strict):
    """What the instrument's legally relevant software says it is."""

    version = text(maximum=60)
    checksum = text(maximum=128)


class Form(Strict):
    """计量器具型式批准申请书."""

    applicant_name = text(maximum=200)
    credit_code = CreditCode(required=True)
    registered_site = fields.Nested(Site, required=True)
    production_sites = fields.List(fields.Nested(Site), required=True, validate=validate.Length(min=1, max=20))
    phone = text(maximum=40)
    fax = text(required=False, maximum=40)
    email = fields.Email(required=True)
    responsible_person = text(maximum=60)
    contact_person = text(maximum=60)
    category = text(maximum=60)
    new_to = choice("country", "maker")
    """全国新 (定型鉴定) or new to this maker only (样机试验): Implementing Rules Art. 15."""
    lines = fields.List(fields.Nested(SpecificationLine), required=True, validate=validate.Length(min=1, max=100))
    series_basis = text(required=False, maximum=500)
    description = text(maximum=4000)
    units_made = fields.Integer(required=True, strict=True, validate=validate.Range(min=1))
    software = fields.Nested(Software)
    oiml_certificate = text(required=False, maximum=60)
    replaces_certificate = text(required=False, maximum=60)

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

    lab = text(maximum=60)
    lab_name = text(maximum=200)
    programme = text(maximum=200)


class Arrangement(Strict):
    """What the laboratory agreed with the applicant."""

    plan = text(maximum=1000)
    samples = fields.Integer(required=True, strict=True, validate=validate.Range(min=1, max=100))


class Sample(Strict):
    serial = text(maximum=60)
    model = text(maximum=100)
    software = fields.Nested(Software)
    seals = text(maximum=200)


class SamplesReceipt(Strict):
    samples = fields.List(fields.Nested(Sample), required=True, validate=validate.Length(min=1, max=100))
    documents = fields.List(text(maximum=200), required=True, validate=validate.Length(min=1, max=50))


class Conditions(Strict):
    temperature = fields.Nested(Measure, required=True)
    humidity = fields.Nested(Measure, required=True)


class Equipment(Strict):
    asset = text(maximum=100)
    calibrated_until = fields.Date(required=True)


class WeighingPoint(Strict):
    """One point of R 76-1 A.4.4: load, indication, and the weights added until the indication flips by one e."""

    load_ = fields.Nested(Measure, required=True, data_key="load")
    indication = fields.Nested(Measure, required=True)
    added = fields.Nested(Measure, required=True)
    verdict = choice("pass", "fail", "indeterminate", required=False)


class TestRecord(Strict):
    """One test item of one prototype. The service computes errors and verdicts; a verdict that is sent is checked."""

    item = text(maximum=60)
    name = text(maximum=100)
    serial = text(maximum=60)
    occasion = choice("initial", "repeat_incident", "retest_after_modification")
    """Why the test was made: the reason of every repeated test belongs in the report (R 60-2, 2.3)."""
    accuracy_class = choice(*ACCURACY_CLASSES)
    scale_interval = fields.Nested(Measure, required=True)
    zero_error = fields.Nested(Measure)
    expanded_uncertainty = fields.Nested(Measure)
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

    number = text(maximum=60)
    conclusion = choice("pass", "fail")
    synopsis = text()


class Check(Strict):
    """What the reviewer 核验 or the authorised signatory 批准人 says."""

    opinion = text(maximum=1000)


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
