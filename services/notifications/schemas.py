"""What notifications tells: event payloads."""

from __future__ import annotations

from marshmallow import fields

from shared.schemas import EventData


class ClockFired(EventData):
    """A rung of a clock's ladder: a reminder, the last day, or the breach."""

    clock = fields.UUID(required=True)
    limit = fields.String(required=True)
    rung = fields.String(required=True)
    holder = fields.String(required=True)
    due_on = fields.Date(required=True)
    zh = fields.String(required=True)
    en = fields.String(required=True)
    basis = fields.String(required=True)
