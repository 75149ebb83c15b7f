"""What notifications reads, answers and tells: requests, answers, event payloads."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, validate

from shared.identity import STAFF_POSTS
from shared.schemas import EventData, Strict, instance, text

LANGUAGES = ("zh", "en", "both")


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


class Page(Strict):
    """Which part of a list: follow `next` rather than write it."""

    limit = fields.Integer(
        load_default=50, validate=validate.Range(1, 100), metadata={"description": "entries at most", "example": 50}
    )
    cursor = fields.String(metadata={"description": "as given in `next`"})


class FeedQuery(Strict):
    """`after` is the `sequence` of the last event you have."""

    limit = fields.Integer(
        load_default=100, validate=validate.Range(1, 100), metadata={"description": "events at most", "example": 100}
    )
    after = fields.Integer(
        load_default=0,
        validate=validate.Range(0, 2**63 - 1),
        metadata={"description": "the `sequence` of the last event you have", "example": 0},
    )


class FeedData(Strict):
    """Enough to know whether to look, and where."""

    state = fields.String(required=True, metadata={"description": "of the case, then", "example": "accepted"})
    service = fields.String(required=True, metadata={"description": "whose case it is", "example": "type_approval"})
    href = fields.String(
        required=True,
        metadata={"description": "the case, at that service", "example": "/v1/applications/TA-2013-00001"},
    )


class FeedEvent(Strict):
    """CloudEvents 1.0, JSON."""

    specversion = fields.Constant("1.0")
    id = fields.UUID(required=True)
    source = fields.String(required=True, metadata={"description": "who told it", "example": "type_approval"})
    type = fields.String(required=True, metadata={"example": "application.accepted"})
    subject = fields.String(required=True, metadata={"description": "case number", "example": "TA-2013-00001"})
    time = fields.AwareDateTime(required=True, metadata={"example": "2013-09-22T02:00:00+00:00"})
    sequence = fields.String(required=True, metadata={"description": "its place in the feed", "example": "42"})
    datacontenttype = fields.Constant("application/json")
    data = fields.Nested(FeedData, required=True)


class FeedPage(Strict):
    """`next` is always there: ask it again at once while events come, and after a while when none did."""

    items = fields.List(fields.Nested(FeedEvent), required=True)
    next = fields.String(required=True, metadata={"example": "/v1/events?after=42&limit=100"})


def _email() -> fields.Email:
    return fields.Email(required=True, validate=validate.Length(max=200), metadata={"example": "li@metrology.example"})


def _language() -> fields.String:
    return fields.String(
        required=True,
        validate=validate.OneOf(LANGUAGES),
        metadata={"description": "of messages: Chinese, English, or Chinese with English below", "example": "both"},
    )


class PersonRecord(Strict):
    """A member of staff, as the directory knows them: where messages go, for which posts, in which language."""

    name = text(maximum=60, metadata={"example": "李承办"})
    email = _email()
    posts = fields.List(
        fields.String(validate=validate.OneOf(STAFF_POSTS)), required=True, metadata={"example": ["examiner"]}
    )
    language = _language()


class Person(PersonRecord):
    subject = fields.String(required=True, metadata={"description": "the `sub` of their token", "example": "li"})


class PersonList(Strict):
    items = fields.List(fields.Nested(Person), required=True)
    next = fields.String()


class AbsenceRecord(Strict):
    """Somebody is away, both days included; `cover` gets what is for them."""

    first = fields.Date(required=True, data_key="from", metadata={"example": "2013-10-08"})
    last = fields.Date(required=True, data_key="to", metadata={"example": "2013-10-18"})
    cover = text(maximum=200, metadata={"description": "subject of who stands in", "example": "wang"})


class Absence(AbsenceRecord):
    id = fields.UUID(required=True)


class PersonWithAbsences(Person):
    absences = fields.List(fields.Nested(Absence), required=True)


class Contact(Strict):
    """Where an organisation reads its messages, and in which language."""

    email = _email()
    language = _language()


def shown(schema: type[Strict], found: object) -> dict[str, Any]:
    """`found` as the schema writes it, without what is missing."""
    written: dict[str, Any] = instance(schema).dump(found)
    return {key: value for key, value in written.items() if value is not None}
