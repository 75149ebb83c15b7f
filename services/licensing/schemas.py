"""What licensing reads and tells: request bodies and event payloads (Order 104, JJF 1246)."""

from __future__ import annotations

from marshmallow import fields, validate

from services.fields import CreditCode, Measure, Party, ScopeLine, Site, SpecificationLine
from shared.schemas import EventData, Strict, choice, text

RESULTS = ("conform", "minor", "major", "not_applicable")


class Line(SpecificationLine):
    """One instrument the maker wants to make; `type_approval` may name its certificate or running application."""

    standard = text(maximum=100)
    type_approval = text(required=False, maximum=60)


class ProductionEquipment(Strict):
    name = text(maximum=100)
    count = fields.Integer(required=True, strict=True, validate=validate.Range(min=1))


class InspectionEquipment(Strict):
    name = text(maximum=100)
    range = fields.Nested(Measure, required=True)
    calibrated_until = fields.Date(required=True)


class Staff(Strict):
    total = fields.Integer(required=True, strict=True, validate=validate.Range(min=1))
    technical = fields.Integer(required=True, strict=True, validate=validate.Range(min=1))
    inspection = fields.Integer(required=True, strict=True, validate=validate.Range(min=1))


class Form(Strict):
    """制造计量器具许可申请书."""

    kind = choice("first")
    applicant_name = text(maximum=200)
    credit_code = CreditCode(required=True)
    registered_site = fields.Nested(Site, required=True)
    production_sites = fields.List(fields.Nested(Site), required=True, validate=validate.Length(min=1, max=20))
    phone = text(maximum=40)
    email = fields.Email(required=True)
    legal_representative = text(maximum=60)
    quality_head = text(maximum=60)
    metrology_head = text(maximum=60)
    staff = fields.Nested(Staff, required=True)
    lines = fields.List(fields.Nested(Line), required=True, validate=validate.Length(min=1, max=100))
    production_equipment = fields.List(
        fields.Nested(ProductionEquipment), required=True, validate=validate.Length(min=1, max=200)
    )
    inspection_equipment = fields.List(
        fields.Nested(InspectionEquipment), required=True, validate=validate.Length(min=1, max=200)
    )
    self_assessment = text(maximum=4000)


class Assessor(Strict):
    """考评员."""

    name = text(maximum=60)
    certificate = text(maximum=60)
    employer = text(maximum=200)
    no_interest = fields.Boolean(
        required=True, validate=validate.OneOf([True], error="interest: who has an interest may not assess")
    )


class AssessmentPlan(Strict):
    """Who goes when; at least two assessors (Administrative Licensing Law Art. 34)."""

    team = fields.List(
        fields.Nested(Assessor),
        required=True,
        validate=validate.Length(min=2, max=10, error="too_few: at least two assessors (行政许可法第34条)"),
    )
    leader = text(maximum=60)
    planned_from = fields.Date(required=True)
    planned_to = fields.Date(required=True)


class Finding(Strict):
    clause = text(maximum=60)
    finding = text(maximum=1000)
    result = choice(*RESULTS)
    assessor = text(maximum=60)


class AssessmentReport(Strict):
    """现场考核报告 (JJF 1246, Annex C)."""

    number = text(maximum=60)
    findings = fields.List(fields.Nested(Finding), required=True, validate=validate.Length(min=1, max=500))
    conclusion = choice("pass", "rectify", "fail")


class Rectified(Strict):
    """What the team found when it looked again."""

    report = text(maximum=60)
    verified = text(maximum=2000)


class ApplicationLodged(EventData):
    """Lodged ahead: `awaits` are the type approval applications it waits for."""

    procedure = fields.String(required=True)
    rules = fields.String(required=True)
    applicant = fields.Nested(Party, required=True)
    awaits = fields.List(fields.String(), required=True)


class ApplicationReceived(EventData):
    procedure = fields.String(required=True)
    rules = fields.String(required=True)
    applicant = fields.Nested(Party, required=True)
    lines = fields.List(fields.Nested(ScopeLine), required=True)


class AssessmentPlanned(EventData):
    team = fields.List(fields.String(), required=True)
    planned_from = fields.Date(required=True)
    planned_to = fields.Date(required=True)


class AssessmentReported(EventData):
    report = fields.String(required=True)
    conclusion = fields.String(required=True)


class LicenceGranted(EventData):
    licence = fields.String(required=True)
    holder = fields.String(required=True)
    valid_until = fields.Date(required=True)
    lines = fields.List(fields.Nested(ScopeLine), required=True)
