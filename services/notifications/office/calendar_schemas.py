"""What is asked and answered about calendars and the keys to them."""

from __future__ import annotations

from marshmallow import fields

from services.notifications.fields import BEGINS, HOLDER, NUMBER, PROVISIONAL, SERVICE
from services.notifications.office.schemas import WorkLimit
from shared.labels import labelled
from shared.schemas import Answer, Strict, choice, text
from shared.text import Text

_KEY_MADE = labelled("生成时刻", "when it was made", hint=Text("一年后失效", "it lapses a year later"))


class CalendarKey(Answer):
    """日历密钥。 A key for calendar programs; the key itself is told once."""

    made_at = fields.AwareDateTime(required=True, metadata=_KEY_MADE)


class NewCalendarKey(CalendarKey):
    """新日历密钥。 A new key for calendar programs."""

    key = fields.String(
        required=True,
        metadata=labelled(
            "密钥",
            "the key",
            hint=Text("只显示一次", "shown once"),
            example="Uo2zq4nSMVYb5mXoK0m3dGm6cO7n7b2Jm0l5vXo1y5s",
        ),
    )


class CalendarQuery(Strict):
    """Whose calendar it is."""

    key = text(
        maximum=100,
        metadata=labelled("日历密钥", "the key", example="Uo2zq4nSMVYb5mXoK0m3dGm6cO7n7b2Jm0l5vXo1y5s"),
    )


class DueItem(Answer):
    """期限。 A limit of an open case."""

    number = fields.String(required=True, metadata=NUMBER)
    service = fields.String(required=True, metadata=SERVICE)
    holder = fields.String(required=True, metadata=HOLDER)
    limit = fields.Nested(WorkLimit, required=True, metadata=labelled("期限", "the limit"))
    begins_on = fields.Date(metadata=BEGINS)
    due_on = fields.Date(required=True, metadata=labelled("届满日", "last day"))
    provisional = fields.Boolean(metadata=PROVISIONAL)


class Calendar(Answer):
    """期限日历。 What is due, by day; no more of a case than its number."""

    side = choice(
        *("applicant", "lab", "expert", "staff"),
        metadata=labelled(
            "哪一方",
            "side",
            choices={
                "applicant": Text("申请单位", "applicant"),
                "lab": Text("技术机构", "laboratory"),
                "expert": Text("考评员", "expert"),
                "staff": Text("行政机关", "office"),
            },
            example="applicant",
        ),
    )
    items = fields.List(fields.Nested(DueItem), required=True)
