"""What the events of intake and decision tell, the same for all permits."""

from __future__ import annotations

from functools import cache

from marshmallow import fields, validate

from shared.casework.facts import Person
from shared.schemas import EventData, Strict


class Party(Strict):
    """An applicant as events name it: all that others keep of it."""

    code = fields.String(required=True)
    name = fields.String(required=True)
    email = fields.String(required=True)


class Applied(EventData):
    """An application that is told of first; `office` decides it: the id of the office, not in events of earlier
    releases."""

    procedure = fields.String(required=True)
    rules = fields.String(required=True)
    office = fields.String()
    applicant = fields.Nested(Party, required=True)


class Accepted(EventData):
    """`deemed`: by the authority's silence; `on` is then the day of receipt."""

    deemed = fields.Boolean()


class Extended(EventData):
    working_days = fields.Integer(required=True)
    reason = fields.String(required=True)
    approver = fields.String(required=True)


class Reasoned(EventData):
    """`reason`, where the law gave it, has both languages, and then `reason_zh` and `reason_en` have one each."""

    reason = fields.String(required=True)
    reason_zh = fields.String()
    reason_en = fields.String()


class Terminated(Reasoned):
    """By law, `basis` is in each language too."""

    ground = fields.String(required=True)
    basis = fields.String(required=True)
    basis_zh = fields.String()
    basis_en = fields.String()


class Assigned(EventData):
    """Without `assignee`, nobody handles the case any more."""

    assignee = fields.Nested(Person)


class SupplementRequested(EventData):
    items = fields.List(fields.String(), required=True)


class Supplemented(EventData):
    """The application as it is now; `applicant` is not in events of earlier releases."""

    applicant = fields.Nested(Party)
    lines = fields.List(fields.Dict(), required=True)


class PermitEnded(EventData):
    """`ground` is one of `life.ENDS`, `zh` and `en` its name. `on` is the day the permit ended; one that expired was
    still in force on it. `barred_until` as of a refusal. `office`: the one above that revoked it, if it was not the one
    that granted it. `asked`: what others were asked for about it and need not do any more. `reason` as of Reasoned."""

    ground = fields.String(required=True)
    zh = fields.String(required=True)
    en = fields.String(required=True)
    reason = fields.String()
    reason_zh = fields.String()
    reason_en = fields.String()
    barred_until = fields.Date()
    office = fields.String()
    asked = fields.List(fields.String())


class PermitRestored(Reasoned):
    """The act that had ended a permit was revoked. `office` as of the end. `asked`: what others were asked for before
    and are to do after all."""

    office = fields.String()
    asked = fields.List(fields.String())


class EarlierEnd(EventData):
    """How a permit had ended before it was entered; it has no `state` of its own."""

    state = fields.String()
    zh = fields.String(required=True)
    en = fields.String(required=True)


class PermitEntered(EventData):
    """A permit was entered from a historic register; `ended`, if it had ended before."""

    procedure = fields.String(required=True)
    rules = fields.String(required=True)
    applicant = fields.Nested(Party, required=True)
    lines = fields.List(fields.Dict(), required=True)
    ended = fields.Nested(EarlierEnd)


class PermitCancelled(EventData):
    """注销: the register is closed on a permit that had ended on `ground` before."""

    ground = fields.String(required=True)
    zh = fields.String(required=True)
    en = fields.String(required=True)


class PermitChange(EventData):
    """What the holder reports of a permit, or what its document says from now on: who holds it, where, and all places
    of manufacture."""

    name = fields.String()
    address = fields.String()
    places_of_manufacture = fields.List(fields.String())


class TimeNoticeReplaced(Reasoned):
    notice = fields.String(required=True)
    needed = fields.String(required=True)


class HearingRecordCorrected(Reasoned):
    record = fields.String(required=True)


class Referred(EventData):
    referred_to = fields.String(required=True)


class TimeNoticeServed(EventData):
    notice = fields.String(required=True)
    needed = fields.String(required=True)


class HearingRightTold(EventData):
    notice = fields.String(required=True)


class HearingRequested(Reasoned):
    """`asked_by`: applicant or interested_party."""

    asked_by = fields.String(required=True)


class HearingOrdered(EventData):
    notice = fields.String(required=True)
    reason = fields.String(required=True)
    held_on = fields.Date(required=True)
    place = fields.String(required=True)


class HearingClosed(EventData):
    record = fields.String(required=True)


