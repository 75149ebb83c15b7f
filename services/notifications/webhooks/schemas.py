"""What is said and shown of webhooks."""

from __future__ import annotations

from functools import cache

from marshmallow import fields, validate

from services.notifications.webhooks.subscriptions import MAX_OVERLAP_HOURS, OVERLAP_HOURS
from shared.http.paging import AN_ID, BY_ID, Cursor, PageQuery
from shared.schemas import NEXT_PAGE, Answer, Bilingual, Strict, choice, text

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
        "__doc__": "推送到何处、推送哪些。 Where to send events, and which.",
        "url": text(maximum=MAX_URL, lines=False, metadata=URL),
        "types": fields.List(
            fields.String(validate=validate.OneOf(kinds)),
            load_default=list,
            validate=validate.Length(max=len(kinds)),
            metadata=TYPES,
        ),
    }
    return type("WebhookRecord", (Strict,), content)


class Rotation(Strict):
    """换密钥。 `overlap_hours`: how long what is sent is signed with the old secret too; 0 if it has leaked."""

    overlap_hours = fields.Integer(
        strict=True,
        load_default=OVERLAP_HOURS,
        validate=validate.Range(0, MAX_OVERLAP_HOURS),
        metadata={
            "description": "新旧密钥并用小时数 hours in which the old secret signs as well",
            "example": OVERLAP_HOURS,
        },
    )


class Disabled(Bilingual):
    """已停用: why nothing is sent any more, until it is enabled again."""

    at = fields.AwareDateTime(
        required=True, metadata={"description": "停用时刻 instant since which nothing is sent, UTC"}
    )
    reason = choice(
        "failing",
        "gone",
        metadata={
            "description": "failing 屡次失败 it failed for days, gone 已不存在 it answered 410",
            "example": "failing",
        },
    )


class Webhook(Answer):
    """事件推送: events are sent to `url` as they happen, in the order of the feed."""

    id = fields.UUID(required=True, metadata={"description": "推送的标识 id of the webhook"})
    url = fields.String(required=True, metadata=URL)
    types = fields.List(fields.String(), metadata=TYPES)
    state = choice("enabled", "disabled", metadata={"description": "enabled 启用 enabled, disabled 停用 disabled"})
    disabled = fields.Nested(
        Disabled, metadata={"description": "停用原因 why nothing is sent, if it is disabled", "example": None}
    )
    secret = fields.String(
        metadata={
            "description": "密钥，仅此一次 what signatures are made with: shown this once; absent in a dry run",
            "example": None,
        }
    )
    old_secret_until = fields.AwareDateTime(
        metadata={"description": "旧密钥并用至 instant until which the old secret signs as well, UTC", "example": None}
    )
    version = fields.Integer(required=True, metadata={"description": "版本 its ETag; one more with each change"})
    created_at = fields.AwareDateTime(
        required=True, metadata={"description": "建立时刻 instant at which it was made, UTC"}
    )
    created_by = fields.String(
        required=True, metadata={"description": "建立人 who made it: the `sub` of their token", "example": "sun"}
    )
    updated_at = fields.AwareDateTime(
        required=True, metadata={"description": "变动时刻 instant of its last change, UTC"}
    )


class WebhookWithSecret(Webhook):
    """事件推送，附密钥。 The secret is shown here and never again."""

    secret = fields.String(
        metadata={
            "description": "密钥，仅此一次 what signatures are made with; absent in a dry run",
            "example": "whsec_2fTqG…",
        }
    )


class Delivery(Answer):
    """推送记录: one request to the subscriber, and what came of it. `id` is its `Quanheng-Delivery`."""

    id = fields.UUID(required=True, metadata={"description": "推送记录的标识 id of the delivery"})
    at = fields.AwareDateTime(required=True, metadata={"description": "时刻 instant of the request, UTC"})
    kind = choice("events", "test", metadata={"description": "events 事件 what happened, test 测试 a trial"})
    try_ = fields.Integer(
        required=True, data_key="try", metadata={"description": "第几次 which try of the same events, from 1"}
    )
    outcome = choice(
        *("delivered", "refused", "redirected", "gone", "timed_out", "unreachable", "insecure", "no_public_address"),
        *("failed", "events_expired"),
        metadata={
            "description": (
                "delivered 已收, refused 拒收, redirected 转址, gone 已不存在, timed_out 超时, unreachable 不通,"
                " insecure 证书不可信, no_public_address 非公网, failed 失败, events_expired 过期: what came of it"
            )
        },
    )
    status = fields.Integer(metadata={"description": "HTTP状态码 status that the subscriber answered", "example": 204})
    milliseconds = fields.Integer(metadata={"description": "毫秒 milliseconds it took", "example": 42})
    error = fields.String(metadata={"description": "错误 why it did not arrive", "example": None})
    events = fields.Integer(required=True, metadata={"description": "事件数 how many events"})
    first_sequence = fields.String(
        metadata={"description": "首个序号 place in the feed of its first event", "example": "42"}
    )
    last_sequence = fields.String(
        metadata={"description": "末个序号 place in the feed of its last event", "example": "42"}
    )


class Progress(Answer):
    """推送进度。 How far the subscription has come: every event up to `sequence` has arrived."""

    sequence = fields.String(
        required=True,
        metadata={"description": "序号 place in the feed of the last event that arrived", "example": "42"},
    )
    caught_up = fields.Boolean(required=True, metadata={"description": "已全部送达 whether nothing waits"})
    tries = fields.Integer(
        required=True, metadata={"description": "已试次数 tries so far of what is next", "example": 0}
    )
    next_try_at = fields.AwareDateTime(
        metadata={
            "description": "下次重试时刻 instant of the next try, UTC; absent where nothing waits",
            "example": None,
        }
    )


class Deliveries(Answer):
    """推送记录，新的在前。 The newest first; kept 30 days."""

    progress = fields.Nested(Progress, required=True)
    items = fields.List(fields.Nested(Delivery), required=True)
    next = fields.String(metadata=NEXT_PAGE)


class DeliveriesQuery(PageQuery):
    """Which part of the log."""

    cursor = Cursor({BY_ID: [AN_ID]})
