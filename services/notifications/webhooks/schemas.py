"""What is said and shown of webhooks."""

from __future__ import annotations

from functools import cache

from marshmallow import fields, validate

from services.notifications.webhooks.subscriptions import MAX_OVERLAP_HOURS, OVERLAP_HOURS
from shared.http.paging import AN_ID, BY_ID, Cursor, PageQuery
from shared.schemas import Answer, Bilingual, Strict, choice, text

MAX_URL = 2000
URL = {
    "description": "以https开头的公网地址 a public address, https",
    "example": "https://hooks.maker.example/quanheng",
}
TYPES = {"description": "事件类型；缺省为全部 which events; absent: all of them", "example": ["certificate.granted"]}


@cache
def record_of(kinds: tuple[str, ...]) -> type[Strict]:
    """What is said of a subscription, where events are of these kinds."""
    content = {
        "__module__": __name__,
        "__doc__": "Where to send events, and which.",
        "url": text(maximum=MAX_URL, metadata=URL),
        "types": fields.List(
            fields.String(validate=validate.OneOf(kinds)),
            load_default=list,
            validate=validate.Length(max=len(kinds)),
            metadata=TYPES,
        ),
    }
    return type("WebhookRecord", (Strict,), content)


class Rotation(Strict):
    """`overlap_hours`: how long what is sent is signed with the old secret too; 0 if it has leaked."""

    overlap_hours = fields.Integer(
        strict=True,
        load_default=OVERLAP_HOURS,
        validate=validate.Range(0, MAX_OVERLAP_HOURS),
        metadata={"description": "新旧密钥并用小时数", "example": OVERLAP_HOURS},
    )


class Disabled(Bilingual):
    """已停用: why nothing is sent any more, until it is enabled again."""

    at = fields.AwareDateTime(required=True)
    reason = choice("failing", "gone", metadata={"example": "failing"})


class Webhook(Answer):
    """事件推送: events are sent to `url` as they happen, in the order of the feed."""

    id = fields.UUID(required=True)
    url = fields.String(required=True, metadata=URL)
    types = fields.List(fields.String(), metadata=TYPES)
    state = choice("enabled", "disabled", metadata={"description": "启用、停用"})
    disabled = fields.Nested(Disabled, metadata={"description": "停用原因", "example": None})
    secret = fields.String(
        metadata={
            "description": "密钥，仅此一次 what signatures are made with: shown this once; absent in a dry run",
            "example": None,
        }
    )
    old_secret_until = fields.AwareDateTime(
        metadata={"description": "旧密钥并用至 so long the old secret signs as well", "example": None}
    )
    version = fields.Integer(required=True)
    created_at = fields.AwareDateTime(required=True)
    created_by = fields.String(required=True, metadata={"description": "the `sub` of their token", "example": "sun"})
    updated_at = fields.AwareDateTime(required=True)


class WebhookWithSecret(Webhook):
    """The secret is shown here and never again."""

    secret = fields.String(
        metadata={
            "description": "密钥，仅此一次 what signatures are made with; absent in a dry run",
            "example": "whsec_2fTqG…",
        }
    )


class Delivery(Answer):
    """推送记录: one request to the subscriber, and what came of it. `id` is its `Quanheng-Delivery`."""

    id = fields.UUID(required=True)
    at = fields.AwareDateTime(required=True)
    kind = choice("events", "test", metadata={"description": "事件、测试"})
    try_ = fields.Integer(required=True, data_key="try", metadata={"description": "第几次 of the same events"})
    outcome = choice(
        *("delivered", "refused", "redirected", "gone", "timed_out", "unreachable", "insecure", "no_public_address"),
        *("failed", "events_expired"),
    )
    status = fields.Integer(metadata={"description": "what the subscriber answered", "example": 204})
    milliseconds = fields.Integer(metadata={"example": 42})
    error = fields.String(metadata={"description": "why it did not arrive", "example": None})
    events = fields.Integer(required=True, metadata={"description": "how many"})
    first_sequence = fields.String(metadata={"description": "place in the feed of the first", "example": "42"})
    last_sequence = fields.String(metadata={"description": "and of the last", "example": "42"})


class Progress(Answer):
    """How far the subscription has come: every event up to `sequence` has arrived."""

    sequence = fields.String(required=True, metadata={"example": "42"})
    caught_up = fields.Boolean(required=True)
    tries = fields.Integer(required=True, metadata={"description": "of what is next, so far", "example": 0})
    next_try_at = fields.AwareDateTime(metadata={"description": "absent where nothing waits", "example": None})


class Deliveries(Answer):
    """The newest first; kept 30 days."""

    progress = fields.Nested(Progress, required=True)
    items = fields.List(fields.Nested(Delivery), required=True)
    next = fields.String(metadata={"description": "下一页 the page after this, if there is one", "example": None})


class DeliveriesQuery(PageQuery):
    """Which part of the log."""

    cursor = Cursor({BY_ID: [AN_ID]})
