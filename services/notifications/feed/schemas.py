"""What is asked and answered about the feed."""

from __future__ import annotations

from marshmallow import fields, validate

from services.notifications.fields import HREF, NUMBER, SERVICE
from shared.labels import labelled
from shared.schemas import Digits, Strict
from shared.text import Text


class FeedQuery(Strict):
    """`after` is the `sequence` of the last event that you have."""

    limit = Digits(
        load_default=100,
        validate=validate.Range(1, 100),
        metadata=labelled("每次条数", "maximum number of events", example=100),
    )
    after = Digits(
        load_default=0,
        validate=validate.Range(0, 2**63 - 1),
        metadata=labelled("已取得的最后序号", "`sequence` of the last event you have", example=0),
    )


class FeedData(Strict):
    """事件摘要。 Whether to look at the case, and where."""

    state = fields.String(
        required=True, metadata=labelled("当时案件状态", "state of the case at that time", example="accepted")
    )
    service = fields.String(required=True, metadata=SERVICE)
    href = fields.String(
        required=True,
        metadata=HREF,
    )


class FeedEvent(Strict):
    """事件。 An event as CloudEvents 1.0 JSON."""

    specversion = fields.Constant("1.0", metadata=labelled("CloudEvents版本", "version of CloudEvents"))
    id = fields.UUID(required=True, metadata=labelled("事件的标识", "id of the event"))
    source = fields.String(
        required=True, metadata=labelled("来源服务", "service that published it", example="type_approval")
    )
    type = fields.String(required=True, metadata=labelled("事件类型", "type of event", example="application.accepted"))
    subject = fields.String(required=True, metadata=NUMBER)
    time = fields.AwareDateTime(
        required=True,
        metadata=labelled(
            "发生时间", "time of the event", hint=Text("UTC", "UTC"), example="2013-09-22T02:00:00+00:00"
        ),
    )
    sequence = fields.String(
        required=True,
        metadata=labelled(
            "序号",
            "position in the feed",
            hint=Text("定长，可按文本排序", "of fixed length, so that it sorts as text"),
            example="0000000000000000042",
        ),
    )
    datacontenttype = fields.Constant("application/json", metadata=labelled("内容格式", "media type of `data`"))
    data = fields.Nested(
        FeedData, required=True, metadata=labelled("事件摘要", "whether to look at the case, and where")
    )


class FeedPage(Strict):
    """事件流的一页。 `next` is always present: request it at once while there are events, and after a pause when there
    are none."""

    items = fields.List(
        fields.Nested(FeedEvent), required=True, metadata=labelled("事件", "events", hint=Text("按顺序", "in order"))
    )
    next = fields.String(
        required=True,
        metadata=labelled("下一页", "path of the next request", example="/v1/events?after=42&limit=100"),
    )
