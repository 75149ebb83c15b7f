"""The API of messages that did not arrive."""

from __future__ import annotations

from services.notifications.delivery import schemas
from services.notifications.delivery.undelivered import FIRST, list_undelivered, retry_all, retry_one
from shared.http import Call, Reply, Route
from shared.http.paging import BY_ID, page
from shared.schemas import listed
from shared.text import Text


def show_undelivered(call: Call) -> Reply:
    limit, (*_, after) = call.asked["limit"], call.asked.get("cursor", [FIRST])
    with call.store.reading() as tx:
        found = list_undelivered(tx, after=after, limit=limit + 1)
    return page(call, found[:limit], [BY_ID, found[limit - 1]["id"]] if len(found) > limit else None)


def retry_undelivered(call: Call) -> Reply:
    with call.transaction() as tx:
        return Reply({"retried": retry_one(tx, call.actor.subject, call.params["id"], call.now)})


def retry_all_undelivered(call: Call) -> Reply:
    with call.transaction() as tx:
        return Reply({"retried": retry_all(tx, call.actor.subject, call.now)})


UNDELIVERED = "/internal/v1/undelivered"

UNDELIVERED_ROUTES = [
    Route(
        *("GET", UNDELIVERED, show_undelivered, "staff:operator", Text("未送达通知", "List undelivered messages")),
        asks=schemas.UndeliveredQuery,
        gives=listed(schemas.Undelivered),
    ),
    Route(
        *(
            "POST",
            f"{UNDELIVERED}/actions/retry",
            retry_all_undelivered,
            "staff:operator",
            Text("全部重发", "Retry all undelivered messages"),
        ),
        gives=schemas.Retried,
    ),
    Route(
        *(
            "POST",
            f"{UNDELIVERED}/<id>/actions/retry",
            retry_undelivered,
            "staff:operator",
            Text("重发", "Retry an undelivered message"),
        ),
        gives=schemas.Retried,
    ),
]
