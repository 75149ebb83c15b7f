"""What type approval tells: the data of its events."""

from __future__ import annotations

from marshmallow import fields

from services.instruments import ScopeLine
from services.type_approval.schemas import CONCLUSIONS
from shared.permits.events import Party, PermitCancelled, PermitChange, PermitEnded, Reasoned
from shared.schemas import EventData, choice


class ApplicationReceived(EventData):
    procedure = fields.String(required=True)
    rules = fields.String(required=True)
    applicant = fields.Nested(Party, required=True)
    lines = fields.List(fields.Nested(ScopeLine), required=True)


class EvaluationCommissioned(EventData):
    lab = fields.String(required=True)
    lab_name = fields.String(required=True)
    programme = fields.String(required=True)
    items = fields.List(fields.String())
    """The tests that an accepted OIML certificate leaves; all of the programme if not said."""
    route = fields.String()
    """What the evaluation is: see ROUTES."""


class CommissionWithdrawn(Reasoned):
    lab = fields.String(required=True)


class EvaluationArranged(EventData):
    plan = fields.String(required=True)


class EvaluationRearranged(Reasoned):
    plan = fields.String(required=True)


class SamplesReceived(EventData):
    samples = fields.Integer(required=True)


class SamplesCorrected(Reasoned):
    samples = fields.Integer(required=True)


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


class CertificateEnded(PermitEnded):
    certificate = fields.String(required=True)


class CertificateCancelled(PermitCancelled):
    certificate = fields.String(required=True)


class CertificateRestored(Reasoned):
    """The act that had ended the certificate, or closed the register on it, was revoked."""

    certificate = fields.String(required=True)


class CertificateChange(PermitChange):
    certificate = fields.String(required=True)


class CertificateCorrected(CertificateChange, Reasoned):
    """What an error was corrected to, and why."""


class CertificateNote(Reasoned):
    """Something about the certificate, and why: `certificate.change_refused`, and what was taken back."""

    certificate = fields.String(required=True)
