"""The internal API of parked events, the same in every service."""

from __future__ import annotations

from marshmallow import fields, validate

from shared.http.paging import BY_ID, Cursor, PageQuery, page
from shared.http.routes import Call, Reply, Route
from shared.labels import labelled
from shared.messaging.parked import discard, get_parked, list_parked, redrive
from shared.schemas import Answer, Strict, listed, text
from shared.text import Text

PATH = "/internal/v1/parked"


class ParkedQuery(PageQuery):
    """Paging of the parked events."""

    cursor = Cursor({BY_ID: [fields.Integer(strict=True, validate=validate.Range(0, 2**63 - 1))]})


class Discard(Strict):
    """放弃搁置事件。 Why a parked event is discarded."""

    reason = text(
        maximum=500,
        metadata=labelled("理由", "reason", hint=Text("记入日志", "kept in the log"), example="原事件有误，已另行更正"),
    )


class Redrive(Strict):
    """重试。 `subject` is a case number; without it, all parked events are retried."""

    subject = text(
        required=False,
        maximum=60,
        metadata=labelled("申请编号", "number of the application whose events to retry", example="TA-2013-00001"),
    )


class ParkedSummary(Answer):
    """搁置事件摘要。 An event that failed too often and waits for a person."""

    id = fields.Integer(required=True, metadata=labelled("标识", "id of the parked event"))
    source = fields.String(metadata=labelled("来源服务", "service that published it", example="type_approval"))
    case_id = fields.UUID(metadata=labelled("案件标识", "id of the case"))
    case_seq = fields.Integer(
        metadata=labelled("案件内序号", "sequence number within the case", hint=Text("从1起", "from 1"))
    )
    type = fields.String(metadata=labelled("事件类型", "type of event", example="application.accepted"))
    subject = fields.String(metadata=labelled("申请编号", "application number", example="TA-2013-00001"))
    attempts = fields.Integer(required=True, metadata=labelled("已尝试次数", "attempts so far"))
    error = fields.String(metadata=labelled("最近一次错误", "why the last attempt failed", example="KeyError('lines')"))
    held_at = fields.AwareDateTime(
        required=True, metadata=labelled("首次失败时间", "time since which it is held", hint=Text("UTC", "UTC"))
    )
    parked_at = fields.AwareDateTime(
        required=True, metadata=labelled("搁置时间", "time of parking", hint=Text("UTC", "UTC"))
    )


class ParkedEvent(ParkedSummary):
    """搁置事件。 A parked event with its original bytes."""

    body = fields.String(
        required=True,
        metadata=labelled("原文", "the original event (CloudEvents JSON)", example='{"specversion": "1.0"}'),
    )


class Redriven(Answer):
    """重试件数。 How many events are retried."""

    redriven = fields.Integer(required=True, metadata=labelled("件数", "number of events"))


class Discarded(Answer):
    """放弃件数。 How many events were discarded."""

    discarded = fields.Integer(required=True, metadata=labelled("件数", "number of events"))


def show_all(call: Call) -> Reply:
    asked = call.asked
    limit, (*_, after) = asked["limit"], asked.get("cursor", [0])
    with call.store.reading() as tx:
        found = list_parked(tx, after=after, limit=limit + 1)
    return page(call, found[:limit], [BY_ID, found[limit - 1]["id"]] if len(found) > limit else None)


def show(call: Call) -> Reply:
    with call.store.reading() as tx:
        return Reply(get_parked(tx, int(call.params["id"])))


def redrive_one(call: Call) -> Reply:
    with call.transaction() as tx:
        get_parked(tx, int(call.params["id"]))
        return Reply({"redriven": redrive(tx, call.actor.subject, held_id=int(call.params["id"]))})


def redrive_many(call: Call) -> Reply:
    body = call.body(Redrive())
    with call.transaction() as tx:
        return Reply({"redriven": redrive(tx, call.actor.subject, subject=body.get("subject"))})


def discard_one(call: Call) -> Reply:
    reason = call.body(Discard())["reason"]
    with call.transaction() as tx:
        discard(tx, call.actor.subject, int(call.params["id"]), reason)
    return Reply({"discarded": 1})


PARKED_ROUTES = [
    Route(
        "GET",
        PATH,
        show_all,
        "staff:operator",
        Text("搁置事件", "List parked events"),
        asks=ParkedQuery,
        gives=listed(ParkedSummary),
    ),
    Route(
        "GET",
        f"{PATH}/<int:id>",
        show,
        "staff:operator",
        Text("查看搁置事件", "Read a parked event"),
        gives=ParkedEvent,
    ),
    Route(
        "POST",
        f"{PATH}/actions/redrive",
        redrive_many,
        "staff:operator",
        Text("重试", "Retry parked events"),
        takes=Redrive,
        gives=Redriven,
    ),
    Route(
        "POST",
        f"{PATH}/<int:id>/actions/redrive",
        redrive_one,
        "staff:operator",
        Text("重试", "Retry a parked event"),
        gives=Redriven,
    ),
    Route(
        "POST",
        f"{PATH}/<int:id>/actions/discard",
        discard_one,
        "staff:operator",
        Text("放弃", "Discard a parked event"),
        takes=Discard,
        gives=Discarded,
    ),
]
