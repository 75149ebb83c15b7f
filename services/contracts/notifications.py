"""The payloads of the events that notifications publishes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from marshmallow import fields, validate

from shared.schemas import Bilingual, EventData

if TYPE_CHECKING:
    from collections.abc import Mapping


class Lawful(EventData):
    """A legal effect of the passing of time, in words, with its legal basis: `basis` in English, `basis_zh` in Chinese,
    which events of earlier releases do not have."""

    zh = fields.String(required=True)
    en = fields.String(required=True)
    basis = fields.String(required=True)
    basis_zh = fields.String()


class OfClock(Lawful):
    clock = fields.UUID(required=True)
    limit = fields.String(required=True)
    holder = fields.String(required=True)
    due_on = fields.Date(required=True)


class ClockFired(OfClock):
    """A rung of a clock's ladder fired: a reminder, the last day, or the breach.

    `weight` distinguishes a statutory limit from a promise of the office. `why` explains a clock started by silence.
    """

    rung = fields.String(required=True)
    weight = fields.String(required=True, validate=validate.OneOf(["statutory", "promised", "internal", "window"]))
    why = fields.Nested(Bilingual)


class ClockExpired(OfClock):
    """A limit ran out without an act, which has a legal effect; the service that owns the case applies it."""

    effect = fields.String(required=True)
    started_on = fields.Date(required=True)


class ClockMoved(OfClock):
    """A newer calendar moves the last day of an open clock. A recorded breach stays."""

    was = fields.Date(required=True)
    provisional = fields.Boolean(required=True)
    breach_recorded = fields.Boolean(required=True)
    calendar = fields.String(required=True)
    why = fields.Nested(Bilingual, required=True)
    sources = fields.List(fields.String(), required=True)


class CalendarDay(Bilingual):
    date = fields.Date(required=True)
    off = fields.Boolean(required=True)


class CalendarPublished(EventData):
    """A holiday notice was published. It belongs to no case: its sequence numbers the notices."""

    version = fields.Integer(required=True)
    id = fields.UUID(required=True)
    year = fields.Integer(required=True)
    area = fields.String(required=True)
    days = fields.List(fields.Nested(CalendarDay), required=True)
    sources = fields.List(fields.String(), required=True)
    published_by = fields.String(required=True)
    published_at = fields.AwareDateTime(required=True)


class LawChanged(Lawful):
    """A change of the law has come into force; published once per open case."""

    change = fields.String(required=True)
    kind = fields.String(required=True)
    effective_on = fields.Date(required=True)


EVENTS: Mapping[str, type[EventData]] = {
    "clock.reminded": ClockFired,
    "clock.breached": ClockFired,
    "clock.expired": ClockExpired,
    "clock.moved": ClockMoved,
    "calendar.published": CalendarPublished,
    "law.changed": LawChanged,
}
