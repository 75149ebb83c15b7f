"""What is asked and answered about messages."""

from __future__ import annotations

from marshmallow import fields, validate

from services.notifications.fields import ADDRESS, ATTEMPTS, HREF, LANGUAGE, LANGUAGES, NUMBER, RECIPIENT, TEMPLATE
from shared.http.paging import AN_ID, BY_ID, Cursor, PageQuery
from shared.labels import labelled
from shared.schemas import NEXT_PAGE, Answer, Bilingual, Flag, choice, text
from shared.text import Text


class MessageHead(Answer):
    """通知摘要。 A message without its text."""

    id = fields.UUID(required=True, metadata=labelled("通知的标识", "id of the message"))
    recipient = fields.String(required=True, metadata=RECIPIENT)
    template = fields.String(required=True, metadata=TEMPLATE)
    template_version = fields.Integer(required=True, metadata=labelled("模板版本", "version of the template"))
    language = fields.String(required=True, validate=validate.OneOf(LANGUAGES), metadata=LANGUAGE)
    subject = fields.String(
        required=True,
        metadata=labelled("标题", "subject as it was sent", example="TA-2013-00001 已收件 TA-2013-00001 received"),
    )
    subjects = fields.Nested(
        Bilingual,
        required=True,
        metadata=labelled(
            "中英文标题",
            "subject in each language",
            hint=Text("以前版本写成的，为发送时的标题", "as it was sent, in messages of earlier releases"),
            example={"zh": "TA-2013-00001 已收件", "en": "TA-2013-00001 received"},
        ),
    )
    at = fields.AwareDateTime(required=True, metadata=labelled("写成时间", "time of writing", hint=Text("UTC", "UTC")))
    read_at = fields.AwareDateTime(
        metadata=labelled("阅读时间", "time of reading", hint=Text("UTC；未读的没有", "UTC; absent if unread"))
    )


class MessageText(MessageHead):
    """通知原文。 A message with its text as sent."""

    body = fields.String(required=True, metadata=labelled("正文", "text"))


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
        metadata=labelled(
            "邮件状态",
            "state of its mail",
            choices={
                "kept": Text("仅存收件箱", "kept in the inbox only"),
                "waiting": Text("待汇总", "waiting for the digest"),
                "digested": Text("已汇总", "in a digest"),
                "queued": Text("待发", "queued"),
                "sent": Text("已发", "sent"),
                "failed": Text("未送达", "failed"),
            },
        ),
    )
    sent_at = fields.AwareDateTime(
        metadata=labelled("发出时间", "time at which the mail server accepted it", hint=Text("UTC", "UTC"))
    )
    inbox = fields.String(metadata=labelled("收件箱", "owner of the inbox", example="staff:li"))
    attempts = fields.Integer(metadata=ATTEMPTS)
    next_try_at = fields.AwareDateTime(
        metadata=labelled("下次重试时间", "time of the next attempt", hint=Text("UTC", "UTC"), example=None)
    )
    error = fields.String(metadata=labelled("最近一次错误", "why the last attempt failed", example=None))
    digest = fields.UUID(metadata=labelled("汇总通知的标识", "id of the digest that included it", example=None))


class Messages(Answer):
    """案件的通知。 The messages of a case that the caller may read."""

    number = fields.String(required=True, metadata=NUMBER)
    items = fields.List(
        fields.Nested(Message),
        required=True,
        metadata=labelled("通知", "the messages", hint=Text("最早的在先", "oldest first")),
    )


class InboxQuery(PageQuery):
    """Filters and paging; newest first."""

    cursor = Cursor({BY_ID: [AN_ID]})

    unread = Flag(asked=True, load_default=False, metadata=labelled("只看未读", "unread messages only", example=False))
    case = text(
        required=False,
        maximum=60,
        metadata=labelled("申请编号", "messages about this application only", example="TA-2013-00001"),
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
        required=True,
        metadata=labelled(
            "未读件数", "unread messages", hint=Text("1000表示1000及以上", "1000 means 1000 or more"), example=3
        ),
    )
    items = fields.List(fields.Nested(InboxItem), required=True)
    next_ = fields.String(data_key="next", metadata=NEXT_PAGE)
