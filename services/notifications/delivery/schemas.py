"""What is asked and answered about messages that did not arrive."""

from __future__ import annotations

from marshmallow import fields

from services.notifications.fields import ADDRESS, ATTEMPTS, NUMBER, RECIPIENT, TEMPLATE
from shared.http.paging import AN_ID, BY_ID, Cursor, PageQuery
from shared.labels import labelled
from shared.schemas import Answer
from shared.text import Text


class UndeliveredQuery(PageQuery):
    """Paging of the undelivered messages."""

    cursor = Cursor({BY_ID: [AN_ID]})


class Undelivered(Answer):
    """未送达通知。 A message that could not be mailed: its address, and the reason."""

    id = fields.UUID(required=True, metadata=labelled("通知的标识", "id of the message"))
    number = fields.String(metadata=NUMBER)
    recipient = fields.String(required=True, metadata=RECIPIENT)
    address = fields.String(required=True, metadata=ADDRESS)
    template = fields.String(required=True, metadata=TEMPLATE)
    at = fields.AwareDateTime(required=True, metadata=labelled("写成时间", "time of writing", hint=Text("UTC", "UTC")))
    attempts = fields.Integer(required=True, metadata=ATTEMPTS)
    error = fields.String(
        metadata=labelled("最近一次错误", "why the last attempt failed", example="550 no such mailbox")
    )


class Retried(Answer):
    """重发件数。 How many messages are queued again."""

    retried = fields.Integer(required=True, metadata=labelled("件数", "number of messages"))
