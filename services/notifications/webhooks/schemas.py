"""Schemas of webhooks."""

from __future__ import annotations

from functools import cache

from marshmallow import fields, validate

from services.notifications.webhooks.subscriptions import MAX_OVERLAP_HOURS, OVERLAP_HOURS
from shared.http.paging import AN_ID, BY_ID, Cursor, PageQuery
from shared.labels import labelled
from shared.schemas import NEXT_PAGE, Answer, Bilingual, Strict, choice, several, text
from shared.text import Text

MAX_URL = 2000
URL = labelled("以https开头的公网地址", "public https URL", example="https://hooks.maker.example/quanheng")
TYPES = labelled("事件类型", "event types", hint=Text("缺省为全部", "absent: all"), example=["certificate.granted"])


@cache
def record_of(kinds: tuple[str, ...]) -> type[Strict]:
    """The schema of a subscription request; `kinds` are the event types it may name."""
    content = {
        "__module__": __name__,
        "__doc__": "推送地址和事件类型。 Where to send events, and of which types.",
        "url": text(maximum=MAX_URL, lines=False, metadata=URL),
        "types": several(
            choice(*kinds),
            required=False,
            load_default=list,
            minimum=0,
            maximum=len(kinds),
            unique_by=(),
            metadata=TYPES,
        ),
    }
    return type("WebhookRecord", (Strict,), content)


class Rotation(Strict):
    """更换密钥。 `overlap_hours`: how long requests are also signed with the old secret; 0 if it has leaked."""

    overlap_hours = fields.Integer(
        strict=True,
        load_default=OVERLAP_HOURS,
        validate=validate.Range(0, MAX_OVERLAP_HOURS),
        metadata=labelled("新旧密钥并用小时数", "hours during which the old secret also signs", example=OVERLAP_HOURS),
    )


class Disabled(Bilingual):
    """已停用: why sending stopped; it resumes once the webhook is enabled again."""

    at = fields.AwareDateTime(
        required=True, metadata=labelled("停用时间", "time from which nothing is sent", hint=Text("UTC", "UTC"))
    )
    reason = choice(
        "failing",
        "gone",
        metadata=labelled(
            "停用原因",
            "why it was disabled",
            choices={
                "failing": Text("屡次失败", "every attempt failed for a day"),
                "gone": Text("已不存在", "the receiver answered 410"),
            },
            example="failing",
        ),
    )


class Webhook(Answer):
    """事件推送: events are sent to `url` as they happen, in the order of the feed."""

    id = fields.UUID(required=True, metadata=labelled("推送的标识", "id of the webhook"))
    url = fields.String(required=True, metadata=URL)
    types = fields.List(fields.String(), metadata=TYPES)
    state = choice(
        "enabled",
        "disabled",
        metadata=labelled(
            "状态", "state", choices={"enabled": Text("启用", "enabled"), "disabled": Text("停用", "disabled")}
        ),
    )
    disabled = fields.Nested(
        Disabled,
        metadata=labelled(
            "停用原因", "why sending stopped", hint=Text("停用时才有", "if it is disabled"), example=None
        ),
    )
    secret = fields.String(
        metadata=labelled(
            "密钥",
            "signing key",
            hint=Text("仅显示一次，试算时没有", "shown only once; absent in a dry run"),
            example=None,
        )
    )
    old_secret_until = fields.AwareDateTime(
        metadata=labelled(
            "旧密钥并用至", "time until which the old secret also signs", hint=Text("UTC", "UTC"), example=None
        )
    )
    version = fields.Integer(
        required=True,
        metadata=labelled(
            "版本", "version", hint=Text("与ETag一致，随变动递增", "as in its ETag; increases with each change")
        ),
    )
    created_at = fields.AwareDateTime(
        required=True, metadata=labelled("建立时间", "time of creation", hint=Text("UTC", "UTC"))
    )
    created_by = fields.String(
        required=True,
        metadata=labelled(
            "建立人", "who created it", hint=Text("令牌中的`sub`", "the `sub` of their token"), example="sun"
        ),
    )
    updated_at = fields.AwareDateTime(
        required=True, metadata=labelled("变动时间", "time of the last change", hint=Text("UTC", "UTC"))
    )