class Reviewed(EventData):
    recommendation = fields.String(required=True)


class Refused(EventData):
    """`barred_until`: the last day on which the applicant may not apply again, if the decision bars."""

    reason = fields.String(required=True)
    norms = fields.List(fields.String(), required=True)
    barred_until = fields.Date()


class NoticeIssued(EventData):
    """A notice's document is made; `sha256` is that of the PDF."""

    notice = fields.String(required=True)
    kind = fields.String(required=True)
    sha256 = fields.String(required=True)


class DocumentInfected(EventData):
    """The virus scanner found malware in a document that the `sender` is to send again."""

    document = fields.UUID(required=True)
    kind = fields.String(required=True)
    name = fields.String(required=True)
    size = fields.Integer(required=True)
    sha256 = fields.String(required=True)
    replaces = fields.UUID()
    sender = fields.String(required=True, validate=validate.OneOf(["applicant", "laboratory", "authority"]))


class Delivered(EventData):
    receipt = fields.String(required=True)


EVENTS: dict[str, type[EventData]] = {
    "application.accepted": Accepted,
    "application.supplement_requested": SupplementRequested,
    "application.supplemented": Supplemented,
    "application.corrected": Supplemented,
    "application.acceptance_revoked": Reasoned,
    "application.supplement_withdrawn": Reasoned,
    "application.reopened": Reasoned,
    "application.not_required": Reasoned,
    "application.not_accepted": Referred,
    "application.withdrawn": EventData,
    "application.terminated": Terminated,
    "decision.extended": Extended,
    "decision.extension_withdrawn": Reasoned,
    "decision.recalled": Reasoned,
    "case.assigned": Assigned,
    "time_notice.served": TimeNoticeServed,
    "time_notice.replaced": TimeNoticeReplaced,
    "time_notice.withdrawn": Reasoned,
    "hearing.right_told": HearingRightTold,
    "hearing.right_withdrawn": Reasoned,
    "hearing.requested": HearingRequested,
    "hearing.request_withdrawn": Reasoned,
    "hearing.ordered": HearingOrdered,
    "hearing.corrected": HearingOrdered,
    "hearing.cancelled": Reasoned,
    "hearing.record_corrected": HearingRecordCorrected,
    "hearing.closed": HearingClosed,
    "application.reviewed": Reviewed,
    "application.sent_back": EventData,
    "application.refused": Refused,
    "refusal.delivered": Delivered,
    "refusal.revoked": Reasoned,
    "delivery.cancelled": Reasoned,
    "notice.issued": NoticeIssued,
    "document.infected": DocumentInfected,
}


class PermitIssued(EventData):
    """The permit's document is made, in its `issue`-th version; `sha256` is that of the PDF."""

    issue = fields.Integer(required=True)
    sha256 = fields.String(required=True)


class PermitNote(Reasoned):
    """Something about the permit, and why: an act was taken back."""


class ChangeReportWithdrawn(Reasoned):
    """`asked` as of the end of a permit."""

    asked = fields.List(fields.String())


class PermitChangeRefused(PermitNote):
    """See ChangeReportWithdrawn."""

    asked = fields.List(fields.String())


class PermitCorrected(PermitChange, Reasoned):
    """What an error was corrected to, and why."""


def of_permit(permit: str) -> dict[str, type[EventData]]:
    """The events in the life of a permit that events call `permit`: each tells its number in the field of that name."""
    told = {
        "issued": PermitIssued,
        "delivered": Delivered,
        "ended": PermitEnded,
        "cancelled": PermitCancelled,
        "restored": PermitRestored,
        "cancellation_withdrawn": PermitNote,
        "change_reported": PermitChange,
        "change_report_withdrawn": ChangeReportWithdrawn,
        "changed": PermitChange,
        "change_refused": PermitChangeRefused,
        "change_taken_back": PermitNote,
        "corrected": PermitCorrected,
        "correction_taken_back": PermitNote,
    }
    return {
        f"{permit}.{what}": numbered(permit, data) if data.__name__.startswith("Permit") else data
        for what, data in told.items()
    }


@cache
def numbered(permit: str, data: type[EventData]) -> type[EventData]:
    """The schema, with the number of the permit in the field that is called `permit`."""
    own = {"__doc__": data.__doc__, "__module__": data.__module__, permit: fields.String(required=True)}
    return type(data.__name__.replace("Permit", permit.capitalize()), (data,), own)
