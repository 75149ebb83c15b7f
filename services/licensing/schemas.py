"""What licensing reads and tells: request bodies and event payloads (Order 104, JJF 1246)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from services.fields import CreditCode, Measure, Party, ScopeLine, Site, SpecificationLine
from shared.schemas import EventData, Strict, choice, text

if TYPE_CHECKING:
    from collections.abc import Mapping

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

    kind = choice("first", "renewal")
    renews = text(required=False, maximum=60, metadata={"description": "许可证编号 number of the licence to renew"})
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

    @validates_schema(skip_on_field_errors=False)
    def renewal_names_a_licence(self, data: Mapping[str, Any], *, partial: Any, **_kwargs: object) -> None:
        kind = data.get("kind")
        if kind == "renewal" and "renews" not in data and not partial:
            raise ValidationError("missing: a renewal names the licence it is for", "renews")
        if kind == "first" and "renews" in data:
            raise ValidationError("not_for_first: only a renewal names a licence", "renews")


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


class LicensedLine(ScopeLine):
    """A line of a licence: the instrument, the type approval it lies inside, and the standard it is made to."""

    type_approval = fields.String(metadata={"example": "2013F101-22"})
    standard = fields.String(required=True, metadata={"example": "GB/T 7722-2005"})


class Term(Schema):
    """A term of a licence, first and last day, and the application it was granted on."""

    kind = choice("granted", "renewed", "deemed_renewed")
    begins = fields.Date(required=True, data_key="from", metadata={"example": "2014-02-18"})
    until = fields.Date(required=True, metadata={"example": "2017-02-18"})
    application = fields.String(required=True, metadata={"example": "ML-2013-00001"})


class End(Schema):
    """How a licence ended: on which day and ground, with the reason told."""

    ground = fields.String(required=True, metadata={"example": "REVOKED"})
    zh = fields.String(required=True, metadata={"example": "撤销"})
    en = fields.String(required=True, metadata={"example": "revoked"})
    on = fields.Date(required=True, metadata={"example": "2015-06-01"})
    reason = fields.String(metadata={"example": "考核程序违法"})
    fault = fields.String(metadata={"description": "REVOKED: authority 行政机关 | holder 被许可人"})
    compensation = fields.String(metadata={"description": "WITHDRAWN: 补偿"})
    penalty_case = fields.String(metadata={"description": "PENALTY: 处罚决定书文号"})
    cause = fields.String(metadata={"description": "CANCELLED: HOLDER_GONE | FORCE_MAJEURE | OTHER_BY_LAW"})


class Licence(Schema):
    """制造计量器具许可证 as anybody may read it, with what it is now."""

    number = fields.String(required=True, metadata={"example": "吉制00000001号"})
    title = fields.Dict(required=True)
    holder = fields.Dict(required=True)
    places_of_manufacture = fields.List(fields.String(), required=True)
    lines = fields.List(fields.Nested(LicensedLine), required=True)
    authority = fields.String(required=True)
    granted_on = fields.Date(required=True)
    valid_until = fields.Date(required=True)
    application = fields.String(required=True)
    terms = fields.List(fields.Nested(Term), required=True)
    status = fields.String(required=True, metadata={"example": "valid"})
    ended = fields.Nested(End)
    cancelled_on = fields.Date(metadata={"description": "注销日期"})


class ByLaw(Strict):
    """What the law itself does, on a day that need not be today."""

    on = fields.Date(required=True)


class Renewed(ByLaw):
    """The new term of a licence; `application` is the renewal it was granted on."""

    application = text(maximum=60)
    valid_until = fields.Date(required=True)
    deemed = fields.Boolean(required=True)


class Revocation(Strict):
    """撤销 (Administrative Licensing Law Art. 69): whose fault it was that the licence could be had. Damages are owed
    where the authority was at fault, none to who got it by deceit or bribery."""

    fault = choice("authority", "holder")


class Withdrawal(Strict):
    """撤回 (Art. 8): a lawful licence taken back because law or circumstances changed; the loss is compensated."""

    compensation = text(maximum=2000)


class Penalty(Strict):
    """吊销 is a penalty, not a licensing act: the decision lies in its own case."""

    penalty_case = text(maximum=60)


class Cancellation(Strict):
    """注销 of a licence that nothing else has ended (Art. 70): the holder is gone, force majeure, another law."""

    cause = choice("HOLDER_GONE", "FORCE_MAJEURE", "OTHER_BY_LAW")


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


class AssessmentReported(EventData):
    report = fields.String(required=True)
    conclusion = fields.String(required=True)


class LicenceGranted(EventData):
    licence = fields.String(required=True)
    holder = fields.String(required=True)
    valid_until = fields.Date(required=True)
    lines = fields.List(fields.Nested(ScopeLine), required=True)


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


class LicenceEnded(EventData):
    """`ground` is one of `rules.ENDS`, `zh` and `en` its name. `on` is the day the licence ended; one that expired was
    still in force on it."""

    licence = fields.String(required=True)
    ground = fields.String(required=True)
    zh = fields.String(required=True)
    en = fields.String(required=True)
    reason = fields.String()


class LicenceCancelled(EventData):
    """注销: the register is closed on a licence that had ended on `ground` before."""

    licence = fields.String(required=True)
    ground = fields.String(required=True)
    zh = fields.String(required=True)
    en = fields.String(required=True)