class WebhookWithSecret(Webhook):
    """事件推送，附密钥。 The secret is shown only here."""

    secret = fields.String(
        metadata=labelled(
            "密钥",
            "signing key",
            hint=Text("仅显示一次，试算时没有", "shown only once; absent in a dry run"),
            example="whsec_2fTqG…",
        )
    )


class Delivery(Answer):
    """推送记录: one request to the receiver, and its outcome. `id` is its `Webhook-Id` header."""

    id = fields.UUID(required=True, metadata=labelled("推送记录的标识", "id of the delivery"))
    at = fields.AwareDateTime(
        required=True, metadata=labelled("推送时间", "time of the request", hint=Text("UTC", "UTC"))
    )
    kind = choice(
        "events",
        "test",
        metadata=labelled(
            "内容",
            "what was sent",
            choices={"events": Text("事件", "real events"), "test": Text("测试", "a test event")},
        ),
    )
    try_ = fields.Integer(
        required=True,
        data_key="try",
        metadata=labelled("第几次尝试", "number of the attempt for the same events", hint=Text("从1起", "from 1")),
    )
    outcome = choice(
        *("delivered", "refused", "redirected", "gone", "timed_out", "unreachable", "insecure", "no_public_address"),
        *("failed", "events_expired"),
        metadata=labelled(
            "结果",
            "outcome",
            choices={
                "delivered": Text("已送达", "delivered"),
                "refused": Text("拒收", "refused"),
                "redirected": Text("重定向", "redirected"),
                "gone": Text("已不存在", "gone"),
                "timed_out": Text("超时", "timed out"),
                "unreachable": Text("无法连接", "unreachable"),
                "insecure": Text("证书无效", "invalid certificate"),
                "no_public_address": Text("非公网", "no public address"),
                "failed": Text("失败", "failed"),
                "events_expired": Text("过期", "events expired"),
            },
        ),
    )
    status = fields.Integer(metadata=labelled("HTTP状态码", "HTTP status of the receiver's response", example=204))
    milliseconds = fields.Integer(metadata=labelled("用时毫秒数", "duration in milliseconds", example=42))
    error = fields.String(metadata=labelled("错误", "why it did not arrive", example=None))
    events = fields.Integer(required=True, metadata=labelled("事件数", "number of events"))
    first_sequence = fields.String(metadata=labelled("首个事件序号", "feed position of its first event", example="42"))
    last_sequence = fields.String(metadata=labelled("末个事件序号", "feed position of its last event", example="42"))


class Progress(Answer):
    """推送进度。 How far delivery has come: every event up to `sequence` has arrived."""

    sequence = fields.String(
        required=True,
        metadata=labelled("序号", "feed position of the last event that arrived", example="42"),
    )
    caught_up = fields.Boolean(required=True, metadata=labelled("已全部送达", "whether everything has been delivered"))
    tries = fields.Integer(
        required=True, metadata=labelled("已尝试次数", "attempts so far for the next events", example=0)
    )
    next_try_at = fields.AwareDateTime(
        metadata=labelled(
            "下次重试时间",
            "time of the next attempt",
            hint=Text("UTC；没有待发的则无此项", "UTC; absent if nothing is pending"),
            example=None,
        )
    )


class Deliveries(Answer):
    """推送记录，新的在前。 Newest first; kept 30 days."""

    progress = fields.Nested(Progress, required=True, metadata=labelled("推送进度", "how far delivery has come"))
    items = fields.List(fields.Nested(Delivery), required=True)
    next = fields.String(metadata=NEXT_PAGE)


class DeliveriesQuery(PageQuery):
    """Paging of the log."""

    cursor = Cursor({BY_ID: [AN_ID]})
