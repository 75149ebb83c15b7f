"""The event catalogue: publishers, consumers, and the schema of each event's data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services.earlier import LINE_VERSIONS, with_new_lines
from services.licensing import events as licensing
from services.notifications import events as notifications
from services.type_approval import custody, oiml, review, standing
from services.type_approval import events as type_approval
from shared.messaging.topology import Topology
from shared.messaging.versions import Versions
from shared.permits import events as casework
from shared.schemas import EventData

if TYPE_CHECKING:
    from collections.abc import Mapping

TOPOLOGY = Topology(
    consumers={
        "type_approval": ("licensing", "notifications"),
        "licensing": ("notifications",),
        "notifications": ("type_approval", "licensing"),
    }
)
"""A consumer gets all events of the services it reads, so that it can detect gaps; it ignores those it does not
need."""

EVENTS: Mapping[str, Mapping[str, type[EventData]]] = {
    "type_approval": {
        **casework.EVENTS,
        "application.received": type_approval.ApplicationReceived,
        "oiml.accepted": oiml.OimlAccepted,
        "oiml.refused": oiml.OimlRefused,
        "oiml.examination_withdrawn": casework.Reasoned,
        "evaluation.commissioned": type_approval.EvaluationCommissioned,
        "evaluation.commission_withdrawn": type_approval.CommissionWithdrawn,
        "evaluation.commission_declined": type_approval.CommissionWithdrawn,
        "evaluation.arranged": type_approval.EvaluationArranged,
        "evaluation.rearranged": type_approval.EvaluationRearranged,
        "samples.received": type_approval.SamplesReceived,
        "samples.corrected": type_approval.SamplesCorrected,
        "samples.receipt_cancelled": casework.Reasoned,
        "samples.handed_over": custody.SamplesHandedOver,
        "samples.handover_cancelled": custody.SamplesNote,
        "samples.disposed": custody.SamplesDisposed,
        "samples.disposal_cancelled": custody.SamplesNote,
        "archive.released": custody.ArchiveReleased,
        "documents.reviewed": review.DocumentsReviewed,
        "documents.faulted": review.DocumentsReviewed,
        "documents.review_changed": review.DocumentReviewChanged,
        "test.recorded": type_approval.TestRecorded,
        "test.voided": type_approval.TestVoided,
        "evaluation.nonconformity_found": type_approval.NonconformityFound,
        "evaluation.improved": type_approval.EvaluationImproved,
        "evaluation.failed": casework.Reasoned,
        "evaluation.nonconformity_withdrawn": casework.Reasoned,
        "evaluation.improvement_cancelled": casework.Reasoned,
        "report.drafted": type_approval.ReportDrafted,
        "report.checked": type_approval.ReportDrafted,
        "report.issued": type_approval.ReportIssued,
        "report.returned": casework.Reasoned,
        "report.withdrawn": casework.Reasoned,
        "certificate.granted": type_approval.CertificateGranted,
        "certificate.issued": type_approval.CertificateIssued,
        "certificate.delivered": casework.Delivered,
        "certificate.ended": type_approval.CertificateEnded,
        "certificate.cancelled": type_approval.CertificateCancelled,
        "certificate.restored": type_approval.CertificateRestored,
        "certificate.cancellation_withdrawn": type_approval.CertificateRestored,
        "certificate.change_declared": standing.ChangeDeclared,
        "certificate.declared_change_withdrawn": casework.Reasoned,
        "certificate.change_assessed": standing.ChangeAssessed,
        "certificate.opinion_withdrawn": type_approval.CertificateNote,
        "certificate.order_issued": standing.OrderIssued,
        "certificate.order_lifted": standing.OrderIssued,
        "certificate.change_reported": type_approval.CertificateChange,
        "certificate.change_report_withdrawn": casework.Reasoned,
        "certificate.changed": type_approval.CertificateChange,
        "certificate.change_refused": type_approval.CertificateNote,
        "certificate.change_taken_back": type_approval.CertificateNote,
        "certificate.corrected": type_approval.CertificateCorrected,
        "certificate.correction_taken_back": type_approval.CertificateNote,
    },
    "licensing": {
        **casework.EVENTS,
        "application.lodged": licensing.ApplicationLodged,
        "application.received": licensing.ApplicationReceived,
        "application.returned": EventData,
        "assessment.planned": licensing.AssessmentPlanned,
        "assessment.replanned": licensing.AssessmentReplanned,
        "assessment.assessor_replaced": licensing.AssessorReplaced,
        "assessment.assessor_reinstated": licensing.AssessorReplaced,
        "assessment.cancelled": casework.Reasoned,
        "assessment.withdrawn": casework.Reasoned,
        "assessment.verification_withdrawn": casework.Reasoned,
        "assessment.rectification_requested": licensing.AssessmentReported,
        "assessment.reported": licensing.AssessmentReported,
        "assessment.failed": casework.Reasoned,
        "assessment.feedback_given": licensing.FeedbackGiven,
        "licence.granted": licensing.LicenceGranted,
        "licence.issued": licensing.LicenceIssued,
        "licence.delivered": casework.Delivered,
        "renewal.granted": licensing.RenewalGranted,
        "licence.renewed": licensing.LicenceRenewed,
        "licence.ended": licensing.LicenceEnded,
        "licence.cancelled": licensing.LicenceCancelled,
        "licence.restored": licensing.LicenceRestored,
        "licence.approval_lost": licensing.ApprovalLost,
        "licence.approval_regained": licensing.ApprovalRegained,
        "licence.approval_settled": licensing.ApprovalSettled,
        "licence.cancellation_withdrawn": licensing.LicenceRestored,
    },
    "notifications": {
        "clock.reminded": notifications.ClockFired,
        "clock.breached": notifications.ClockFired,
        "clock.expired": notifications.ClockExpired,
        "clock.moved": notifications.ClockMoved,
        "calendar.published": notifications.CalendarPublished,
        "law.changed": notifications.LawChanged,
    },
}
"""The schema of an event's data, by source and type."""

_NEWER = {
    (source, type_): version
    for source in ("type_approval", "licensing")
    for type_, version in LINE_VERSIONS.items()
    if type_ in EVENTS[source]
}
VERSIONS = Versions(newest=_NEWER, upcasts=dict.fromkeys(_NEWER, with_new_lines))
"""The versions of events, and how the one before is read."""
