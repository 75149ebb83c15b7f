"""What type approval tells: the data of its events."""

from __future__ import annotations

from typing import TYPE_CHECKING

from marshmallow import fields

from services.contracts import conclusions
from services.instruments import ScopeLine
from services.mandates import RECORDED, Mandate
from shared.permits import events as permits
from shared.permits.events import (
    Applied,
    Reasoned,
)
from shared.schemas import EventData, choice

if TYPE_CHECKING:
    from collections.abc import Mapping


class ApplicationReceived(Applied):
    """See Applied."""

    lines = fields.List(fields.Nested(ScopeLine), required=True)


class OimlAccepted(EventData):
    oiml = fields.String(required=True)
    items = fields.List(fields.String(), required=True)


class OimlRefused(Reasoned):
    oiml = fields.String(required=True)


class EvaluationCommissioned(EventData):
    lab = fields.String(required=True)
    lab_name = fields.String(required=True)
    programme = fields.String(required=True)
    items = fields.List(fields.String())
    """The tests that an accepted OIML certificate leaves; all of the programme if not said."""
    route = fields.String()
    """What the evaluation is: see ROUTES."""
    programme_zh = fields.String()
    programme_en = fields.String()
    route_zh = fields.String()
    route_en = fields.String()
    """In one language, where `programme` and `route` have both."""


class CommissionWithdrawn(Reasoned):
    lab = fields.String(required=True)


class EvaluationArranged(EventData):
    """`samples`: how many prototypes are asked for; not known of events of earlier releases."""

    plan = fields.String(required=True)
    samples = fields.Integer(required=True, allow_none=True)


class EvaluationRearranged(EvaluationArranged, Reasoned):
    """See EvaluationArranged."""


class ProgrammeWritten(EventData):
    """A programme of the laboratory, by its number and edition; `reason`: of a draft that was changed."""

    programme = fields.String(required=True)
    reason = fields.String()


class ProgrammeApproved(EventData):
    """`items`: how many items it has."""

    programme = fields.String(required=True)
    items = fields.Integer(required=True)


class ProgrammeWithdrawn(Reasoned):
    programme = fields.String(required=True)


class SamplesReceived(EventData):
    samples = fields.Integer(required=True)


class SamplesCorrected(Reasoned):
    samples = fields.Integer(required=True)


class SamplesHandedOver(EventData):
    serials = fields.List(fields.String(), required=True)
    place = fields.String(required=True)
    to = fields.String(required=True)


class SamplesNote(Reasoned):
    serials = fields.List(fields.String(), required=True)


class SamplesDisposed(EventData):
    serials = fields.List(fields.String(), required=True)
    outcome = fields.String(required=True)


class ArchiveDue(Reasoned):
    """The records of the evaluation need not be kept any longer; `report` is the number of the report."""

    report = fields.String(required=True)


class ArchiveReleased(EventData):
    disposed = fields.String(required=True)


class DocumentsTold(EventData):
    """`items` says of each document, in words of both languages, what was done; `items_zh` and `items_en` in one."""

    items = fields.List(fields.String(), required=True)
    items_zh = fields.List(fields.String())
    items_en = fields.List(fields.String())


class DocumentsReviewed(DocumentsTold):
    """`items`: each document with its verdict."""


class DocumentReviewChanged(DocumentsReviewed, Reasoned):
    """Verdicts that take the place of earlier ones, and why."""


class DocumentsCorrected(DocumentsTold):
    """`items`: each document of which the applicant sent a new version."""


class TestRecorded(EventData):
    """`supersedes` and `reason`: of a record that corrects the one with that number."""

    item = fields.String(required=True)
    verdict = fields.String(required=True)
    supersedes = fields.Integer()
    reason = fields.String()


class TestVoided(Reasoned):
    number = fields.Integer(required=True)
    item = fields.String(required=True)


class NonconformityFound(EventData):
    items = fields.List(fields.String(), required=True)


class EvaluationImproved(EventData):
    serials = fields.List(fields.String(), required=True)


class ReportDrafted(EventData):
    report = fields.String(required=True)


class ReportIssued(EventData):
    report = fields.String(required=True)
    conclusion = choice(*conclusions.EVALUATION)
    sha256 = fields.String(required=True)


class ReportWithdrawn(Reasoned):
    """`items`: all that is missing or wrong; not in events of earlier releases."""

    items = fields.List(fields.String())


class CertificateGranted(EventData):
    """`replaces` is the number of the certificate that this one takes the place of."""

    certificate = fields.String(required=True)
    replaces = fields.String()
    holder = fields.String(required=True)
    lines = fields.List(fields.Nested(ScopeLine), required=True)


class ChangeDeclared(EventData):
    certificate = fields.String(required=True)
    change = fields.String(required=True)


class ChangeAssessed(ChangeDeclared):
    """`affects`: the changed instrument is a new product, which needs an approval of its own."""

    affects = fields.Boolean(required=True)
    opinion = fields.String(required=True)
    zh = fields.String(required=True)
    en = fields.String(required=True)


class ConformityCheckRequested(EventData):
    """`places`: the reported places of manufacture, in one line."""

    certificate = fields.String(required=True)
    matter = fields.String(required=True)
    places = fields.String(required=True)


