"""What the service of the C mark tells: the data of its events."""

from __future__ import annotations

from marshmallow import fields

from shared.permits.events import EVENTS as OF_CASES
from shared.permits.events import Delivered, Party, PermitCancelled, PermitChange, PermitEnded, PermitRestored, Reasoned
from shared.schemas import Answer, EventData, choice


class GoodsLine(Answer):
    """Goods that the mark is for; see `services.c_mark.form.Goods`."""

    name = fields.String(required=True)
    least = fields.String(required=True)
    most = fields.String(required=True)
    packed_at = fields.String(required=True)


class ApplicationReceived(EventData):
    procedure = fields.String(required=True)
    rules = fields.String(required=True)
    office = fields.String()
    applicant = fields.Nested(Party, required=True)
    lines = fields.List(fields.Nested(GoodsLine), required=True)
    renews = fields.String()


class Assessed(EventData):
    report = fields.String(required=True)
    conclusion = choice("pass", "fail")


class MarkEvent(EventData):
    mark = fields.String(required=True)


class MarkDeclared(ApplicationReceived, MarkEvent):
    """Declared, and public from that moment."""


class MarkGranted(MarkEvent):
    holder = fields.String(required=True)
    valid_until = fields.Date(required=True)
    lines = fields.List(fields.Nested(GoodsLine), required=True)


class MarkIssued(MarkEvent):
    """The mark's document is made, in its `issue`-th version; `sha256` is that of the PDF."""

    issue = fields.Integer(required=True)
    sha256 = fields.String(required=True)


class MarkAmended(MarkEvent, Reasoned):
    """Who declared it says something else; `applicant` and `lines` are as they are now."""

    applicant = fields.Nested(Party, required=True)
    lines = fields.List(fields.Nested(GoodsLine), required=True)


class MarkChecked(MarkEvent):
    findings = fields.String(required=True)


class CorrectionReported(MarkEvent):
    done = fields.String(required=True)


class MarkEnded(PermitEnded, MarkEvent):
    """See PermitEnded."""


class MarkCancelled(PermitCancelled, MarkEvent):
    """See PermitCancelled."""


class MarkRestored(PermitRestored, MarkEvent):
    """See PermitRestored."""


class MarkNote(Reasoned, MarkEvent):
    """Something about the mark, and why: what was taken back, or a change that was refused."""


class MarkChange(PermitChange, MarkEvent):
    """See PermitChange."""


class MarkCorrected(MarkChange, Reasoned):
    """What an error was corrected to, and why."""


EVENTS: dict[str, type[EventData]] = {
    **OF_CASES,
    "application.received": ApplicationReceived,
    "assessment.reported": Assessed,
    "assessment.withdrawn": Reasoned,
    "mark.declared": MarkDeclared,
    "mark.granted": MarkGranted,
    "mark.issued": MarkIssued,
    "mark.delivered": Delivered,
    "mark.amended": MarkAmended,
    "mark.found_in_order": MarkChecked,
    "mark.correction_ordered": MarkChecked,
    "mark.correction_reported": CorrectionReported,
    "mark.check_withdrawn": MarkNote,
    "mark.ended": MarkEnded,
    "mark.cancelled": MarkCancelled,
    "mark.restored": MarkRestored,
    "mark.cancellation_withdrawn": MarkNote,
    "mark.change_reported": MarkChange,
    "mark.change_report_withdrawn": Reasoned,
    "mark.changed": MarkChange,
    "mark.change_refused": MarkNote,
    "mark.change_taken_back": MarkNote,
    "mark.corrected": MarkCorrected,
    "mark.correction_taken_back": MarkNote,
}
