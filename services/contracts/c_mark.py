"""What the service of the C mark tells: the data of its events."""

from __future__ import annotations

from marshmallow import fields

from shared.permits import events as permits
from shared.permits.events import Applied, Party, Reasoned
from shared.schemas import Answer, EventData, choice


class GoodsLine(Answer):
    """Goods that the mark is for; see `services.c_mark.form.Goods`."""

    name = fields.String(required=True)
    least = fields.String(required=True)
    most = fields.String(required=True)
    packed_at = fields.String(required=True)


class ApplicationReceived(Applied):
    """See Applied."""

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


class MarkAmended(MarkEvent, Reasoned):
    """Who declared it says something else; `applicant` and `lines` are as they are now."""

    applicant = fields.Nested(Party, required=True)
    lines = fields.List(fields.Nested(GoodsLine), required=True)


class MarkChecked(MarkEvent):
    findings = fields.String(required=True)


class CorrectionReported(MarkEvent):
    done = fields.String(required=True)


EVENTS: dict[str, type[EventData]] = {
    **permits.EVENTS,
    "application.received": ApplicationReceived,
    "assessment.reported": Assessed,
    "assessment.withdrawn": Reasoned,
    "mark.declared": MarkDeclared,
    "mark.granted": MarkGranted,
    **permits.of_permit("mark"),
    "mark.amended": MarkAmended,
    "mark.found_in_order": MarkChecked,
    "mark.correction_ordered": MarkChecked,
    "mark.correction_reported": CorrectionReported,
    "mark.check_withdrawn": permits.numbered("mark", permits.PermitNote),
}
