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
