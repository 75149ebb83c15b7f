"""The internal API of parked events, the same for each service."""

from __future__ import annotations

from shared.http.routes import Call, Reply, Route
from shared.messaging.parked import discard, get_parked, list_parked, redrive
from shared.problems import Problem
from shared.schemas import Strict, text

PATH = "/internal/v1/parked"
PAGE = 100


class Discard(Strict):
    reason = text(maximum=500)


class Redrive(Strict):
    """`subject` is a case number; without it, all parked events are tried again."""

    subject = text(required=False, maximum=60)


def show_all(call: Call) -> Reply:
    after = call.query.get("cursor", "0")
    if not after.isdigit():
        raise Problem("malformed", f"cursor={after!r}: take it from `next`")
    with call.store.reading() as tx:
        items = list_parked(tx, after=int(after), limit=PAGE)
    return Reply({"items": items} | ({"next": f"{PATH}?cursor={items[-1]['id']}"} if len(items) == PAGE else {}))


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
    Route("GET", PATH, show_all, "staff", "List parked events 搁置事件"),
    Route("GET", f"{PATH}/<int:id>", show, "staff", "Read a parked event 查看搁置事件"),
    Route("POST", f"{PATH}/actions/redrive", redrive_many, "staff", "Try parked events again 重试"),
    Route("POST", f"{PATH}/<int:id>/actions/redrive", redrive_one, "staff", "Try a parked event again 重试"),
    Route("POST", f"{PATH}/<int:id>/actions/discard", discard_one, "staff", "Give a parked event up 放弃"),
]