class ConformityReported(EventData):
    """`report` is the number of the laboratory's report."""

    certificate = fields.String(required=True)
    conforms = fields.Boolean(required=True)
    report = fields.String(required=True)
    findings = fields.String(required=True)
    zh = fields.String(required=True)
    en = fields.String(required=True)


class LaboratoryNamed(Reasoned):
    """Another laboratory does what is asked about the certificate. `checker` is the one that the office named, empty
    where that is the one that evaluated; `former` the one that was named before."""

    certificate = fields.String(required=True)
    checker = fields.String(required=True)
    lab_name = fields.String(required=True)
    former = fields.String()


class LaboratoryWithdrawn(Reasoned):
    """The laboratory that the office had named has no part in the case any more. `checker` is empty."""

    certificate = fields.String(required=True)
    checker = fields.String(required=True)
    former = fields.String()


class OrderIssued(Reasoned):
    certificate = fields.String(required=True)
    act = fields.String(required=True)
    measures = fields.List(fields.String(), required=True)
    zh = fields.String(required=True)
    en = fields.String(required=True)


class MandateRecorded(EventData):
    """A version of a holder's mandate for an agent, as the register of type approval has it; `state` is what recorded
    it, `supersedes` the version that it corrects. Its case is the entry of the register."""

    holder = fields.String(required=True)
    since = fields.Date(required=True)
    ended = fields.Boolean(required=True)
    supersedes = fields.Integer()
    content = fields.Nested(Mandate, required=True)


EVENTS: Mapping[str, type[EventData]] = {
    RECORDED: MandateRecorded,
    **permits.EVENTS,
    "application.received": ApplicationReceived,
    "oiml.accepted": OimlAccepted,
    "oiml.refused": OimlRefused,
    "oiml.examination_withdrawn": Reasoned,
    "evaluation.commissioned": EvaluationCommissioned,
    "evaluation.commission_withdrawn": CommissionWithdrawn,
    "evaluation.commission_declined": CommissionWithdrawn,
    "evaluation.arranged": EvaluationArranged,
    "evaluation.rearranged": EvaluationRearranged,
    "programme.written": ProgrammeWritten,
    "programme.changed": ProgrammeWritten,
    "programme.approved": ProgrammeApproved,
    "programme.withdrawn": ProgrammeWithdrawn,
    "samples.received": SamplesReceived,
    "samples.corrected": SamplesCorrected,
    "samples.receipt_cancelled": Reasoned,
    "samples.handed_over": SamplesHandedOver,
    "samples.handover_cancelled": SamplesNote,
    "samples.disposed": SamplesDisposed,
    "samples.disposal_cancelled": SamplesNote,
    "archive.due": ArchiveDue,
    "archive.released": ArchiveReleased,
    "documents.reviewed": DocumentsReviewed,
    "documents.faulted": DocumentsReviewed,
    "documents.corrected": DocumentsCorrected,
    "documents.review_changed": DocumentReviewChanged,
    "test.recorded": TestRecorded,
    "test.voided": TestVoided,
    "evaluation.nonconformity_found": NonconformityFound,
    "evaluation.improved": EvaluationImproved,
    "evaluation.failed": Reasoned,
    "evaluation.nonconformity_withdrawn": Reasoned,
    "evaluation.improvement_cancelled": Reasoned,
    "report.drafted": ReportDrafted,
    "report.checked": ReportDrafted,
    "report.issued": ReportIssued,
    "report.returned": Reasoned,
    "report.withdrawn": ReportWithdrawn,
    "report.recalled": Reasoned,
    "certificate.granted": CertificateGranted,
    "certificate.entered": permits.numbered("certificate", permits.PermitEntered),
    "certificate.entered_as_ended": permits.numbered("certificate", permits.PermitEntered),
    "certificate.entry_taken_back": permits.numbered("certificate", permits.PermitNote),
    **permits.of_permit("certificate"),
    "certificate.change_declared": ChangeDeclared,
    "certificate.change_declared_to_office": ChangeDeclared,
    "certificate.declared_change_withdrawn": Reasoned,
    "certificate.change_assessed": ChangeAssessed,
    "certificate.opinion_withdrawn": permits.numbered("certificate", permits.PermitNote),
    "certificate.office_opinion_withdrawn": permits.numbered("certificate", permits.PermitNote),
    "certificate.conformity_check_requested": ConformityCheckRequested,
    "certificate.conformity_check_withdrawn": permits.numbered("certificate", permits.PermitNote),
    "certificate.conformity_check_declined": permits.numbered("certificate", permits.PermitNote),
    "certificate.conformity_reported": ConformityReported,
    "certificate.conformity_report_withdrawn": permits.numbered("certificate", permits.PermitNote),
    "certificate.conformity_check_set_aside": permits.numbered("certificate", permits.PermitNote),
    "certificate.laboratory_named": LaboratoryNamed,
    "certificate.opinion_referred": LaboratoryNamed,
    "certificate.laboratory_withdrawn": LaboratoryWithdrawn,
    "certificate.order_issued": OrderIssued,
    "certificate.order_lifted": OrderIssued,
}
