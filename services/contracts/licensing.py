"""What licensing tells: the data of its events."""

from __future__ import annotations

from typing import TYPE_CHECKING

from marshmallow import fields

from services.contracts import conclusions
from services.instruments import ScopeLine
from shared.permits import events as permits
from shared.permits.events import (
    Applied,
    Reasoned,
)
from shared.schemas import EventData, choice

if TYPE_CHECKING:
    from collections.abc import Mapping


class ApplicationLodged(Applied):
    """Lodged ahead: `awaits` are the type approval applications it waits for."""

    awaits = fields.List(fields.String(), required=True)
    renews = fields.String()
    amends = fields.String()


class ApplicationReceived(Applied):
    """See Applied."""

    lines = fields.List(fields.Nested(ScopeLine), required=True)
    renews = fields.String()
    amends = fields.String()


class ApplicationTransferred(Reasoned):
    """`office` decides it from now on; `referred_to` is its name, `by` that of the one before."""

    office = fields.String(required=True)
    referred_to = fields.String(required=True)
    by = fields.String(required=True)


class ToExperts(EventData):
    """`experts` are whom of the team it concerns, by their codes in the register; teams of earlier releases have
    none."""

    experts = fields.List(fields.String())


class ReasonedToExperts(Reasoned, ToExperts):
    """See both."""


class TerminatedToExperts(permits.Terminated, ToExperts):
    """See both."""


class OfTeam(ToExperts):
    """`members` are the codes of the team from now on, the leader first; who was not drawn has none."""

    members = fields.List(fields.String())


class AssessmentPlanned(OfTeam):
    team = fields.List(fields.String(), required=True)
    planned_from = fields.Date(required=True)
    planned_to = fields.Date(required=True)


class AssessmentReplanned(AssessmentPlanned, Reasoned):
    """Another plan, or other assessors."""


class OfRequest(Reasoned):
    """`request` is the number of the request that an assessor stand aside, if it is about one; those of earlier
    releases name none."""

    request = fields.Integer()


class AssessorReplaced(OfRequest, OfTeam):
    """An assessor stands aside, or takes the seat again; `instead` comes."""

    aside = fields.String(required=True)
    instead = fields.String(required=True)


class AssessmentCancelled(Reasoned, OfTeam):
    """Nobody is of the team any more."""


class AssessmentReported(ToExperts):
    report = fields.String(required=True)
    conclusion = choice(*conclusions.ASSESSMENT)
    reason = fields.String()


class RecusalTold(OfRequest):
    """The applicant asked that an assessor stand aside, or the office rejected that; `reason` is theirs."""

    assessor = fields.String(required=True)


class RectificationReported(ToExperts):
    """The applicant says what was rectified, which the team has yet to verify."""

    done = fields.String(required=True)


class FeedbackGiven(EventData):
    """The applicant has said what they think of the team; what, only the office reads."""

    reason = fields.String()


class LicenceEntered(permits.PermitEntered):
    licence = fields.String(required=True)
    valid_until = fields.Date(required=True)


class LicenceGranted(EventData):
    licence = fields.String(required=True)
    holder = fields.String(required=True)
    valid_until = fields.Date(required=True)
    lines = fields.List(fields.Nested(ScopeLine), required=True)


class RenewalGranted(ToExperts):
    """Told of the renewal's own case; of the licence's case `licence.renewed` is told. `experts`: of one granted by
    silence, whose assessment is over."""

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


class AmendmentGranted(EventData):
    """Told of the amendment's own case; of the licence's case `licence.amended` is told."""

    licence = fields.String(required=True)
    holder = fields.String(required=True)
    zh = fields.String(required=True)
    en = fields.String(required=True)


class LicenceAmended(EventData):
    """New items or other conditions; `application` is the one they were granted on, `kind` its kind."""

    licence = fields.String(required=True)
    application = fields.String(required=True)
    kind = fields.String(required=True)


class ContractReported(EventData):
    """The holder makes instruments for a `client`; `number` is that of the contract in the list of the licence."""

    licence = fields.String(required=True)
    number = fields.Integer(required=True)
    client = fields.String(required=True)


class ContractEnded(Reasoned):
    """It does so no more, or never did."""

    licence = fields.String(required=True)
    number = fields.Integer(required=True)


class ApprovalLost(EventData):
    """Type approvals under these lines of the licence have ended. The office decides; nothing lapses automatically."""

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


EVENTS: Mapping[str, type[EventData]] = {
    **permits.EVENTS,
    "application.lodged": ApplicationLodged,
    "application.received": ApplicationReceived,
    "application.returned": EventData,
    "application.withdrawn": ToExperts,
    "application.terminated": TerminatedToExperts,
    "application.reopened": ReasonedToExperts,
    "application.transferred": ApplicationTransferred,
    "assessment.planned": AssessmentPlanned,
    "assessment.replanned": AssessmentReplanned,
    "assessment.assessor_replaced": AssessorReplaced,
    "assessment.assessor_reinstated": AssessorReplaced,
    "assessment.recusal_requested": RecusalTold,
    "assessment.recusal_request_withdrawn": OfRequest,
    "assessment.recusal_granted": AssessorReplaced,
    "assessment.recusal_settled": AssessorReplaced,
    "assessment.recusal_rejected": RecusalTold,
    "assessment.recusal_reopened": OfRequest,
    "assessment.cancelled": AssessmentCancelled,
    "assessment.withdrawn": ReasonedToExperts,
    "assessment.verification_withdrawn": ReasonedToExperts,
    "assessment.rectification_requested": AssessmentReported,
    "assessment.rectification_reported": RectificationReported,
    "assessment.rectification_report_withdrawn": ReasonedToExperts,
    "assessment.reported": AssessmentReported,
    "assessment.failed": ReasonedToExperts,
    "assessment.feedback_given": FeedbackGiven,
    "licence.granted": LicenceGranted,
    "licence.entered": LicenceEntered,
    "licence.entered_as_ended": LicenceEntered,
    "licence.entry_taken_back": permits.numbered("licence", permits.PermitNote),
    **permits.of_permit("licence"),
    "renewal.granted": RenewalGranted,
    "licence.renewed": LicenceRenewed,
    "amendment.granted": AmendmentGranted,
    "licence.amended": LicenceAmended,
    "licence.approval_lost": ApprovalLost,
    "licence.approval_regained": ApprovalRegained,
    "licence.approval_settled": ApprovalSettled,
    "licence.contract_reported": ContractReported,
    "licence.contract_ended": ContractEnded,
}
