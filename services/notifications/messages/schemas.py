"""What is asked and answered about messages."""

from __future__ import annotations

from marshmallow import fields, validate

from services.notifications.fields import ADDRESS, ATTEMPTS, HREF, LANGUAGE, LANGUAGES, NUMBER, RECIPIENT, TEMPLATE
from shared.http.paging import AN_ID, BY_ID, Cursor, PageQuery
from shared.schemas import NEXT_PAGE, Answer, Flag, choice, text


class MessageHead(Answer):
    """通知摘要。 A message without its text."""

    id = fields.UUID(required=True, metadata={"description": "通知的标识 id of the message"})
    recipient = fields.String(required=True, metadata=RECIPIENT)
    template = fields.String(required=True, metadata=TEMPLATE)
    template_version = fields.Integer(required=True, metadata={"description": "模板版本 version of the template"})
    language = fields.String(required=True, validate=validate.OneOf(LANGUAGES), metadata=LANGUAGE)
    subject = fields.String(
        required=True,
        metadata={"description": "标题 subject", "example": "TA-2013-00001 已收件 TA-2013-00001 received"},
    )
    at = fields.AwareDateTime(required=True, metadata={"description": "写成时间 time of writing, UTC"})
    read_at = fields.AwareDateTime(metadata={"description": "阅读时间 time of reading, UTC; absent if unread"})


class MessageText(MessageHead):
    """通知原文。 A message with its text as sent."""

    body = fields.String(required=True, metadata={"description": "正文 text"})


class Message(MessageText):
    """通知: the message as sent, and the state of its mail: kept only in the inbox, waiting for the daily digest,
    included in a digest, queued, sent, or failed for good. Only the office sees the delivery details."""

    address = fields.String(metadata=ADDRESS)
    state = choice(
        "kept",
        "waiting",
        "digested",
        "queued",
        "sent",
        "failed",
        metadata={
            "description": (
                "kept 仅存收件箱, waiting 待汇总, digested 已汇总, queued 待发, sent 已发, failed 未送达 state"
                " of its mail"
            )
        },
    )
    sent_at = fields.AwareDateTime(metadata={"description": "发出时间 time at which the mail server accepted it, UTC"})
    inbox = fields.String(metadata={"description": "收件箱 owner of the inbox", "example": "staff:li"})
    attempts = fields.Integer(metadata=ATTEMPTS)
    next_try_at = fields.AwareDateTime(
        metadata={"description": "下次重试时间 time of the next attempt, UTC", "example": None}
    )
    error = fields.String(metadata={"description": "最近一次错误 why the last attempt failed", "example": None})
    digest = fields.UUID(metadata={"description": "汇总通知的标识 id of the digest that included it", "example": None})


class Messages(Answer):
    """案件的通知。 The messages of a case that the caller may read."""

    number = fields.String(required=True, metadata=NUMBER)
    items = fields.List(
        fields.Nested(Message), required=True, metadata={"description": "通知 the messages, oldest first"}
    )


class InboxQuery(PageQuery):
    """Filters and paging; newest first."""

    cursor = Cursor({BY_ID: [AN_ID]})

    unread = Flag(
        asked=True, load_default=False, metadata={"description": "只看未读 unread messages only", "example": False}
    )
    case = text(
        required=False,
        maximum=60,
        metadata={"description": "申请编号 messages about this application only", "example": "TA-2013-00001"},
    )


class InboxItem(MessageHead):
    """收件箱条目。 A message to the caller, in a list; its text is to be read by its id."""

    number = fields.String(metadata=NUMBER)
    href = fields.String(metadata=HREF)


class InboxMessage(InboxItem, MessageText):
    """通知: a message to the caller."""


class Inbox(Answer):
    """收件箱: a page of the caller's messages."""

    unread = fields.Integer(
        required=True, metadata={"description": "未读件数 unread messages; 1000 means 1000 or more", "example": 3}
    )
    items = fields.List(fields.Nested(InboxItem), required=True)
    next_ = fields.String(data_key="next", metadata=NEXT_PAGE)
